"""A batch taken out by a coordinator: to a folder, or as one ZIP that streams; each time the audit log says so."""

import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.exports.billing.batch import BatchDiffers, ExportPlan, write_batch
from sesame_fhir.exports.billing.cells import CannotWrite
from sesame_fhir.exports.billing.head import BatchHead, head_of
from sesame_fhir.exports.billing.manifest import Manifest
from sesame_fhir.exports.billing.zipped import zip_chunks
from sesame_fhir.services.billing.exporting import export_lines, exportable, trace_export
from sesame_fhir.services.billing.setting import Billing, Coordinator


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


def take_out(billing: Billing, who: Coordinator, batch_id: str, parent: Path, plan: ExportPlan) -> Taken:
    """Write a batch to a folder of its own in ``parent`` (``<batch>``, or ``<batch>-preview`` until it is submitted).

    Raises:
        Refused: no such batch, a draft, nothing in it, another role, a site out of reach, a claim that does not fit a
            layout, lines that are not those that were frozen.
        FolderBusy, NameTaken: see ``write_batch``.
    """
    head = _head(billing, who, batch_id)
    path = parent / head.name
    try:
        manifest = write_batch(head, export_lines(billing, who, batch_id), path, plan)
    except CannotWrite as problem:
        raise Refused(Reason(ReasonCode.LINE_DOES_NOT_FIT, str(problem))) from problem
    except BatchDiffers as problem:
        raise Refused(Reason(ReasonCode.BATCH_CHANGED, batch_id)) from problem
    trace_export(billing, who, "batch", {"batch": head.name})
    return Taken(path, manifest)


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


def _head(billing: Billing, who: Coordinator, batch_id: str) -> BatchHead:
    found = exportable(billing, who, batch_id)
    return head_of(found.batch, found.biller, found.totals, found.examples)
