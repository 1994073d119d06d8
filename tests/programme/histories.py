"""Each patient's events, in the order in which they were recorded; what came late is recorded late."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.calendar import PRACTICE_ZONE, add_months
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.services.cohort.people import traits
from tests.programme.plan import Profile
from tests.support.story import answered

_GP = Actor("gp-programme", Role.GP, "Dr Fictif")
_NURSE = Actor("nurse-programme", Role.NURSE, "Infirmière Fictive")
_CALENDAR = Actor("system|calendar", Role.SYSTEM, "Calendrier")
_RHYTHM, _ENOUGH, _SCARCE = 15, 6, 2
_LEAVES_AFTER = timedelta(days=80)


class _Fact(NamedTuple):
    """Something that happened; ``seen``: when it was recorded."""

    seen: datetime
    happened: datetime
    actor: Actor
    data: ev.Payload


def pathway_id(number: int) -> PathwayId:
    """The patient's pathway."""
    return PathwayId(f"01890000-0000-7000-8000-{number:012x}")


def history(profile: Profile) -> tuple[ev.Event, ...]:
    """All events of one patient."""
    facts = sorted(_facts(profile), key=lambda fact: fact.seen)
    return tuple(_numbered(profile, facts))


def _numbered(profile: Profile, facts: list[_Fact]) -> Iterator[ev.Event]:
    key, site = pathway_id(profile.number), profile.site
    for number, fact in enumerate(facts, start=1):
        yield ev.Event(
            event_id=EventId(_id(profile, f"event-{number}")),
            pathway_id=key,
            sequence=number,
            occurred_at=fact.happened,
            recorded_at=fact.seen,
            actor=fact.actor,
            site=SiteId(site),
            command_id=CommandId(_id(profile, f"command-{number}")),
            data=fact.data,
        )
        if isinstance(fact.data, ev.PathwayTransferred):
            site = fact.data.to_site


def _id(profile: Profile, what: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"programme/{profile.number}/{what}"))


def _at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=PRACTICE_ZONE)


def _then(at: datetime, actor: Actor, data: ev.Payload) -> _Fact:
    return _Fact(at, at, actor, data)


def _facts(profile: Profile) -> Iterator[_Fact]:
    yield from _entry(profile)
    end = profile.first
    for rank in range(1, profile.sequences + 1):
        for fact in _sequence(profile, rank):
            if isinstance(fact.data, ev.SequenceFinished):
                end = fact.data.end
            yield fact
    yield from _late(profile, end)
    yield _then(_at(end + _LEAVES_AFTER, 12), _NURSE, ev.PathwayExited(ev.ExitReason.CONCERTED_END))


def _entry(profile: Profile) -> Iterator[_Fact]:
    chance = random.Random(f"programme/{profile.number}")  # noqa: S311  invented people, not secrets
    person = traits(chance, profile.number, profile.first)
    known = person if profile.ins_on is None else replace(person, ins=None)
    before = profile.first - timedelta(days=9)
    referral, screening = ReferralId(_id(profile, "referral")), ScreeningId(_id(profile, "phq-2"))
    agreed = ev.ConsentRecorded(ev.ConsentPurpose.CARE_TEAM, ev.ConsentStatus.GIVEN, "1")
    found = answered(InstrumentId.PHQ_2, "22")
    yield _then(_at(before, 9), _GP, ev.PatientIdentified(known))
    yield _then(
        _at(before, 9, 1),
        _GP,
        ev.ScreeningRecorded(screening, InstrumentId.PHQ_2, "1.0.0", found, 4, safety_flag=False),
    )
    yield _then(_at(before, 9, 2), _GP, agreed)
    yield _then(
        _at(before, 9, 3),
        _GP,
        ev.EligibilityChecked(
            phq2_total=4, psychiatric_follow_up=False, masters_french=True, common_mental_disorder=True, reasons=()
        ),
    )
    yield _then(_at(before, 9, 4), _GP, ev.PatientReferred(referral, screening))
    yield _then(_at(before + timedelta(days=3)), _NURSE, ev.ReferralAccepted(referral))
    informed = profile.agreed_on or profile.first
    status = ev.ConsentStatus.INFORMED
    yield _then(_at(informed, 8), _NURSE, ev.ConsentRecorded(ev.ConsentPurpose.EVALUATION, status, "1"))
    if profile.opposed_on is not None and profile.opposed_on > informed:
        status = ev.ConsentStatus.OPPOSED
        yield _then(_at(profile.opposed_on, 8), _NURSE, ev.ConsentRecorded(ev.ConsentPurpose.EVALUATION, status))
    if profile.ins_on is not None:
        yield _then(_at(profile.ins_on, 8), _GP, ev.PatientIdentified(person))
    yield _then(_at(profile.first, 9), _NURSE, ev.AssessmentRecorded(summary="Épisode actuel (patient fictif)."))
    if profile.moved_on is not None and profile.moved_to is not None:
        moved = ev.PathwayTransferred(SiteId(profile.site), SiteId(profile.moved_to), None)
        yield _then(_at(profile.moved_on, 7), _NURSE, moved)


def _sequence(profile: Profile, rank: int) -> Iterator[_Fact]:
    last = rank == profile.sequences
    start = add_months(profile.first, 3 * (rank - 1))
    planned = add_months(profile.first, 3 * rank) - timedelta(days=1)
    end = planned if profile.cut is None or not last else min(planned, start + timedelta(days=profile.cut))
    began = _at(start, 9, 5) if rank == 1 else _at(start, 3, 1)
    yield _then(began, _NURSE if rank == 1 else _CALENDAR, ev.SequenceStarted(rank, start, planned))
    for number in range(_SCARCE if last and profile.scarce else _ENOUGH):
        day = start + timedelta(days=1 + _RHYTHM * number)
        if day <= end:
            yield _then(_at(day, 11), _NURSE, _contact(profile, rank, number))
    closed = _at(end + timedelta(days=1), 3)
    yield _then(closed, _CALENDAR, ev.SequenceFinished(rank, end, interrupted=end < planned))


def _contact(profile: Profile, rank: int, number: int) -> ev.ContactHeld:
    contact_id = _id(profile, f"contact-{rank}-{number}")
    return ev.ContactHeld(contact_id, ev.ContactMode.PHONE, 20)


def _late(profile: Profile, end: date) -> Iterator[_Fact]:
    rank = profile.sequences
    if profile.late_contact is not None:
        held = ev.ContactHeld(_id(profile, f"contact-{rank}-late"), ev.ContactMode.PHONE, 15)
        written = _at(end + timedelta(days=profile.late_contact), 14)
        yield _Fact(written, _at(end - timedelta(days=2), 16), _NURSE, held)
    if profile.corrected is not None:
        again = ev.ContactCorrected(
            _id(profile, f"contact-{rank}-0"), ev.ContactMode.PHONE, 25, task=ev.ContactTask.COORDINATION
        )
        yield _then(_at(end + timedelta(days=profile.corrected), 15), _NURSE, again)
