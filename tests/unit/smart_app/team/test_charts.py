"""Score charts: places, marks, levels and months of a pathway, without a page."""

from datetime import date, timedelta
from typing import Any

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.services import care
from smart_app.team.patient.charts import BOTTOM, LEFT, RIGHT, TOP, Chart, MarkKind, charts_of
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import Team

ON, OFF = PathwayPolicy(), PathwayPolicy(interpretation=False)


def charts(case: Case, policy: PathwayPolicy = ON) -> dict[str, Chart]:
    today = case.clock.now().date()
    return {chart.code: chart for chart in charts_of(case.pathway, policy, today)}


def total(case: Case, instrument: ev.LicensedInstrument, value: int) -> None:
    today = case.clock.now().date()
    recorded = ev.TotalRecorded(case.new_id(), instrument, value, today)
    care.record_total(case.engine, case.command(Role.NURSE), case.pathway_id, recorded)


def test_a_pathway_without_totals_has_no_chart() -> None:
    assert charts_of(Pathway(PathwayId("x")), ON, date(2026, 3, 2)) == ()


def test_totals_lie_between_the_edges_and_keep_their_order(team: Team) -> None:
    case = followed_case(team).later(days=14).hold("111111110").later(days=14).hold("000000000")
    chart = charts(case)["phq-9"]
    assert [(dot.total, dot.on.isoformat()) for dot in chart.dots] == [
        (18, "2026-03-02"),
        (8, "2026-03-16"),
        (0, "2026-03-30"),
    ]
    assert [dot.x for dot in chart.dots] == [LEFT, (LEFT + RIGHT) / 2, RIGHT]
    assert chart.dots[2].y == BOTTOM
    assert chart.dots[0].y == pytest.approx(BOTTOM - 18 / 27 * (BOTTOM - TOP), abs=0.1)
    assert chart.line.split() == [f"{dot.x},{dot.y}" for dot in chart.dots]


def test_a_single_total_has_no_line_and_room_around_it(team: Team) -> None:
    chart = charts(followed_case(team))["phq-9"]
    assert (len(chart.dots), chart.line, chart.dots[0].x) == (1, "", LEFT)


def test_every_instrument_is_drawn_licensed_ones_included_those_of_follow_up_first(team: Team) -> None:
    case = followed_case(team)
    total(case, ev.LicensedInstrument.ISI, 14)
    total(case, ev.LicensedInstrument.SF_12_MENTAL, 40)
    drawn = charts(case)
    assert list(drawn) == ["phq-9", "isi", "sf-12-mental", "phq-2"]
    assert (drawn["isi"].low, drawn["isi"].high) == (0, 28)
    assert all(TOP <= dot.y <= BOTTOM for chart in drawn.values() for dot in chart.dots)
    assert drawn["isi"].levels == ()


def test_levels_are_bands_and_are_drawn_only_where_interpretation_is_on(team: Team) -> None:
    case = followed_case(team)
    labels = [level.label for level in charts(case)["phq-9"].levels]
    assert labels == [band.label for band in INSTRUMENTS[case.pathway.screenings[1].instrument].bands][1:]
    assert charts(case, OFF)["phq-9"].levels == ()
    assert charts(case, OFF)["phq-9"].dots == charts(case)["phq-9"].dots


def test_the_name_of_a_band_stands_where_the_curve_leaves_room(team: Team) -> None:
    falls = charts(followed_case(team).later(days=60).hold("111000000"))["phq-9"]
    assert [dot.total for dot in falls.dots] == [18, 3]
    assert [level.left for level in falls.levels] == [True, False, False, False]


def test_what_happened_is_marked_on_its_day(team: Team) -> None:
    case = followed_case(team).join().later(days=14).hold("111111110").advise().decide()
    case.miss(case.schedule(case.clock.now()))
    case.advise("Psychothérapie").decide(ev.RecommendationFate.DECLINED, "Refus du patient")
    case.later(days=14).prevent_relapse().later(days=14).leave()
    marks = [(mark.kind, mark.on.isoformat(), mark.detail) for mark in charts(case)["phq-9"].marks]
    psychiatrist = "Dr Paule Fictive"
    assert sorted(marks) == sorted(
        [
            (MarkKind.PHASE, "2026-03-02", "care"),
            (MarkKind.SEQUENCE, "2026-03-02", "1"),
            (MarkKind.CONTACT, "2026-03-16", "phone"),
            (MarkKind.MISSED, "2026-03-16", "phone"),
            (MarkKind.REVIEW, "2026-03-16", psychiatrist),
            (MarkKind.REVIEW, "2026-03-16", psychiatrist),
            (MarkKind.TREATMENT, "2026-03-16", "medication"),
            (MarkKind.PHASE, "2026-03-30", "relapse-prevention"),
            (MarkKind.EXIT, "2026-04-13", "remission"),
        ]
    )
    assert all(LEFT <= mark.x <= RIGHT for mark in charts(case)["phq-9"].marks)


@pytest.mark.parametrize(("days", "months"), [(10, 0), (40, 1), (200, 7), (365, 7), (800, 7)])
def test_months_below_the_plot_are_never_too_many(team: Team, days: int, months: int) -> None:
    case = followed_case(team)
    later: Any = case.clock.now().date() + timedelta(days=days)
    ticks = charts_of(case.pathway, ON, later)[0].ticks
    assert len(ticks) <= 7
    assert min(len(ticks), 7) >= min(months, 4)
    assert all(tick.on.day == 1 and LEFT <= tick.x <= RIGHT for tick in ticks)
