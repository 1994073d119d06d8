"""A batch's export: its manifest on a page, the files one by one or as one ZIP. Made anew each time, byte for byte."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from flask import Response

from mappings.billing.layout import Kind
from sesame_fhir.domain.billing.money import from_cents
from sesame_fhir.exports.billing.batch import ExportPlan
from sesame_fhir.exports.billing.manifest import manifest_path
from sesame_fhir.exports.billing.taking_out import take_out, take_out_zipped
from sesame_fhir.services.errors import NotFound
from smart_app.team.billing.desk import Desk, desk_of, show
from smart_app.team.context import TeamContext

_APP = "/app"
_CHUNK = 256 * 1024
_TYPES = {
    ".ndjson": "application/fhir+ndjson",
    ".json": "application/json",
    ".csv": "text/csv",
    ".html": "text/html",
}


def show_export(page: TeamContext, batch_id: str) -> str:
    """The manifest of a batch that is frozen at least, with its files. Raises Refused."""
    desk = desk_of(page)
    with tempfile.TemporaryDirectory() as parent:
        taken = take_out(desk.billing, desk.who, batch_id, Path(parent), _plan(desk))
        own = manifest_path(taken.path)
    return show(desk, "export.html", manifest=taken.manifest, own="" if own is None else own.name, cents=from_cents)


def export_archive(page: TeamContext, batch_id: str) -> Response:
    """The whole export as a ZIP. Raises Refused."""
    desk = desk_of(page)
    name, chunks = take_out_zipped(desk.billing, desk.who, batch_id, _plan(desk))
    return _file(chunks, name, "application/zip")


def export_file(page: TeamContext, batch_id: str, name: str) -> Response:
    """One file of the export. Raises Refused, NotFound."""
    desk = desk_of(page)
    with tempfile.TemporaryDirectory() as parent:
        taken = take_out(desk.billing, desk.who, batch_id, Path(parent), _plan(desk))
        if name not in {one.name for one in taken.path.iterdir()}:
            raise NotFound("file")
        opened = (taken.path / name).open("rb")
        return _file(_chunks(opened), f"{taken.path.name}-{name}", _TYPES.get(Path(name).suffix, "text/plain"))


def _plan(desk: Desk) -> ExportPlan:
    base = f"{desk.page.deps.app_url.removesuffix(_APP)}/fhir"
    return ExportPlan(base, layouts=desk.page.deps.team.layouts_of(Kind.CLAIMS))


def _file(chunks: Iterator[bytes], name: str, mimetype: str) -> Response:
    answer = Response(chunks, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """An open file, whose name is gone by then."""
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
