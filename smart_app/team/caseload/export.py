"""The caseload as a CSV file (RFC 4180, UTF-8 with BOM for Excel): every row of the question, sent page by page.

No free text leaves this way. A cell that a spreadsheet would read as a formula gets an apostrophe in front (OWASP, "CSV
Injection"); numbers are written by us and stay numbers.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from flask import Response, request, stream_with_context
from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.services.caseload import CaseloadQuery
from smart_app.team.caseload import texts
from smart_app.team.caseload.asked import parse
from smart_app.team.caseload.rows import RowView, view_of
from smart_app.team.context import TeamContext

Cell = str | int | date | None

_PAGE_ROWS = 500
_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _yes(value: bool) -> str:  # noqa: FBT001  a cell's own value
    return str(gettext("oui") if value else gettext("non"))


def _planned(view: RowView) -> str | None:
    at = view.contact.at
    return None if at is None else f"{at.astimezone(PRACTICE_ZONE):%Y-%m-%d %H:%M}"


COLUMNS: dict[str, Callable[[RowView], Cell]] = {
    "Nom": lambda v: v.row.family,
    "Prénom": lambda v: v.row.given,
    "Date de naissance": lambda v: v.row.birth_date,
    "Étape": lambda v: gettext(texts.STATES[v.row.state]),
    "Semaine": lambda v: v.week,
    "Item 9 à prendre en compte": lambda v: _yes(v.row.safety_open),
    "Alertes": lambda v: ", ".join(flag.name for flag in v.flags),
    "Prochain contact": _planned,
    "Contact attendu avant le": lambda v: v.row.contact_due_on,
    "Premier PHQ-9": lambda v: v.row.first_phq9,
    "Dernier PHQ-9": lambda v: v.row.last_phq9,
    "Évolution": lambda v: v.change.points if v.change and v.change.judged else None,
    "Premier GAD-7": lambda v: v.row.first_gad7,
    "Dernier GAD-7": lambda v: v.row.last_gad7,
    "Séquence": lambda v: v.row.sequence_rank,
    "Fin de séquence": lambda v: v.row.sequence_end,
    "À discuter": lambda v: _yes(v.row.discuss),
    "Avis en attente du médecin": lambda v: v.row.advice_waiting,
    "Médecin": lambda v: v.row.referrer,
    "Infirmière": lambda v: v.row.nurse,
    "Psychiatre": lambda v: v.row.psychiatrist,
}
"""Heading -> cell; the site comes last, by its name."""


def export_caseload(page: TeamContext) -> Response:
    """Send the list that the address asks for."""
    query = parse(request.args).query(page, limit=_PAGE_ROWS)
    body = stream_with_context(_lines(page, query))
    answer = Response(body, content_type="text/csv; charset=utf-8; header=present")
    answer.headers["Content-Disposition"] = f'attachment; filename="file-active-{query.today.isoformat()}.csv"'
    return answer


def line(cells: list[Cell]) -> str:
    """One record: CRLF at its end, quotes where they are needed, nothing that a spreadsheet would run."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_plain(cell) for cell in cells])
    return out.getvalue()


def _plain(cell: Cell) -> str | int:
    if cell is None or isinstance(cell, int):
        return "" if cell is None else cell
    text = cell.isoformat() if isinstance(cell, date) else cell
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text


def _lines(page: TeamContext, query: CaseloadQuery) -> Iterator[str]:
    yield _BOM + line([gettext(name) for name in (*COLUMNS, "Site")])
    asked: CaseloadQuery | None = query
    while asked is not None:
        found = page.deps.engine.pathways.caseload(asked)
        views = (view_of(row, page.now, page.deps.engine.policy) for row in found.rows)
        yield "".join(
            line([*(cell(v) for cell in COLUMNS.values()), page.deps.team.site_name(v.row.site)]) for v in views
        )
        asked = replace(asked, cursor=found.next_cursor) if found.next_cursor else None
