"""A probe of the audit log."""

from datetime import timedelta
from functools import partial

from mappings import audit_event
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.records import AuditEntry
from tests.support.story import START
from tests.unit.mappings import audit_cases as cases
from tests.unit.mappings.probes.probe import Probe

PROBES: dict[tuple[str, type], Probe] = {
    ("audit_event", AuditEntry): (
        partial(audit_event.audit_event, 1),
        cases.READ,
        {
            "at": START + timedelta(days=1),
            "actor_id": "Practitioner/other",
            "role": "nurse",
            "action": "delete",
            "outcome": "denied",
            "patient": "Patient/other",
            "detail": "Condition",
            "site": SiteId("other"),
            "extra": {"client": "other", "id": "o9"},
        },
    )
}
