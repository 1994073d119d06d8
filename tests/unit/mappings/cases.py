"""Named pathways for the mapping tests: one per situation that a resource must tell apart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import ReferralId, ScreeningId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.records import OutboxTarget, Projections
from tests.support.story import (
    AGREED,
    BINDING,
    GP,
    NURSE,
    PATHWAY,
    SITE,
    TRAITS,
    eligible,
    event,
    referred,
    screened,
)
from tests.unit.mappings import billing_cases as billing
from tests.unit.mappings import care_cases as care

IDENTIFIED = ev.PatientIdentified(TRAITS, BINDING)
REFERRAL_ID = ReferralId("01900000-0000-7000-8000-0000000000b1")
AGAIN_ID = ReferralId("01900000-0000-7000-8000-0000000000b2")


def screening(weights: str, instrument: InstrumentId = InstrumentId.PHQ_2, *, last: str = "a1") -> ev.ScreeningRecorded:
    """A screening whose id no other kind of thing in the story has."""
    return replace(screened(weights, instrument), screening_id=ScreeningId(f"01900000-0000-7000-8000-0000000000{last}"))


POSITIVE = screening("32")
PHQ_9_AT_RISK = screening("222222221", InstrumentId.PHQ_9, last="a9")
SAFE_AGAIN = screening("222222220", InstrumentId.PHQ_9, last="a9")
REFERRED = replace(referred(), referral_id=REFERRAL_ID, screening_id=POSITIVE.screening_id)
PATIENT_ACTOR = Actor("ehr-test|Patient/p1", Role.PATIENT, "Jeanne FICTIVE")
UNKNOWN_GP = Actor("ehr-test|Practitioner/9", Role.GP, "Dr Sans Numéro")


def corrected(data: ev.ScreeningRecorded) -> ev.ScreeningCorrected:
    """The same screening id with these answers, as a correction."""
    return ev.ScreeningCorrected(
        data.screening_id, data.instrument, data.instrument_version, data.answers, data.total, data.safety_flag
    )


OVERRIDDEN = replace(
    REFERRED,
    overridden=(ReasonCode.BELOW_THRESHOLD,),
    override_reason="Insomnie sévère malgré un score bas.",
    note="Préfère être appelée le soir.",
)
_TO_REFERRAL: tuple[ev.Payload, ...] = (IDENTIFIED, POSITIVE, AGREED, eligible(), REFERRED)
_TO_CARE: tuple[ev.Payload, ...] = (*_TO_REFERRAL, ev.ReferralAccepted(REFERRAL_ID), ev.AssessmentRecorded())
_WHOLE = (*_TO_REFERRAL, ev.ReferralAccepted(REFERRAL_ID), *care.WHOLE)
_ACKNOWLEDGED = ev.SafetyAcknowledged(PHQ_9_AT_RISK.screening_id, ev.SafetyAction.SAFETY_PLAN)

STORIES: dict[str, tuple[ev.Payload | care.Told, ...]] = {
    "screened": (IDENTIFIED, POSITIVE),
    "no-ins": (ev.PatientIdentified(replace(TRAITS, ins=None, phone=None, birth_date=None), BINDING), POSITIVE),
    "no-record": (ev.PatientIdentified(TRAITS), POSITIVE),
    "gad-2": (IDENTIFIED, screening("20", InstrumentId.GAD_2)),
    "gad-7": (IDENTIFIED, screening("2101000", InstrumentId.GAD_7)),
    "audit-c": (IDENTIFIED, screening("210", InstrumentId.AUDIT_C)),
    "amended": (IDENTIFIED, POSITIVE, corrected(screening("00"))),
    "at-risk": (IDENTIFIED, POSITIVE, PHQ_9_AT_RISK),
    "acknowledged": (IDENTIFIED, POSITIVE, PHQ_9_AT_RISK, _ACKNOWLEDGED),
    "risk-removed": (IDENTIFIED, POSITIVE, PHQ_9_AT_RISK, corrected(SAFE_AGAIN)),
    "referred": _TO_REFERRAL,
    "declined": (IDENTIFIED, POSITIVE, ev.ReferralDeclined(ev.DeclineReason.PATIENT_REFUSED)),
    "overridden": (IDENTIFIED, POSITIVE, AGREED, eligible(ReasonCode.BELOW_THRESHOLD), OVERRIDDEN),
    "withdrawn": (*_TO_REFERRAL, ev.ReferralWithdrawn(REFERRAL_ID, ev.WithdrawReason.PATIENT_CHANGED_MIND)),
    "entered-in-error": (*_TO_REFERRAL, ev.ReferralWithdrawn(REFERRAL_ID, ev.WithdrawReason.ENTERED_IN_ERROR)),
    "unreachable": (*_TO_REFERRAL, ev.ReferralNotStarted(REFERRAL_ID, ev.ReferralEnd.UNREACHABLE)),
    "accepted": (*_TO_REFERRAL, ev.ReferralAccepted(REFERRAL_ID)),
    "in-care": _TO_CARE,
    "interrupted": (*_TO_CARE, ev.PhaseChanged(ev.Phase.RELAPSE_PREVENTION), ev.PathwayInterrupted()),
    "exited": (*_TO_CARE, ev.PathwayExited(ev.ExitReason.REMISSION)),
    "called": (*_TO_REFERRAL, ev.CallAttempted("Répondeur."), ev.CallAttempted(None, ev.CallResult.WRONG_NUMBER)),
    "planned": (*_TO_REFERRAL, ev.ReferralAccepted(REFERRAL_ID), care.ASSESSED, care.PLAN),
    "reviewed": (*_WHOLE[: _WHOLE.index(care.ADAPTED)],),
    "accepted-advice": (*_WHOLE[: _WHOLE.index(care.ADAPTED)], care.ACCEPTED),
    "whole": _WHOLE,
    "discussed": (*_WHOLE, ev.MarkedForReview("Rechute ?")),
    "renewed": (*_WHOLE, ev.RenewalDecided(2, renew=True)),
    "left": (*_WHOLE, care.FINISHED, care.EXITED),
    "on-hold": (*_WHOLE, ev.PathwayInterrupted("Séjour en clinique.")),
    "uncoded-problem": (*_TO_REFERRAL, ev.ReferralAccepted(REFERRAL_ID), care.IN_WORDS),
    "note-removed": (*_WHOLE, replace(care.CORRECTED, note=None)),
    "taken-in-contact": (
        *_TO_REFERRAL,
        ev.ReferralAccepted(REFERRAL_ID),
        care.ASSESSED,
        care.Told(screening("222222220", InstrumentId.PHQ_9, last="a5"), NURSE),
        replace(care.ON_SITE, screenings=(ScreeningId(care.uuid("a5")),)),
    ),
    "improving": (
        IDENTIFIED,
        POSITIVE,
        screening("222222220", InstrumentId.PHQ_9, last="a6"),
        *_TO_REFERRAL[2:],
        ev.ReferralAccepted(REFERRAL_ID),
        care.ASSESSED,
        care.Told(screening("101000000", InstrumentId.PHQ_9, last="a7"), NURSE, days=28),
        care.Told(screening("222222220", InstrumentId.PHQ_9, last="a8"), NURSE, days=42),
    ),
    "transferred": (*_WHOLE, ev.PathwayTransferred(SITE, care.ELSEWHERE, care.MEMBERS[2])),
    "merged": (*_WHOLE, ev.MergedInto(care.ABSORBED)),
    "survivor": (*_WHOLE, ev.RecordsMerged(care.ABSORBED, replace(BINDING, patient="Patient/p9"))),
    "withdrawn-consent": (
        *_WHOLE,
        ev.ConsentRecorded(ev.ConsentPurpose.CARE_TEAM, ev.ConsentStatus.WITHDRAWN, "2"),
        care.Told(screening("111111110", InstrumentId.PHQ_9, last="a4"), NURSE),
        screening("222111110", InstrumentId.PHQ_9, last="a5"),
    ),
    "referred-again": (
        *_TO_REFERRAL,
        ev.ReferralNotStarted(REFERRAL_ID, ev.ReferralEnd.DECLINED_BY_PATIENT),
        screening("33", last="a3"),
        replace(REFERRED, referral_id=AGAIN_ID),
    ),
    "opposed": (
        IDENTIFIED,
        POSITIVE,
        ev.ConsentRecorded(ev.ConsentPurpose.EVALUATION, ev.ConsentStatus.OPPOSED),
    ),
}


def pathway(name: str) -> Pathway:
    """The state at the end of a story."""
    return steps(name)[-1][1]


def steps(name: str) -> list[tuple[Pathway, Pathway, ev.Event]]:
    """Every event of a story as a command of its own: before, after, event."""
    return _steps(STORIES[name])


def _steps(payloads: Sequence[ev.Payload | care.Told]) -> list[tuple[Pathway, Pathway, ev.Event]]:
    found = []
    state = Pathway(PATHWAY)
    for number, told in enumerate(payloads, start=1):
        happened = _happened(number, told)
        after = evolve(state, happened)
        found.append((state, after, happened))
        state = after
    return found


def _happened(number: int, told: ev.Payload | care.Told) -> ev.Event:
    told = told if isinstance(told, care.Told) else care.Told(told, care.ACTORS.get(type(told), GP))
    happened = event(number, told.data, told.by)
    later = timedelta(days=told.days)
    return replace(happened, occurred_at=happened.occurred_at + later, recorded_at=happened.recorded_at + later)


def project(name: str, projector: PathwayProjector) -> Projections:
    """Projections of a story's last command."""
    before, after, happened = steps(name)[-1]
    return projector(before, after, (happened,))


def wanted(name: str, projector: PathwayProjector) -> dict[str, OutboxTarget]:
    """What the record must hold at the end of a story, as it was asked for: ``Type/id`` -> target."""
    asked: dict[str, OutboxTarget] = {}
    for before, after, happened in steps(name):
        for target in projector(before, after, (happened,)).outbox:
            asked[f"{target.resource_type}/{target.resource_id}"] = target
    return asked


def published(name: str, projector: PathwayProjector) -> dict[str, Json]:
    """What the store holds at the end of a story: ``Type/id`` -> latest body."""
    held: dict[str, Json] = {}
    for before, after, happened in steps(name):
        for write in projector(before, after, (happened,)).resources:
            held[f"{write.resource_type}/{write.resource_id}"] = dict(write.body)
    return held


STORIES |= billing.stories(STORIES["left"], lambda payloads: _steps(payloads)[-1][1])
