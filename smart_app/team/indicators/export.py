"""The indicators as files: CSV (RFC 4180, UTF-8 with BOM for Excel) and FHIR MeasureReports, as the page shows them."""

from collections.abc import Iterator

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from mappings.measure_report import Frame, measure_reports
from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.indicators.disclosure import Shown
from sesame_fhir.domain.indicators.model import Indicator
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.indicators import breakdown, figures
from smart_app.team.caseload.export import Cell, line
from smart_app.team.context import TeamContext
from smart_app.team.indicators import texts
from smart_app.team.indicators.asked import BadQuestion
from smart_app.team.indicators.question import Question, ask, indicator_of
from smart_app.team.indicators.views import name_of, refused_question

HEADINGS = (
    *("Code", "Indicateur", "Groupe", "Découpage", "Détail", "Valeur", "Unité", "Effectif", "Total", "Arrondi"),
    *("Valeur publiée", "Source", "Début", "Fin", "Vu au", "Sites", "Infirmière"),
)
_BOM = "\ufeff"
_DIGITS = 4


def export_indicators(page: TeamContext) -> ResponseReturnValue:
    """Every indicator of the period; with ``code``, one of them with its breakdowns. Raises NotFound."""
    code = request.args.get("code")
    one = None if code is None else indicator_of(code)
    try:
        question = ask(page)
    except BadQuestion as bad:
        return refused_question(page, bad)
    return _file(question, _csv(question, one), "csv", "text/csv; charset=utf-8; header=present")


def export_measure_reports(page: TeamContext) -> ResponseReturnValue:
    """A Bundle with one MeasureReport per indicator."""
    try:
        question = ask(page)
    except BadQuestion as bad:
        return refused_question(page, bad)
    seen = figures(question.gathered, question.window, question.reader)
    sites = [(site, page.deps.team.site_name(site)) for site in sorted(question.window.sites)]
    pairs = [(indicator, seen[indicator.code]) for indicator in INDICATORS]
    bundle = measure_reports(pairs, Frame(question.window, sites, page.now))
    return _file(question, write_json(bundle), "json", "application/fhir+json; fhirVersion=4.0")


def _file(question: Question, body: str | bytes, suffix: str, content_type: str) -> Response:
    window = question.window
    name = f"indicateurs-{window.start.isoformat()}-{window.end.isoformat()}.{suffix}"
    answer = Response(body, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _csv(question: Question, one: Indicator | None) -> str:
    seen = figures(question.gathered, question.window, question.reader)
    whole = str(gettext(texts.WHOLE))
    rows = [line([gettext(heading) for heading in HEADINGS])]
    rows += [_row(question, each, (whole, ""), seen[each.code]) for each in (INDICATORS if one is None else (one,))]
    if one is not None:
        rows += _detail(question, one, seen[one.code])
    return _BOM + "".join(rows)


def _detail(question: Question, indicator: Indicator, whole: Shown) -> Iterator[str]:
    for by in question.breakdowns:
        for cell in breakdown(indicator, by, question.gathered, question.window, question.reader, whole=whole):
            name = name_of(question, by, cell.key) or str(gettext(texts.NOBODY))
            yield _row(question, indicator, (str(gettext(texts.COLUMNS[by])), name), cell.shown)


def _row(question: Question, indicator: Indicator, part: tuple[str, str], shown: Shown) -> str:
    window, nurse = question.window, question.asked.nurse
    own: list[Cell] = [indicator.code, gettext(indicator.name), gettext(indicator.group), *part]
    figure = f"<{question.limit}" if shown.hidden else _number(shown.value)
    told = str(gettext(texts.MASKED)) if shown.masked else figure
    numbers: list[Cell] = [told, indicator.unit.value, shown.count, shown.total, str(int(shown.rounded))]
    sites = ", ".join(question.page.deps.team.site_name(site) for site in sorted(window.sites))
    asked: list[Cell] = [window.start, window.end, window.as_of, sites, question.nurses[nurse] if nurse else ""]
    return line([*own, *numbers, _number(indicator.published), gettext(indicator.source), *asked])


def _number(value: float | None) -> str:
    """A number with a point, as data."""
    return "" if value is None else f"{value:.{_DIGITS}f}".rstrip("0").rstrip(".")
