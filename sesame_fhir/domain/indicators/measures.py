"""How each indicator counts. Pure: the facts of some pathways in, a value out."""

from collections.abc import Sequence
from datetime import timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.indicators.facts import PathwayFacts, ScoreFact
from sesame_fhir.domain.indicators.model import Compute, Value, average, counted, middle, share
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.scoring import is_moderate_or_more

_TWELVE_WEEKS = timedelta(weeks=12)
_CONTACTS_AT_TWELVE_WEEKS = 4
_PHQ_9 = INSTRUMENTS[InstrumentId.PHQ_9]

Facts = Sequence[PathwayFacts]


def _referred_in(facts: Facts, w: Window) -> list[PathwayFacts]:
    return [f for f in facts if w.holds(f.referred_on)]


def _started_in(facts: Facts, w: Window) -> list[PathwayFacts]:
    return [f for f in facts if w.holds(f.care_on)]


def _left_in(facts: Facts, w: Window) -> list[PathwayFacts]:
    return [f for f in facts if w.holds(f.exit_on)]


def baseline(facts: PathwayFacts) -> ScoreFact | None:
    """PHQ-9 at inclusion: the last one up to the day care began, else the first one after."""
    scores = [s for s in facts.scores if s.instrument is InstrumentId.PHQ_9]
    before = [s for s in scores if facts.care_on is not None and s.on <= facts.care_on]
    return before[-1] if before else (scores[0] if scores else None)


def _first_and_last(facts: PathwayFacts) -> tuple[int, int] | None:
    first = baseline(facts)
    after = [s for s in facts.scores if s.instrument is InstrumentId.PHQ_9]
    if first is None or after[-1] is first:
        return None
    return first.total, after[-1].total


def screened(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Patients with a PHQ-2 or PHQ-9 in the period."""
    asked = {InstrumentId.PHQ_2, InstrumentId.PHQ_9}
    return counted(sum(any(w.holds(s.on) and s.instrument in asked for s in f.scores) for f in facts))


def screened_positive(facts: Facts, w: Window, p: PathwayPolicy) -> Value:
    """Share of the patients screened with a PHQ-2 who were at or above the threshold."""
    asked = [f for f in facts if any(w.holds(s.on) and s.instrument is InstrumentId.PHQ_2 for s in f.scores)]
    return share(
        asked,
        lambda f: any(
            w.holds(s.on) and s.instrument is InstrumentId.PHQ_2 and s.total >= p.phq2_threshold for s in f.scores
        ),
    )


def referred(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Patients referred in the period."""
    return counted(len(_referred_in(facts, w)))


def started(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Of those referred in the period and settled since, who started."""
    settled = [f for f in _referred_in(facts, w) if f.care_on is not None or f.ended_on is not None]
    return share(settled, lambda f: f.care_on is not None)


def not_started(reason: ev.ReferralEnd) -> Compute:
    """Of those referred in the period and settled since, who did not start for this reason."""

    def compute(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
        settled = [f for f in _referred_in(facts, w) if f.care_on is not None or f.ended_on is not None]
        return share(settled, lambda f: f.care_on is None and f.referral_end == reason.value)

    return compute


def followed(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Patients in care on at least one day of the period."""
    return counted(len(_followed_in(facts, w)))


def _followed_in(facts: Facts, w: Window) -> list[PathwayFacts]:
    return [
        f for f in facts if f.care_on is not None and f.care_on <= w.end and (f.exit_on is None or f.exit_on >= w.start)
    ]


def first_contact_days(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Days from the referral to the first contact, for first contacts (or assessments) of the period."""
    days = []
    for f in facts:
        met = [c.on for c in f.contacts if c.minutes is not None] + ([f.care_on] if f.care_on else [])
        if met and f.referred_on is not None and w.holds(min(met)):
            days.append((min(met) - f.referred_on).days)
    return middle(days)


def contacts_per_sequence(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Held contacts within each sequence that ended in the period."""
    numbers = [
        float(sum(c.minutes is not None and s.start <= c.on <= s.end for c in f.contacts))
        for f in facts
        for s in f.sequences
        if s.end is not None and w.holds(s.end)
    ]
    return average(numbers)


def four_contacts(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Of those whose twelfth week of care ended in the period, who had at least four contacts by then."""
    due = [f for f in facts if f.care_on is not None and w.holds(f.care_on + _TWELVE_WEEKS) and _known(f, w)]

    def enough(f: PathwayFacts) -> bool:
        limit = (f.care_on or w.end) + _TWELVE_WEEKS
        return sum(c.minutes is not None and c.on <= limit for c in f.contacts) >= _CONTACTS_AT_TWELVE_WEEKS

    return share(due, enough)


def _known(f: PathwayFacts, w: Window) -> bool:
    return f.care_on is not None and f.care_on + _TWELVE_WEEKS <= w.as_of


def reviews_per_patient(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Case reviews of the period per patient followed in it."""
    cared = _followed_in(facts, w)
    return average([1.0 for f in cared for r in f.reviews if w.holds(r.on)], len(cared))


def severity(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Of those who started in the period with a PHQ-9, who was moderate to severe at inclusion."""
    measured = [f for f in _started_in(facts, w) if baseline(f) is not None]
    return share(measured, lambda f: (s := baseline(f)) is not None and is_moderate_or_more(_PHQ_9, s.total))


def ideation(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Of those who started in the period with a PHQ-9, whose item 9 was at least 1 at inclusion."""
    measured = [f for f in _started_in(facts, w) if baseline(f) is not None]
    return share(measured, lambda f: (s := baseline(f)) is not None and s.safety)


def response(facts: Facts, w: Window, p: PathwayPolicy) -> Value:
    """Of those who started in the period and were measured again, whose PHQ-9 fell by half or more."""
    pairs = [pair for f in _started_in(facts, w) if (pair := _first_and_last(f)) is not None]
    count = sum((first - last) * 100 >= p.response_percent * first and first > last for first, last in pairs)
    return Value(count / len(pairs) if pairs else None, count, len(pairs))


def remission(facts: Facts, w: Window, p: PathwayPolicy) -> Value:
    """Of those who started in the period and were measured again, whose last PHQ-9 is under the limit."""
    pairs = [pair for f in _started_in(facts, w) if (pair := _first_and_last(f)) is not None]
    count = sum(last < p.remission_below for _, last in pairs)
    return Value(count / len(pairs) if pairs else None, count, len(pairs))


def exits(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Exits in the period."""
    return counted(len(_left_in(facts, w)))


def exit_for(reason: ev.ExitReason) -> Compute:
    """Share of the period's exits that had this reason."""
    return lambda facts, w, _p: share(_left_in(facts, w), lambda f: f.exit_reason is reason)


def research(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Of those who started in the period, who consents to research."""
    return share(
        _started_in(facts, w),
        lambda f: any(
            c.purpose is ev.ConsentPurpose.RESEARCH and c.status is ev.ConsentStatus.GIVEN for c in f.consents
        ),
    )


def sequences_finished(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Sequences whose last day is in the period."""
    return counted(sum(w.holds(s.end) for f in facts for s in f.sequences))


def sequences_billed(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Sequences claimed in the period."""
    return counted(sum(w.holds(s.billed_on) for f in facts for s in f.sequences))


def survey_answered(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Of the surveys given at the period's exits, which came back."""
    given = [f for f in _left_in(facts, w) if f.survey]
    return share(given, lambda f: f.survey_answered_on is not None)


def satisfaction(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Mean mark (0 to 10) of the surveys that came back from the period's exits."""
    return average([float(f.satisfaction) for f in _left_in(facts, w) if f.satisfaction is not None])


def minutes_for(task: ev.ContactTask) -> Compute:
    """Mean minutes of the period's contacts for this task."""

    def compute(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
        of_task = (c for f in facts for c in f.contacts if c.task is task and w.holds(c.on))
        return average([float(c.minutes) for c in of_task if c.minutes is not None])

    return compute


def review_minutes(facts: Facts, w: Window, _p: PathwayPolicy) -> Value:
    """Mean minutes of the period's case reviews whose length was noted."""
    return average([float(r.minutes) for f in facts for r in f.reviews if r.minutes is not None and w.holds(r.on)])
