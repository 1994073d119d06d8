"""Use cases of the nurse's side of a referral: call, take, or end it with a reason that goes back to the GP."""

from sesame_fhir.domain.events import (
    CallAttempted,
    CallResult,
    Payload,
    ReferralAccepted,
    ReferralEnd,
    ReferralNotStarted,
)
from sesame_fhir.domain.ids import PathwayId, ReferralId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.engine import Command, Engine


def record_call(
    engine: Engine, command: Command, pathway_id: PathwayId, result: CallResult, note: str | None = None
) -> Pathway:
    """Log a call that did not settle the matter. Raises Refused when no referral waits, Conflict as every command."""
    return engine.run(pathway_id, command, "record-call", lambda _pathway: (CallAttempted(note, result),))


def accept_referral(engine: Engine, command: Command, pathway_id: PathwayId) -> Pathway:
    """Take the patient; the nurse who does joins the care team.

    Raises:
        Refused: no referral waits, or the patient has not agreed to the care team's sharing.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        return (ReferralAccepted(_waiting(pathway, "ReferralAccepted")),)

    return engine.run(pathway_id, command, "accept-referral", decide)


def end_referral(
    engine: Engine, command: Command, pathway_id: PathwayId, reason: ReferralEnd, note: str | None = None
) -> Pathway:
    """End a referral without care; reason and note go back to the GP.

    Raises:
        Refused: too few calls for "unreachable", no words for a reason that needs them, no referral.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        return (ReferralNotStarted(_waiting(pathway, "ReferralNotStarted"), reason, note),)

    return engine.run(pathway_id, command, "end-referral", decide)


def _waiting(pathway: Pathway, event: str) -> ReferralId:
    if pathway.referral is None:
        raise Refused(Reason(ReasonCode.EVENT_NOT_ALLOWED, f"{pathway.state.value}/{event}"))
    return pathway.referral.referral_id
