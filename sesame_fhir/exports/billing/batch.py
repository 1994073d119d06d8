"""A frozen or submitted batch as a folder of files, in one pass over its lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mappings.billing.layout import Layout, shipped
from sesame_fhir.exports.billing.folder import Folder, folder
from sesame_fhir.exports.billing.head import BatchHead
from sesame_fhir.exports.billing.manifest import Manifest, manifest_of
from sesame_fhir.exports.billing.resources import Outward
from sesame_fhir.exports.billing.summary import summary_page
from sesame_fhir.exports.billing.sums import Sums
from sesame_fhir.exports.billing.values import Record
from sesame_fhir.exports.billing.writers import BatchWriter, Ndjson, Tables, Transactions, write_lines
from sesame_fhir.services.billing.records import BatchLine, BatchStatus


class Format(StrEnum):
    """What an export can hold."""

    NDJSON = "ndjson"
    TRANSACTION = "transaction"
    CSV = "csv"
    SUMMARY = "summary"


ALL = tuple(Format)
NEUTRAL = "neutral-claims"


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What is written of a batch. ``base``: public address of our FHIR interface, without a slash at its end."""

    base: str
    formats: Sequence[Format] = ALL
    layouts: Sequence[Layout] = ()
    part_claims: int = 200


class BatchDiffers(ValueError):  # noqa: N818  named as the fact it reports
    """The lines are not those of its totals, or that were frozen: it changed meanwhile, or its lines were touched."""


def write_batch(head: BatchHead, lines: Iterable[BatchLine], path: Path, plan: ExportPlan) -> Manifest:
    """Write the files of a batch to a folder, its manifest last. The same batch again gives the same bytes.

    ``lines`` are those not held, in the store's order; nothing of them is kept, so that memory does not grow with them.

    Raises:
        BatchDiffers: count or sums are not ``head.totals``, or the lines are not those that were frozen.
        CannotWrite: a claim, or the batch's own record, does not fit a layout.
        FolderBusy: another export is being written there.
    """
    layouts = tuple(plan.layouts) or (shipped(NEUTRAL),)
    with folder(path) as opened:
        sums, outward = Sums(), Outward(head, plan.base)
        write_lines(outward, _writers(opened, outward, plan, layouts), _counted(head, lines, sums))
        _check(head, sums)
        if Format.SUMMARY in plan.formats:
            _put(opened, head.file_name("summary.html"), summary_page(head, sums).encode())
        named = tuple(f"{one.name} {one.version}" for one in layouts) if Format.CSV in plan.formats else ()
        manifest = manifest_of(head, sums, named, opened.ended)
        _put(opened, head.file_name("manifest.json"), manifest.to_json())
        opened.name_all()
    return manifest


def file_names(head: BatchHead, plan: ExportPlan) -> dict[Format | None, tuple[str, ...]]:
    """The files that ``write_batch`` makes, by format; under None the manifest, which is of all of them."""
    layouts = tuple(plan.layouts) or (shipped(NEUTRAL),)
    names: dict[Format | None, tuple[str, ...]] = {
        Format.NDJSON: Ndjson.names(),
        Format.TRANSACTION: Transactions.names(head.totals.lines, plan.part_claims),
        Format.CSV: tuple(layout.file_name for layout in layouts),
        Format.SUMMARY: ("summary.html",),
    }
    wanted = {one: names[one] for one in Format if one in plan.formats} | {None: ("manifest.json",)}
    return {one: tuple(map(head.file_name, found)) for one, found in wanted.items()}


def _writers(opened: Folder, outward: Outward, plan: ExportPlan, layouts: Sequence[Layout]) -> list[BatchWriter]:
    made: list[BatchWriter] = []
    if Format.NDJSON in plan.formats:
        made.append(Ndjson(opened, outward))
    if Format.TRANSACTION in plan.formats:
        made.append(Transactions(opened, outward, plan.part_claims))
    if Format.CSV in plan.formats:
        made.append(Tables(opened, outward.head, layouts))
    return made


def _counted(head: BatchHead, lines: Iterable[BatchLine], sums: Sums) -> Iterator[Record]:
    """Number the lines and count them."""
    for number, line in enumerate(lines, start=1):
        record = Record(number, line, head.is_example(line.terms))
        sums.add(record)
        yield record


def _check(head: BatchHead, sums: Sums) -> None:
    found = (sums.total.lines, sums.total.amount, sums.total.share)
    as_frozen = not head.preview or head.batch.status is BatchStatus.SUBMITTING or sums.digest == head.batch.digest
    if found != (head.totals.lines, head.totals.amount, head.totals.share) or not as_frozen:
        raise BatchDiffers(head.batch.batch_id)


def _put(opened: Folder, name: str, data: bytes) -> None:
    growing = opened.begin(name)
    growing.write(data, 1)
    opened.end(growing)
