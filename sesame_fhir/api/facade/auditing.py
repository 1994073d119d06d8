"""One audit entry per access to data: who, with which app, what kind of thing, whose; never the content."""

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.services.records import AuditEntry


def audit(
    deps: ApiDeps,
    caller: Caller,
    action: str,
    resource_type: str,
    resource_id: str | None = None,
    *,
    outcome: str = "ok",
) -> None:
    """Record an access; returns at once.

    ``patient`` is known without opening the resource when it is the Patient itself or the token's own; ``extra`` names
    the resource in any case, which leads to the patient.
    """
    grant = caller.grant
    patient = resource_id if resource_type == "Patient" else caller.patient
    deps.audit.record(
        AuditEntry(
            at=deps.clock.now(),
            actor_id=grant.subject,
            role="system" if caller.is_system else "practitioner",
            action=action,
            outcome=outcome,
            patient=f"Patient/{patient}" if patient else None,
            detail=resource_type,
            site=deps.site,
            extra={"client": grant.client_id, **({"id": resource_id} if resource_id else {})},
        )
    )
