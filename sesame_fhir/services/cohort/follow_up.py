"""The follow-up of a synthetic life: contacts by the calendar, measures, reviews, renewals, phases, until the exit."""

from datetime import date, datetime, timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.calendar import local_day, next_contact_day
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services import care, contacts, course, review, screening
from sesame_fhir.services.cohort import scores
from sesame_fhir.services.cohort.life import Life, leave
from sesame_fhir.services.cohort.proportions import MISSED

_REVIEW_EVERY = 3
_SHARE_OF_CARE = 0.6
_FASTER = 1.8
# Most of the change comes early: the last level is reached after little more than half of the way.
_DARK_FROM, _DARK = 8, 0.1
# Own choice: a tenth of the higher totals on the way come with item 9.
_CALLED_AWAY_DAYS = 4
_REVIEWED_WEEKLY, _PUT_TO_REVIEW = 7, 0.3
_LEAVES_EARLY = timedelta(days=4)


def follow(life: Life, begun: datetime) -> None:
    """Live the follow-up from the assessment until the exit or today."""
    key = life.pathway.pathway_id
    count, at = 0, _next(life, begun)
    end = _end(life, begun)
    while at is not None and life.past(at) and local_day(at) < end:
        _nights(life, local_day(at))
        count += 1
        _contact(life, at, count, _share(begun, at, end))
        _renew(life, at)
        _mark(life, at)
        _phase(life, at, _share(begun, at, end))
        if count % _REVIEW_EVERY == 1:
            _review(life, at + timedelta(days=1))
        at = _next(life, at)
    last = life.at(end)
    if life.profile.exit is not None and life.past(last):
        _final_measure(life, last)
        leave(life, last + timedelta(minutes=30))
        return
    _nights(life, life.today)
    if at is not None and not life.past(at):
        planned = contacts.NextContact(life.engine.ids.new(), at, ev.ContactMode.PHONE)
        now = max(life.clock.at + timedelta(minutes=5), begun)
        contacts.plan_contact(life.engine, life.command(life.nurse, now), key, planned)
    life.pathway = life.engine.load(key)


def _end(life: Life, begun: datetime) -> date:
    """Day of the exit: shortly before the last sequence's end, when all the sequences that were dealt are lived."""
    months = life.profile.sequences * life.engine.policy.sequence_months
    return local_day(begun) + timedelta(days=int(months * 30.3)) - _LEAVES_EARLY


def _share(begun: datetime, at: datetime, end: date) -> float:
    whole = max(1, (end - local_day(begun)).days)
    return (local_day(at) - local_day(begun)).days / whole


def _next(life: Life, at: datetime) -> datetime | None:
    monthly = life.pathway.state is State.RELAPSE_PREVENTION
    day = next_contact_day(local_day(at), monthly=monthly, policy=life.engine.policy)
    return life.at(day + timedelta(days=life.chance.randint(-2, 2)))


def _nights(life: Life, until: date) -> None:
    """Sequences that ended before this day, each in the night after its last day."""
    while (running := life.pathway.open_sequence) is not None and running.planned_end < until:
        night = life.at(running.planned_end + timedelta(days=1), hour=3)
        at = max(night, life.clock.at + timedelta(minutes=1))
        life.clock.at = at
        done = course.finish_due(life.engine, life.pathway.pathway_id, at)
        if done is None:
            return
        life.pathway = done


def _contact(life: Life, at: datetime, count: int, share: float) -> None:
    key, contact_id = life.pathway.pathway_id, life.engine.ids.new()
    if life.chance.random() < MISSED:
        missed = contacts.miss_contact(life.engine, life.command(life.nurse, at), key, contact_id)
        life.pathway = missed
        return
    measures = []
    if count % 2 == 0 or share > 0.9:  # noqa: PLR2004  every second contact, and the last ones
        total = scores.measured(life.chance, life.first, life.last, share * _FASTER)
        dark = total >= _DARK_FROM and life.chance.random() < _DARK
        measures.append(life.answered(InstrumentId.PHQ_9, total, safety=dark))
    held = contacts.HoldContact(
        contact_id,
        life.chance.choice((ev.ContactMode.PHONE, ev.ContactMode.PHONE, ev.ContactMode.ON_SITE, ev.ContactMode.VIDEO)),
        life.chance.choice((15, 20, 20, 30, 30, 45)),
        _task(life),
        screenings=measures,
        note="Point sur le sommeil et les activités.",
    )
    life.pathway = contacts.hold_contact(life.engine, life.command(life.nurse, at), key, held)
    _acknowledge(life, at + timedelta(minutes=10))


def _task(life: Life) -> ev.ContactTask:
    preventing = life.pathway.state is State.RELAPSE_PREVENTION
    return ev.ContactTask.RELAPSE_PREVENTION if preventing else ev.ContactTask.FOLLOW_UP


def _acknowledge(life: Life, at: datetime) -> None:
    """Item 9 is dealt with at once, except by who was called away in the last days: the caseload shows it."""
    if (life.today - local_day(at)).days < _CALLED_AWAY_DAYS:
        return
    key = life.pathway.pathway_id
    for waiting in life.pathway.unacknowledged:
        command = life.command(life.nurse, at)
        life.pathway = screening.acknowledge_safety(
            life.engine, command, key, waiting.screening_id, ev.SafetyAction.ASSESSED_NO_IMMEDIATE_RISK
        )


def _final_measure(life: Life, at: datetime) -> None:
    _nights(life, local_day(at))
    if life.profile.exit in {ev.ExitReason.LOST_TO_FOLLOW_UP, ev.ExitReason.MOVED_AWAY}:
        return
    held = contacts.HoldContact(
        life.engine.ids.new(),
        ev.ContactMode.ON_SITE,
        30,
        screenings=[life.answered(InstrumentId.PHQ_9, life.last)],
    )
    command = life.command(life.nurse, at)
    life.pathway = contacts.hold_contact(life.engine, command, life.pathway.pathway_id, held)


def _renew(life: Life, at: datetime) -> None:
    running = life.pathway.open_sequence
    if running is None or life.pathway.renewal is not None or running.rank >= life.profile.sequences:
        return
    if (running.planned_end - local_day(at)).days < life.engine.policy.renewal_days:
        command = life.command(life.nurse, at + timedelta(minutes=40))
        life.pathway = course.decide_renewal(life.engine, command, life.pathway.pathway_id, renew=True)


def _mark(life: Life, at: datetime) -> None:
    """Some cases of the last days are put to the next review."""
    if (life.today - local_day(at)).days < _REVIEWED_WEEKLY and life.chance.random() < _PUT_TO_REVIEW:
        command = life.command(life.nurse, at + timedelta(minutes=42))
        note = "Sommeil toujours très mauvais : que proposer ?"
        life.pathway = review.mark_for_review(life.engine, command, life.pathway.pathway_id, note)


def _review(life: Life, at: datetime) -> None:
    if not life.past(at):
        return
    kind = life.chance.choices(
        (
            ev.RecommendationKind.NO_CHANGE,
            ev.RecommendationKind.MEDICATION,
            ev.RecommendationKind.MONITORING,
            ev.RecommendationKind.THERAPY,
        ),
        (4, 3, 2, 1),
    )[0]
    advice = ev.Recommendation(life.engine.ids.new(), kind, "Poursuivre et réévaluer dans un mois.")
    reviewed = ev.CaseReviewed(life.engine.ids.new(), (advice,), minutes=life.chance.choice((4, 5, 6, 8)))
    key = life.pathway.pathway_id
    life.pathway = review.review_case(life.engine, life.command(life.psychiatrist, at), key, reviewed)
    answered = at + timedelta(days=life.chance.randint(1, 10))
    if advice.asks_the_gp and life.past(answered):
        _answer(life, advice, answered)


def _answer(life: Life, advice: ev.Recommendation, at: datetime) -> None:
    fates = (ev.RecommendationFate.ACCEPTED, ev.RecommendationFate.ADAPTED, ev.RecommendationFate.DECLINED)
    fate = life.chance.choices(fates, (7, 2, 1))[0]
    reason = None if fate is ev.RecommendationFate.ACCEPTED else "Tolérance à revoir d'abord."
    life.pathway = review.decide_recommendation(
        life.engine,
        life.command(life.gp, at),
        life.pathway.pathway_id,
        advice.recommendation_id,
        fate=fate,
        reason=reason,
    )


def _phase(life: Life, at: datetime, share: float) -> None:
    better = life.profile.course != "none"
    if life.pathway.state is State.CARE and better and share > _SHARE_OF_CARE:
        command = life.command(life.nurse, at + timedelta(minutes=45))
        care.change_phase(life.engine, command, life.pathway.pathway_id, ev.Phase.RELAPSE_PREVENTION)
        life.pathway = life.engine.load(life.pathway.pathway_id)
