"""Opening one patient outside one's reach: a stated reason, an hour, and a trace of it.

Source: design, "Roles and sites" (break-glass with a reason, audited).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sesame_fhir.domain.access import role_refusals
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.services.staff import BreakGlass, BreakGlassGrants, StaffMember

ACTION = "break-glass"
GLASS_MINUTES = 60


class GlassReason(StrEnum):
    """Why a patient is opened outside one's reach."""

    EMERGENCY = "emergency"
    COLLEAGUE_ABSENT = "colleague-absent"
    PATIENT_ASKS = "patient-asks"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class GlassRequest:
    """What somebody asks to open, and why; ``text`` is needed with ``OTHER``."""

    pathway_id: PathwayId
    reason: GlassReason
    text: str | None = None


def break_glass(
    engine: Engine, grants: BreakGlassGrants, member: StaffMember, request: GlassRequest, now: datetime
) -> BreakGlass:
    """Open a pathway to one person for an hour.

    The audit log gets the code of the reason; the text may be about care and stays with the grant, off the log.

    Raises:
        Refused: a role that gives no care, or no text for another reason.
        NotFound: no such pathway.
    """
    if refusals := role_refusals(ACTION, member.role):
        raise Refused(*refusals)
    if request.reason is GlassReason.OTHER and not request.text:
        raise Refused(Reason(ReasonCode.REASON_REQUIRED, "text"))
    pathway = engine.load(request.pathway_id)
    grant = BreakGlass(
        member.staff_id,
        pathway.pathway_id,
        request.reason.value if request.text is None else f"{request.reason.value}: {request.text}",
        now + timedelta(minutes=GLASS_MINUTES),
    )
    grants.grant(grant)
    engine.audit.record(
        AuditEntry(
            at=now,
            actor_id=member.actor.actor_id,
            role=member.role.value,
            action=ACTION,
            outcome="granted",
            patient=pathway.pathway_id,
            detail=request.reason.value,
            site=pathway.site,
        )
    )
    return grant
