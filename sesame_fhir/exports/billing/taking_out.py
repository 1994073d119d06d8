"""A batch taken out by a coordinator: to a folder, or as one ZIP that streams; each time the audit log says so."""

import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.exports.billing.batch import BatchDiffers, ExportPlan, Format, file_names, write_batch
from sesame_fhir.exports.billing.cells import CannotWrite
from sesame_fhir.exports.billing.head import BatchHead, head_of
from sesame_fhir.exports.billing.manifest import Manifest
from sesame_fhir.exports.billing.zipped import zip_chunks
from sesame_fhir.services.billing.exporting import export_lines, exportable, trace_export
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.errors import NotFound

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """An export that is written: its folder and what is in it."""

    path: Path
    manifest: Manifest


class ZipStream(Iterator[bytes]):
    """The pieces of a ZIP; the folder that they come from goes with the last one, or when nobody wants more."""

    def __init__(self, chunks: Generator[bytes, None, None], kept: "tempfile.TemporaryDirectory[str]") -> None:
        self._chunks, self._kept = chunks, kept

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            self.close()
            raise

    def close(self) -> None:
        """Stop here, also before the first piece; a server calls it when the browser has gone."""
        self._chunks.close()
        self._kept.cleanup()


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be taken out of a batch, before anything is written. ``files``: names by format, see ``file_names``."""

    head: BatchHead
    files: dict[Format | None, tuple[str, ...]]


def offer(billing: Billing, who: Coordinator, batch_id: str, plan: ExportPlan) -> Offer:
    """Say what an export of a batch would hold; nothing leaves, and the audit log says nothing.

    Raises:
        Refused: no such batch, a draft, nothing in it, another role, lines of a site out of reach.
    """
    head = _head(billing, who, batch_id)
    if billing.stores.batches.totals(batch_id, who.sites) != head.totals:
        raise Refused(Reason(ReasonCode.OUT_OF_SCOPE, batch_id))
    return Offer(head, file_names(head, plan))


def take_out(billing: Billing, who: Coordinator, batch_id: str, parent: Path, plan: ExportPlan) -> Taken:
    """Write a batch to a folder of its own in ``parent`` (``<batch>``, or ``<batch>-preview`` until it is submitted).

    Raises:
        Refused: no such batch, a draft, nothing in it, another role, a site out of reach, a claim that does not fit a
            layout, lines that are not those that were frozen.
        FolderBusy, NameTaken: see ``write_batch``.
    """
    head = _head(billing, who, batch_id)
    manifest = _written(billing, who, head, parent / head.name, plan)
    trace_export(billing, who, "batch", {"batch": head.name})
    return Taken(parent / head.name, manifest)


def take_out_file(
    billing: Billing, who: Coordinator, batch_id: str, name: str, plan: ExportPlan
) -> tuple[str, Iterator[bytes]]:
    """One file of an export: the name that it leaves under, and its bytes piece by piece; only its format is written.

    Raises:
        Refused: as ``take_out``.
        NotFound: the export has no such file.
    """
    head = _head(billing, who, batch_id)
    formats = {name: one for one, names in file_names(head, plan).items() for name in names}
    if name not in formats:
        raise NotFound("file")
    only = formats[name]
    with tempfile.TemporaryDirectory(prefix="sesame-export-") as kept:
        path = Path(kept) / head.name
        _written(billing, who, head, path, plan if only is None else replace(plan, formats=(only,)))
        opened = (path / name).open("rb")
    trace_export(billing, who, "batch", {"batch": head.name, "file": name})
    return f"{head.name}-{name}", _chunks(opened)


def _written(billing: Billing, who: Coordinator, head: BatchHead, path: Path, plan: ExportPlan) -> Manifest:
    batch_id = head.batch.batch_id
    try:
        return write_batch(head, export_lines(billing, who, batch_id), path, plan)
    except CannotWrite as problem:
        raise Refused(Reason(ReasonCode.LINE_DOES_NOT_FIT, str(problem))) from problem
    except BatchDiffers as problem:
        raise Refused(Reason(ReasonCode.BATCH_CHANGED, batch_id)) from problem


def take_out_zipped(billing: Billing, who: Coordinator, batch_id: str, plan: ExportPlan) -> tuple[str, ZipStream]:
    """The same as a ZIP: its file name, and its bytes piece by piece.

    Everything is written, and what stands against it is raised, before this returns; the files are in a temporary
    folder until the last piece was taken, or the iterator is closed.
    """
    kept = tempfile.TemporaryDirectory(prefix="sesame-export-")
    try:
        taken = take_out(billing, who, batch_id, Path(kept.name), plan)
    except BaseException:
        kept.cleanup()
        raise
    return f"{taken.path.name}.zip", ZipStream(zip_chunks(taken.path), kept)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """An open file, whose name is gone by then."""
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _head(billing: Billing, who: Coordinator, batch_id: str) -> BatchHead:
    found = exportable(billing, who, batch_id)
    return head_of(found.batch, found.biller, found.totals, found.examples)
