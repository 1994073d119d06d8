"""A batch's export: what can be taken, one by one or as a ZIP; made when it is taken, each time the same bytes."""

from collections.abc import Iterator
from pathlib import Path

from flask import Response

from mappings.billing.layout import Kind
from sesame_fhir.exports.billing.batch import ExportPlan
from sesame_fhir.exports.billing.taking_out import offer, take_out_file, take_out_zipped
from smart_app.team.billing.desk import Desk, desk_of, show
from smart_app.team.billing.texts import FORMATS
from smart_app.team.context import TeamContext

_APP = "/app"
_TYPES = {
    ".ndjson": "application/fhir+ndjson",
    ".json": "application/json",
    ".csv": "text/csv",
    ".html": "text/html",
}


def show_export(page: TeamContext, batch_id: str) -> str:
    """What can be taken out of a batch that is frozen at least. Raises Refused."""
    desk = desk_of(page)
    offered = offer(desk.billing, desk.who, batch_id, _plan(desk))
    return show(desk, "export.html", head=offered.head, files=offered.files, formats=FORMATS)


def export_archive(page: TeamContext, batch_id: str) -> Response:
    """The whole export as a ZIP. Raises Refused."""
    desk = desk_of(page)
    name, chunks = take_out_zipped(desk.billing, desk.who, batch_id, _plan(desk))
    return _file(chunks, name, "application/zip")


def export_file(page: TeamContext, batch_id: str, name: str) -> Response:
    """One file of the export. Raises Refused, NotFound."""
    desk = desk_of(page)
    called, chunks = take_out_file(desk.billing, desk.who, batch_id, name, _plan(desk))
    return _file(chunks, called, _TYPES.get(Path(name).suffix, "text/plain"))


def _plan(desk: Desk) -> ExportPlan:
    base = f"{desk.page.deps.app_url.removesuffix(_APP)}/fhir"
    return ExportPlan(base, layouts=desk.page.deps.team.layouts_of(Kind.CLAIMS))


def _file(chunks: Iterator[bytes], name: str, mimetype: str) -> Response:
    answer = Response(chunks, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
