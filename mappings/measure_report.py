"""Figures -> MeasureReport: one summary per indicator, as its reader may see it, together in one Bundle.

What is hidden from the reader is masked (data-absent-reason), never zero; where a report was altered for that reason
its ``meta.security`` says so. A report has the same id whenever the same thing is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from mappings.claimed import claimed
from mappings.code_systems import VERSION
from mappings.datatypes import coding, compact, extension, identifier, instant
from mappings.measure import improvement, measure_url, population_code, populations
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.disclosure import Shown
from sesame_fhir.domain.indicators.model import Indicator, Unit
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.fhir.canonical import DATA_ABSENT_REASON, UCUM
from sesame_fhir.fhir.json_types import Json

_MASKED = {"extension": [extension(DATA_ABSENT_REASON, "Code", "masked")]}
_NOBODY = {"extension": [extension(DATA_ABSENT_REASON, "Code", "not-applicable")]}
_OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
_UNITS = {Unit.DAYS: ("d", "jours"), Unit.MINUTES: ("min", "minutes"), Unit.MEAN: ("1", "1")}
_PLACES = Decimal("0.01")
_SHARE_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Frame:
    """What the reports of one answer have in common. ``sites`` are the window's, with their names."""

    window: Window
    sites: Sequence[tuple[SiteId, str]]
    made_at: datetime


def measure_reports(figures: Iterable[tuple[Indicator, Shown]], frame: Frame) -> Json:
    """Build the collection of all reports."""
    reports = [measure_report(indicator, shown, frame) for indicator, shown in figures]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(frame.made_at),
        "entry": [{"fullUrl": f"urn:uuid:{report['id']}", "resource": report} for report in reports],
    }


def measure_report(indicator: Indicator, shown: Shown, frame: Frame) -> Json:
    """Build one report; without any case it has populations of zero and a score that says so."""
    window = frame.window
    asked = (measure_url(indicator), window.start, window.end, window.as_of, sorted(window.sites), window.nurse_id)
    altered = [coding(_OBSERVATION_VALUE, "MASKED", "masked")] if shown.hidden or shown.rounded else []
    return compact(
        {
            "resourceType": "MeasureReport",
            "id": str(uuid5(NAMESPACE_URL, repr(asked))),
            "meta": compact({**claimed("MeasureReport", "indicator"), "security": altered}),
            "language": "fr",
            "status": "complete",
            "type": "summary",
            "measure": f"{measure_url(indicator)}|{VERSION}",
            "date": instant(frame.made_at),
            "reporter": _reporter(frame.sites),
            "period": {"start": _day(window.start), "end": _day(window.end)},
            "improvementNotation": improvement(indicator),
            "group": [_group(indicator, shown)],
        }
    )


def _group(indicator: Indicator, shown: Shown) -> Json:
    counts = {"numerator": shown.count, "initial-population": shown.count}
    people = [(code, counts.get(code, shown.total)) for code in populations(indicator)]
    return compact(
        {
            "population": [
                {"code": population_code(code)} | ({"_count": _MASKED} if count is None else {"count": count})
                for code, count in people
            ],
            "measureScore": _score(indicator.unit, shown),
        }
    )


def _score(unit: Unit, shown: Shown) -> Json | None:
    """The figure; a cohort has none but its count. A proportion is a number from 0 to 1 without a unit."""
    if unit is Unit.COUNT:
        return None
    if shown.value is None:
        return {"_value": _MASKED if shown.hidden else _NOBODY}
    value = Decimal(str(shown.value))
    if unit is Unit.SHARE:
        return {"value": value.quantize(_SHARE_PLACES)}
    code, word = _UNITS[unit]
    return {"value": value.quantize(_PLACES), "unit": word, "system": UCUM, "code": code}


def _reporter(sites: Sequence[tuple[SiteId, str]]) -> Json:
    """The site that reports; several sites report together, by their names."""
    names = ", ".join(name for _, name in sites)
    own_identifier = identifier("site", sites[0][0]) if len(sites) == 1 else None
    return compact({"type": "Organization", "identifier": own_identifier, "display": names})


def _day(day: date) -> str:
    return day.isoformat()
