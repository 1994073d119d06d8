"""What the calendar and the plan propose for a contact, as tables."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.appointments import Next, instruments_due, proposed
from sesame_fhir.domain.calendar import PRACTICE_ZONE, local_day, working_day
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.policy import PathwayPolicy
from tests.support.story import AGREED, BINDING, PATHWAY, START, TRAITS, eligible, referred, screened, story

POLICY = PathwayPolicy()
PHQ_9, GAD_7 = InstrumentId.PHQ_9, InstrumentId.GAD_7
BEFORE: tuple[ev.Payload, ...] = (
    ev.PatientIdentified(TRAITS, BINDING),
    screened(),
    AGREED,
    eligible(),
    referred(),
    ev.ReferralAccepted(referred().referral_id),
    ev.AssessmentRecorded(),
)


@pytest.mark.parametrize(
    ("kind", "after", "expected"),
    [
        # a Monday morning
        (Next.FORTNIGHT, "2026-03-02 10:07", "2026-03-17 10:00"),
        (Next.MONTH, "2026-03-02 10:07", "2026-04-02 10:00"),
        (Next.RETRY, "2026-03-02 10:07", "2026-03-03 10:00"),
        # a weekend is skipped
        (Next.FORTNIGHT, "2026-03-06 16:45", "2026-03-23 16:45"),
        (Next.RETRY, "2026-03-06 16:59", "2026-03-09 16:45"),
        (Next.MONTH, "2026-01-31 09:00", "2026-03-02 09:00"),
        # the same wall clock through the changes of 29 March and 25 October
        (Next.FORTNIGHT, "2026-03-16 10:30", "2026-03-31 10:30"),
        (Next.FORTNIGHT, "2026-10-15 10:30", "2026-10-30 10:30"),
    ],
)
def test_the_next_appointment(kind: Next, after: str, expected: str) -> None:
    at = datetime.fromisoformat(after).replace(tzinfo=PRACTICE_ZONE).astimezone(UTC)
    found = proposed(kind, at, POLICY)
    assert f"{found.astimezone(PRACTICE_ZONE):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize("kind", [Next.OTHER, Next.NONE])
def test_a_choice_without_a_day_of_its_own(kind: Next) -> None:
    with pytest.raises(ValueError, match=kind.value):
        proposed(kind, START, POLICY)


def test_only_saturdays_and_sundays_move() -> None:
    days = [date(2026, 3, 2) + timedelta(days=n) for n in range(7)]
    assert [working_day(d).day for d in days] == [2, 3, 4, 5, 6, 9, 9]


def _plan(*activities: ev.Activity) -> ev.PlanRecorded:
    return ev.PlanRecorded("plan", (ev.Goal("g", "Dormir"),), activities)


def _asks(detail: str | None, days: int | None = None) -> ev.Activity:
    return ev.Activity(ev.ActivityKind.INSTRUMENTS, detail, days)


@pytest.mark.parametrize(
    ("plan", "days_since_phq9", "expected"),
    [
        (None, None, {PHQ_9}),
        (None, 0, set()),
        (None, 15, {PHQ_9}),
        (_plan(ev.Activity(ev.ActivityKind.CONTACTS, every_days=15)), 15, set()),
        (_plan(_asks(None)), 15, {PHQ_9}),
        (_plan(_asks("PHQ-9"), _asks("GAD-7", 28)), 15, {PHQ_9, GAD_7}),
        (_plan(_asks("PHQ-9", 28)), 15, set()),
        (_plan(_asks("PHQ-9", 28)), 24, set()),
        (_plan(_asks("PHQ-9", 28)), 25, {PHQ_9}),
        (_plan(_asks("PHQ-9 et GAD-7")), 15, {PHQ_9, GAD_7}),
    ],
)
def test_the_instruments_that_are_due(
    plan: ev.PlanRecorded | None, days_since_phq9: int | None, expected: set[InstrumentId]
) -> None:
    answered = () if days_since_phq9 is None else (screened("111111110", PHQ_9, n=2),)
    state = fold(PATHWAY, story(*BEFORE, *answered, *(() if plan is None else (plan,))))
    on = local_day(START) + timedelta(days=days_since_phq9 or 0)
    assert instruments_due(state, on) == expected
