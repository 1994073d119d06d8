"""The indicators' pages: all of them beside objectives and published figures, and the counts behind each one."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from itertools import groupby

from flask import make_response, request
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.breakdown import By
from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.indicators.disclosure import Shown
from sesame_fhir.domain.indicators.model import Indicator, Unit
from sesame_fhir.services.indicators import ShownCell, breakdown, figures
from smart_app.team.context import TeamContext
from smart_app.team.indicators import charts, texts
from smart_app.team.indicators.asked import BadQuestion
from smart_app.team.indicators.question import Question, ask, indicator_of
from smart_app.team.indicators.told import behind, figure, number, percent
from smart_app.team.render import render

_WORDS = {
    "presets": texts.PRESETS,
    "breakdown_names": texts.BREAKDOWNS,
    "columns": texts.COLUMNS,
    "nobody": texts.NOBODY,
    "figure": figure,
    "behind": behind,
    "percent": percent,
    "number": number,
    "bars": charts.bars,
}
_WHOLE = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator as the list shows it."""

    indicator: Indicator
    shown: Shown


@dataclass(frozen=True, slots=True)
class Part:
    """One breakdown of an indicator; ``course`` draws months, ``lengths`` the other ones."""

    by: By
    cells: list[ShownCell]
    names: list[str]
    course: charts.Course | None
    lengths: tuple[float | None, ...]


def show_indicators(page: TeamContext) -> ResponseReturnValue:
    """Every indicator of the period, in groups."""
    try:
        question = ask(page)
    except BadQuestion as bad:
        return refused_question(page, bad)
    seen = figures(question.gathered, question.window, question.reader)
    lines = (Line(indicator, seen[indicator.code]) for indicator in INDICATORS)
    groups = [(name, list(group)) for name, group in groupby(lines, key=lambda line: line.indicator.group)]
    return _page(question, "team/indicators.html", groups=groups, progress=question.objectives())


def show_indicator(page: TeamContext, code: str) -> ResponseReturnValue:
    """The counts behind one indicator: by month, by site, by nurse. Raises NotFound for an unknown one."""
    indicator = indicator_of(code)
    try:
        question = ask(page)
    except BadQuestion as bad:
        return refused_question(page, bad)
    shown = figures(question.gathered, question.window, question.reader)[indicator.code]
    parts = [_part(question, indicator, by, shown) for by in question.breakdowns]
    return _page(question, "team/indicator.html", indicator=indicator, shown=shown, parts=parts)


def refused_question(page: TeamContext, bad: BadQuestion) -> ResponseReturnValue:
    """What is wrong with a question, and the way back to one that can be answered."""
    body = render(page, "team/indicators_refused.html", problems=[texts.PROBLEMS[one] for one in bad.problems])
    return make_response(body, HTTPStatus.UNPROCESSABLE_ENTITY)


def name_of(question: Question, by: By, key: str) -> str | None:
    """What a cell's key is called; None for those without a nurse. A month is « 03/2026 »."""
    if by is By.MONTH:
        return f"{date.fromisoformat(key):%m/%Y}"
    if by is By.SITE:
        return question.page.deps.team.site_name(SiteId(key))
    return question.nurses.get(key)


def _part(question: Question, indicator: Indicator, by: By, whole: Shown) -> Part:
    cells = breakdown(indicator, by, question.gathered, question.window, question.reader, whole=whole)
    values = [cell.shown.value for cell in cells]
    highest = _WHOLE if indicator.unit is Unit.SHARE else None
    drawn = charts.course(values, highest) if by is By.MONTH else None
    names = [name_of(question, by, cell.key) or texts.NOBODY for cell in cells]
    return Part(by, cells, names, drawn, charts.bars(values, highest))


def _page(question: Question, template: str, **values: object) -> str:
    return render(
        question.page,
        template,
        asked=question.asked,
        window=question.window,
        sites=question.site_names,
        nurses=question.nurses,
        outside=question.reader.outside,
        limit=question.limit,
        today=local_day(question.page.now),
        printing="print" in request.args,
        **_WORDS,
        **values,
    )
