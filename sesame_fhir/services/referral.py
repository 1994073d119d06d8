"""Use cases of the referral, GP -> nurse: confirm eligibility, refer, decline, withdraw."""

from dataclasses import dataclass

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.eligibility import (
    EligibilityDecision,
    EligibilityFacts,
    check_eligibility,
    depression_screen,
    phq2_total,
)
from sesame_fhir.domain.events import (
    ConsentPurpose,
    ConsentRecorded,
    ConsentStatus,
    DeclineReason,
    EligibilityChecked,
    PatientReferred,
    Payload,
    ReferralDeclined,
    ReferralWithdrawn,
    WithdrawReason,
)
from sesame_fhir.domain.ids import PathwayId, ReferralId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.engine import Command, Engine


@dataclass(frozen=True, slots=True)
class Criteria:
    """The GP's answers to the criteria that software cannot decide; None: not answered."""

    psychiatric_follow_up: bool | None
    masters_french: bool | None
    common_mental_disorder: bool | None


@dataclass(frozen=True, slots=True)
class ReferralRequest:
    """What the GP adds to a referral; ``override_reason`` is required when a criterion is overridden.

    ``medications`` are the active ones that the record named at the launch.
    """

    referral_id: ReferralId
    override_reason: str | None = None
    note: str | None = None
    medications: tuple[str, ...] = ()


def decide_eligibility(engine: Engine, command: Command, pathway: Pathway, criteria: Criteria) -> EligibilityDecision:
    """Check the criteria without recording anything (to show them before the GP confirms)."""
    facts = EligibilityFacts(
        birth_date=pathway.traits.birth_date if pathway.traits else None,
        phq2_total=phq2_total(pathway),
        psychiatric_follow_up=criteria.psychiatric_follow_up,
        masters_french=criteria.masters_french,
        common_mental_disorder=criteria.common_mental_disorder,
    )
    return check_eligibility(facts, engine.policy, local_day(command.occurred_at))


def confirm_eligibility(
    engine: Engine, command: Command, pathway_id: PathwayId, criteria: Criteria, consent: ConsentStatus | None
) -> Pathway:
    """Record the GP's answers, the reasons found, and what the patient said once informed (None: said elsewhere).

    A patient who is not eligible is recorded as such: whether the referral may still be made is decided by ``refer``.

    Raises:
        Conflict: the pathway changed since the caller saw it.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        decision = decide_eligibility(engine, command, pathway, criteria)
        checked = EligibilityChecked(
            phq2_total=phq2_total(pathway),
            psychiatric_follow_up=criteria.psychiatric_follow_up,
            masters_french=criteria.masters_french,
            common_mental_disorder=criteria.common_mental_disorder,
            reasons=tuple(reason.code for reason in decision.reasons),
        )
        if consent is None:
            return (checked,)
        return (checked, ConsentRecorded(ConsentPurpose.CARE_TEAM, consent, engine.policy.notice))

    return engine.run(pathway_id, command, "confirm-eligibility", decide)


def refer(engine: Engine, command: Command, pathway_id: PathwayId, request: ReferralRequest) -> Pathway:
    """Refer the patient to the nurse on the strength of the latest PHQ-2 or PHQ-9.

    Raises:
        Refused: a criterion fails without an allowed override, no agreement, an unacknowledged suicide-risk flag,
            a state that does not allow it. Every reason is given.
        Conflict: the pathway changed since the caller saw it.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        screening = depression_screen(pathway)
        if screening is None:
            raise Refused(Reason(ReasonCode.NOT_SCREENED))
        standing = pathway.eligibility.reasons if pathway.eligibility else ()
        reason = (request.override_reason or "").strip() or None
        return (
            PatientReferred(
                referral_id=request.referral_id,
                screening_id=screening.screening_id,
                overridden=standing if reason else (),
                override_reason=reason if standing else None,
                note=(request.note or "").strip() or None,
                medications=request.medications,
            ),
        )

    return engine.run(pathway_id, command, "refer", decide)


def decline(
    engine: Engine, command: Command, pathway_id: PathwayId, reason: DeclineReason, note: str | None = None
) -> Pathway:
    """Record that this screened patient is not referred, and why."""
    return engine.run(pathway_id, command, "decline", lambda _pathway: (ReferralDeclined(reason, note),))


def withdraw(
    engine: Engine, command: Command, pathway_id: PathwayId, reason: WithdrawReason, note: str | None = None
) -> Pathway:
    """Take a referral back before the nurse has started.

    Raises:
        Refused: there is no referral to take back.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        if pathway.referral is None:
            raise Refused(Reason(ReasonCode.EVENT_NOT_ALLOWED, f"{pathway.state.value}/ReferralWithdrawn"))
        withdrawn = ReferralWithdrawn(pathway.referral.referral_id, reason, note)
        if reason is not WithdrawReason.PATIENT_CHANGED_MIND:
            return (withdrawn,)
        # Whoever changes their mind about the referral takes back what they agreed to: it must be asked again.
        return (withdrawn, ConsentRecorded(ConsentPurpose.CARE_TEAM, ConsentStatus.WITHDRAWN, engine.policy.notice))

    return engine.run(pathway_id, command, "withdraw", decide)
