"""Measures and their reports: valid FHIR, honest about what is hidden, the same id for the same question."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mappings.measure import measure, measure_url, populations
from mappings.measure_report import Frame, measure_report, measure_reports
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.indicators.disclosure import HIDDEN, MASKED, Shown
from sesame_fhir.domain.indicators.model import Indicator, Unit
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json

SITE = SiteId("site-a")
FRAME = Frame(
    Window(date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), frozenset({SITE})),
    [(SITE, "Centre de santé fictif")],
    datetime(2026, 7, 2, 8, 0, tzinfo=UTC),
)
SHOWN = Shown(0.5, 27, 54)
EMPTY = Shown(None, 0, 0)
OF_UNIT = {indicator.unit: indicator for indicator in INDICATORS}


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda i: i.code)
def test_each_measure_is_valid_and_says_what_it_counts(indicator: Indicator) -> None:
    resource = measure(indicator)
    assert validate(resource, "Measure") == []
    assert resource["description"] == indicator.definition
    words = [population["criteria"]["expression"] for population in resource["group"][0]["population"]]
    assert len(words) == len(populations(indicator))
    assert all(words)
    if indicator.unit is Unit.SHARE:
        among, who = words
        assert (among.startswith("Parmi "), f"{among[:-1]} : {who}") == (True, indicator.definition)


# indicator | shown | counts of its populations | score
REPORTS: list[tuple[Indicator, Shown, list[int | None], float | None]] = [
    (OF_UNIT[Unit.SHARE], SHOWN, [54, 27], 0.5),
    (OF_UNIT[Unit.COUNT], Shown(54.0, 54, 54), [54], None),
    (OF_UNIT[Unit.DAYS], Shown(7.5, 54, 54), [54], 7.5),
    (OF_UNIT[Unit.MINUTES], Shown(25.333333, 54, 54), [54], 25.33),
    (OF_UNIT[Unit.SHARE], EMPTY, [0, 0], None),
    (OF_UNIT[Unit.SHARE], HIDDEN, [None, None], None),
    (OF_UNIT[Unit.COUNT], MASKED, [None], None),
]


@pytest.mark.parametrize(("indicator", "shown", "counts", "score"), REPORTS)
def test_a_report_holds_what_the_reader_sees(
    indicator: Indicator, shown: Shown, counts: list[int | None], score: float | None
) -> None:
    report = measure_report(indicator, shown, FRAME)
    assert validate(_again(report), "MeasureReport") == []
    assert report["measure"].partition("|")[0] == measure_url(indicator)
    assert report["period"] == {"start": "2026-01-01", "end": "2026-06-30"}
    assert report["reporter"]["identifier"]["value"] == SITE
    group: Any = report["group"][0]
    assert [population.get("count") for population in group["population"]] == counts
    assert ("security" in report.get("meta", {})) is shown.hidden
    measured = group.get("measureScore", {})
    assert (float(measured["value"]) if "value" in measured else None) == score
    if shown.hidden:
        masked = group["population"][0]["_count"]["extension"][0]
        assert masked["valueCode"] == "masked"
    if score is None and indicator.unit is not Unit.COUNT:
        absent = measured["_value"]["extension"][0]
        assert absent["valueCode"] == ("masked" if shown.hidden else "not-applicable")


def test_a_bundle_of_every_indicator_is_valid() -> None:
    bundle = measure_reports([(indicator, SHOWN) for indicator in INDICATORS], FRAME)
    assert validate(_again(bundle), "Bundle") == []
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(INDICATORS)


def test_several_sites_report_by_their_names_and_every_question_has_its_own_id() -> None:
    one = measure_report(INDICATORS[0], SHOWN, FRAME)
    both = frozenset({SITE, SiteId("site-b")})
    frame = replace(FRAME, window=replace(FRAME.window, sites=both), sites=[(SITE, "A"), (SiteId("site-b"), "B")])
    other = measure_report(INDICATORS[0], SHOWN, frame)
    assert other["reporter"] == {"type": "Organization", "display": "A, B"}
    assert other["id"] != one["id"]
    assert measure_report(INDICATORS[0], EMPTY, FRAME)["id"] == one["id"]


def _again(resource: Json) -> Json:
    return read_json(write_json(resource))
