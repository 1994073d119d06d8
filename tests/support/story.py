"""Builders for tests: one site, a few people, events at readable times. Synthetic patients only."""

from datetime import UTC, date, datetime, timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.identifiers import Ins, InsNature, Rpps
from sesame_fhir.domain.ids import CommandId, EhrId, EventId, PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.reasons import ReasonCode

SITE = SiteId("site-argenteuil")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATHWAY = PathwayId("01900000-0000-7000-8000-000000000001")
SCREENING = ScreeningId("01900000-0000-7000-8000-0000000000a1")
REFERRAL = ReferralId("01900000-0000-7000-8000-0000000000b1")
EHR = EhrId("ehr-test")

GP = Actor("10003461034", Role.GP, "Dr Camille Fictif", Rpps("10003461034"))
NURSE = Actor("10000000017", Role.NURSE, "Noé Fictif", Rpps("10000000017"))
PSYCHIATRIST = Actor("10000000025", Role.PSYCHIATRIST, "Dr Paule Fictive", Rpps("10000000025"))
COORDINATOR = Actor("coord-1", Role.COORDINATOR, "Coralie Fictive")
SYSTEM = Actor("system|calendar", Role.SYSTEM, "Calendrier")

TRAITS = ev.PatientTraits(
    family="FICTIVE",
    given="Jeanne",
    birth_date=date(1984, 12, 7),
    sex=ev.Sex.FEMALE,
    ins=Ins("2841276451089", InsNature.TEST),
    phone="0199001234",
)
BINDING = ev.EhrBinding(EHR, "Patient/p1", "Encounter/e1", "Practitioner/gp1")


def answered(instrument: InstrumentId, weights: str) -> dict[str, str]:
    """Answers from one digit per scored item."""
    items = INSTRUMENTS[instrument].scored_items
    return {item.link_id: item.answers[int(digit)].code for item, digit in zip(items, weights, strict=True)}


def screened(weights: str = "33", instrument: InstrumentId = InstrumentId.PHQ_2, n: int = 1) -> ev.ScreeningRecorded:
    """A screening with these item weights; ``n`` makes its id."""
    return ev.ScreeningRecorded(
        screening_id=ScreeningId(f"{SCREENING[:-2]}{n:02x}"),
        instrument=instrument,
        instrument_version="1.0.0",
        answers=answered(instrument, weights),
        total=sum(map(int, weights)),
        safety_flag=instrument is InstrumentId.PHQ_9 and weights[8] != "0",
    )


def eligible(*reasons: ReasonCode, total: int = 6) -> ev.EligibilityChecked:
    """Criteria answered by the GP, with the reasons found."""
    return ev.EligibilityChecked(
        phq2_total=total,
        psychiatric_follow_up=False,
        masters_french=True,
        common_mental_disorder=True,
        reasons=reasons,
    )


AGREED = ev.ConsentRecorded(ev.ConsentPurpose.CARE_TEAM, ev.ConsentStatus.GIVEN)


def referred(n: int = 1) -> ev.PatientReferred:
    """A referral of the first screening."""
    return ev.PatientReferred(ReferralId(f"{REFERRAL[:-2]}{n:02x}"), screened().screening_id)


def event(
    sequence: int,
    data: ev.Payload,
    actor: Actor = GP,
    pathway_id: PathwayId = PATHWAY,
    occurred_at: datetime | None = None,
    recorded_at: datetime | None = None,
) -> ev.Event:
    """An event of the story, ``sequence`` hours after its start unless a time is given."""
    at = occurred_at or START + timedelta(hours=sequence)
    return ev.Event(
        event_id=EventId(f"{pathway_id[:-4]}{sequence:04x}"),
        pathway_id=pathway_id,
        sequence=sequence,
        occurred_at=at,
        recorded_at=recorded_at or at,
        actor=actor,
        site=SITE,
        command_id=CommandId(f"{pathway_id}-c{sequence}"),
        data=data,
    )


def story(*payloads: ev.Payload, pathway_id: PathwayId = PATHWAY) -> tuple[ev.Event, ...]:
    """One event per payload, in order."""
    return tuple(event(n, data, pathway_id=pathway_id) for n, data in enumerate(payloads, start=1))
