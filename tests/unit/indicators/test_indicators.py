"""Indicators as a table: who is counted among whom, and what was known on a past day."""

from dataclasses import replace
from datetime import date

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.indicators.facts import (
    ConsentFact,
    ContactFact,
    PathwayFacts,
    ReviewFact,
    ScoreFact,
    SequenceFact,
)
from sesame_fhir.domain.indicators.model import Unit, Value, hidden
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.policy import DEFAULT_POLICY
from tests.support.indicators import compute_all

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), date(2026, 12, 31))
PHQ_9 = InstrumentId.PHQ_9
FOLLOW_UP = ev.ContactTask.FOLLOW_UP


def day(month: int, number: int) -> date:
    return date(2026, month, number)


WAITING = PathwayFacts(PathwayId("waiting"), SiteId("a"), referred_on=day(3, 1))
REFUSED = replace(WAITING, ended_on=day(3, 9), referral_end="declined-by-patient")
BEGUN = PathwayFacts(
    PathwayId("begun"),
    SiteId("a"),
    nurse_id="nurse-1",
    referred_on=day(1, 5),
    accepted_on=day(1, 9),
    care_on=day(1, 12),
    scores=(
        ScoreFact(day(1, 5), InstrumentId.PHQ_2, 4, safety=False),
        ScoreFact(day(1, 12), PHQ_9, 16, safety=True),
        ScoreFact(day(3, 2), PHQ_9, 8, safety=False),
    ),
    contacts=(
        ContactFact(day(1, 26), FOLLOW_UP, 20),
        ContactFact(day(2, 9), FOLLOW_UP, None),
        ContactFact(day(2, 23), FOLLOW_UP, 30),
        ContactFact(day(3, 9), FOLLOW_UP, 10),
        ContactFact(day(3, 23), FOLLOW_UP, 20),
    ),
    reviews=(ReviewFact(day(2, 1), 6), ReviewFact(day(3, 1), None)),
    sequences=(SequenceFact(1, day(1, 12), day(4, 11), day(4, 11), interrupted=False, billed_on=day(5, 2)),),
    consents=(ConsentFact(day(1, 12), ev.ConsentPurpose.RESEARCH, ev.ConsentStatus.GIVEN),),
    exit_on=day(4, 12),
    exit_reason=ev.ExitReason.CONCERTED_END,
    exit_orientation=ev.Orientation.NONE,
    survey=True,
    survey_answered_on=day(5, 1),
    satisfaction=8,
)

# facts | indicator | expected value, count, total
CASES: list[tuple[list[PathwayFacts], str, tuple[float | None, int, int]]] = [
    ([BEGUN, WAITING, REFUSED], "referred", (3.0, 3, 3)),
    ([BEGUN, WAITING, REFUSED], "started", (0.5, 1, 2)),
    ([BEGUN, WAITING, REFUSED], "not-started-declined-by-patient", (0.5, 1, 2)),
    ([WAITING], "started", (None, 0, 0)),
    ([BEGUN, WAITING], "screened", (1.0, 1, 1)),
    ([BEGUN], "screened-positive", (1.0, 1, 1)),
    ([BEGUN], "first-contact-days", (7.0, 1, 1)),
    ([BEGUN, WAITING], "followed", (1.0, 1, 1)),
    ([BEGUN], "contacts-per-sequence", (4.0, 1, 1)),
    ([BEGUN], "four-contacts-at-12-weeks", (1.0, 1, 1)),
    ([replace(BEGUN, contacts=BEGUN.contacts[:4])], "four-contacts-at-12-weeks", (0.0, 0, 1)),
    ([BEGUN], "reviews-per-patient", (2.0, 2, 1)),
    ([BEGUN], "severity-at-inclusion", (1.0, 1, 1)),
    ([BEGUN], "ideation-at-inclusion", (1.0, 1, 1)),
    ([BEGUN], "research-consent", (1.0, 1, 1)),
    ([BEGUN], "response", (1.0, 1, 1)),
    ([BEGUN], "remission", (0.0, 0, 1)),
    ([replace(BEGUN, scores=BEGUN.scores[:2])], "response", (None, 0, 0)),
    ([BEGUN], "exits", (1.0, 1, 1)),
    ([BEGUN], "exit-concerted-end", (1.0, 1, 1)),
    ([BEGUN], "exit-specialised-care", (0.0, 0, 1)),
    ([BEGUN], "sequences-finished", (1.0, 1, 1)),
    ([BEGUN], "sequences-billed", (1.0, 1, 1)),
    ([BEGUN], "survey-answered", (1.0, 1, 1)),
    ([BEGUN], "satisfaction", (8.0, 1, 1)),
    ([BEGUN], "minutes-follow-up", (20.0, 4, 4)),
    ([BEGUN], "minutes-crisis", (None, 0, 0)),
    ([BEGUN], "minutes-review", (6.0, 1, 1)),
    ([replace(BEGUN, merged=True)], "referred", (0.0, 0, 0)),
    ([replace(BEGUN, merged=True, merged_on=day(6, 1))], "referred", (0.0, 0, 0)),
    ([replace(BEGUN, merged=True, merged_on=date(2027, 1, 1))], "referred", (1.0, 1, 1)),
]


@pytest.mark.parametrize(("facts", "code", "expected"), CASES)
def test_indicators(facts: list[PathwayFacts], code: str, expected: tuple[float | None, int, int]) -> None:
    assert compute_all(facts, YEAR, DEFAULT_POLICY)[code] == Value(*expected)


# known at the end of | indicator | expected value
KNOWN = [
    (day(1, 4), "referred", 0.0),
    (day(1, 8), "started", None),
    (day(1, 12), "started", 1.0),
    (day(2, 1), "response", None),
    (day(3, 2), "response", 1.0),
    (day(4, 10), "sequences-finished", 0.0),
    (day(4, 11), "sequences-finished", 1.0),
    (day(4, 30), "sequences-billed", 0.0),
    (day(4, 30), "survey-answered", 0.0),
    (day(5, 1), "survey-answered", 1.0),
    (day(4, 1), "exits", 0.0),
]


@pytest.mark.parametrize(("as_of", "code", "expected"), KNOWN)
def test_a_past_day_knows_nothing_of_what_came_later(as_of: date, code: str, expected: float | None) -> None:
    window = replace(YEAR, as_of=as_of)
    assert compute_all([BEGUN], window, DEFAULT_POLICY)[code].value == expected


@pytest.mark.parametrize(
    ("window", "count"),
    [
        (YEAR, 2),
        (replace(YEAR, sites=frozenset({SiteId("b")})), 0),
        (replace(YEAR, nurse_id="nurse-1"), 1),
        (replace(YEAR, nurse_id="nurse-1", as_of=day(1, 8)), 0),
        (replace(YEAR, start=day(2, 1)), 1),
    ],
)
def test_a_window_chooses_site_nurse_and_period(window: Window, count: int) -> None:
    assert compute_all([BEGUN, WAITING], window, DEFAULT_POLICY)["referred"].count == count


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (Value(3.0, 3, 3), Unit.COUNT, True),
        (Value(0.0, 0, 0), Unit.COUNT, False),
        (Value(5.0, 5, 5), Unit.COUNT, False),
        (Value(0.5, 10, 20), Unit.SHARE, False),
        (Value(0.1, 2, 20), Unit.SHARE, True),
        (Value(0.9, 18, 20), Unit.SHARE, True),
        (Value(1.0, 4, 4), Unit.SHARE, True),
        (Value(1.0, 20, 20), Unit.SHARE, False),
    ],
)
def test_small_counts_are_hidden_and_so_is_what_would_give_them_away(
    value: Value, unit: Unit, *, expected: bool
) -> None:
    assert hidden(value, DEFAULT_POLICY, unit) is expected


def test_codes_are_unique_and_every_indicator_says_what_it_counts() -> None:
    codes = [i.code for i in INDICATORS]
    assert len(set(codes)) == len(codes)
    assert all(i.definition.endswith(".") and i.source for i in INDICATORS)
