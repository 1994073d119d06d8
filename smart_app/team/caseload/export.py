"""The caseload as a CSV file (RFC 4180, UTF-8 with BOM for Excel): every row of the question, sent page by page.

No free text leaves this way. A cell that a spreadsheet would read as a formula gets an apostrophe in front (OWASP, "CSV
Injection"); numbers are written by us and stay numbers.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Response, request
from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.domain.progress.rules import RULES
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import CaseloadQuery, CaseloadRow
from smart_app.team.caseload import texts
from smart_app.team.caseload.asked import parse
from smart_app.team.caseload.rows import week_of
from smart_app.team.context import TeamContext

Cell = str | int | date | None

_PAGE_ROWS = 500
_BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Words:
    """What the cells need beside the row, taken before the first line is sent: the request is over by then.

    ``judged``: interpretation is on, so that flags and the change of the score may be told.
    """

    today: date
    judged: bool
    states: Mapping[State, str]
    rules: Mapping[str, str]
    site_name: Callable[..., str]
    yes: str
    no: str

    def flags(self, row: CaseloadRow) -> str:
        """Names of the flags that stand."""
        return ", ".join(self.rules[flag.rule] for flag in row.raised(self.today)) if self.judged else ""

    def either(self, *, value: bool) -> str:
        """Yes or no."""
        return self.yes if value else self.no


COLUMNS: dict[str, Callable[[CaseloadRow, Words], Cell]] = {
    "Nom": lambda r, _: r.family,
    "Prénom": lambda r, _: r.given,
    "Date de naissance": lambda r, _: r.birth_date,
    "Site": lambda r, w: w.site_name(r.site),
    "Étape": lambda r, w: w.states[r.state],
    "Semaine": lambda r, w: week_of(r.started_on, w.today),
    "Item 9 à prendre en compte": lambda r, w: w.either(value=r.safety_open),
    "Alertes": lambda r, w: w.flags(r),
    "Prochain contact": lambda r, _: _minute(r.next_contact_at),
    "Contact attendu avant le": lambda r, _: r.contact_due_on,
    "Premier PHQ-9": lambda r, _: r.first_phq9,
    "Dernier PHQ-9": lambda r, _: r.last_phq9,
    "Évolution": lambda r, w: r.phq9_change if w.judged else None,
    "Premier GAD-7": lambda r, _: r.first_gad7,
    "Dernier GAD-7": lambda r, _: r.last_gad7,
    "Séquence": lambda r, _: r.sequence_rank,
    "Fin de séquence": lambda r, _: r.sequence_end,
    "À discuter": lambda r, w: w.either(value=r.discuss),
    "Avis en attente du médecin": lambda r, _: r.advice_waiting,
    "Médecin": lambda r, _: r.referrer,
    "Infirmière": lambda r, _: r.nurse,
    "Psychiatre": lambda r, _: r.psychiatrist,
}
"""Heading -> cell."""


def export_caseload(page: TeamContext) -> Response:
    """Send the list that the address asks for."""
    query = parse(request.args).query(page, limit=_PAGE_ROWS)
    headings = [str(gettext(name)) for name in COLUMNS]
    body = _lines(page, query, headings, _words(page, query.today))
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


def _words(page: TeamContext, today: date) -> Words:
    return Words(
        today=today,
        judged=page.deps.engine.policy.interpretation,
        states={state: str(gettext(text)) for state, text in texts.STATES.items()},
        rules={rule.value: str(gettext(text.name)) for rule, text in RULES.items()},
        site_name=page.deps.team.site_name,
        yes=str(gettext("oui")),
        no=str(gettext("non")),
    )


def _lines(page: TeamContext, query: CaseloadQuery, headings: list[str], words: Words) -> Iterator[str]:
    yield _BOM + line([*headings])
    asked: CaseloadQuery | None = query
    while asked is not None:
        found = page.deps.engine.pathways.caseload(asked)
        yield "".join(line([cell(row, words) for cell in COLUMNS.values()]) for row in found.rows)
        asked = replace(asked, cursor=found.next_cursor) if found.next_cursor else None


def _minute(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(PRACTICE_ZONE):%Y-%m-%d %H:%M}"
