"""Entries of the audit log as the software writes them: one for each way."""

from dataclasses import replace

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.records import AuditEntry
from tests.support.story import GP, NURSE, PATHWAY, SITE, START

_OTHER = SiteId("autre-site")
_ACCOUNT = "01900000-0000-7000-8000-00000000ac01"
_ADMIN = "admin-1"

READ = AuditEntry(
    *(START, f"Practitioner/{_ACCOUNT}", "practitioner", "read", "ok", f"Patient/{PATHWAY}", "Observation", SITE),
    {"client": "viewer_app", "id": "o1"},
)
PATIENT_READ = replace(READ, detail="Patient", extra={"client": "viewer_app", "id": PATHWAY})
SEARCH_REFUSED = AuditEntry(
    START, "service", "system", "search", "denied", None, "Observation", _OTHER, {"client": "service"}
)
SERVICE_WROTE = replace(SEARCH_REFUSED, action="create", outcome="exists", extra={"client": "service", "id": "o2"})
MATCHED = replace(SEARCH_REFUSED, action="match", outcome="ok", detail="Patient")
COMMAND = AuditEntry(START, NURSE.actor_id, "nurse", "record-plan", "done", PATHWAY, site=SITE)
PAGE = AuditEntry(START, GP.actor_id, "gp", "view-patient", "done", PATHWAY, "team/patient", SITE)
PAGE_REFUSED = replace(PAGE, action="refused", outcome="refused", detail="team.patient", site=None)
LAUNCH = AuditEntry(START, "ehr-test|Practitioner/9", "gp", "launch", "done", "ehr-test|Patient/p1", site=SITE)
SIGN_IN_REFUSED = AuditEntry(START, "unknown", "unknown", "sign-in", "refused", detail="passkey")
GLASS = AuditEntry(START, NURSE.actor_id, "nurse", "break-glass", "granted", PATHWAY, "emergency", _OTHER)
CLIENT_CHANGED = AuditEntry(
    START, _ADMIN, "administrator", "change-clients", "done", detail="create", extra={"client": "viewer_app"}
)
ACCOUNT_CHANGED = AuditEntry(
    START, _ADMIN, "administrator", "change-accounts", "done", detail="link", extra={"staff_id": _ACCOUNT}
)
EXPORT = AuditEntry(START, NURSE.actor_id, "nurse", "export-caseload", "done", site=_OTHER)
ODD = AuditEntry(START, 'un "nom" étrange', "system", "start", "done", extra={"client": 'a"b', "id": "x%_"})

ENTRIES = (
    *(READ, PATIENT_READ, SEARCH_REFUSED, SERVICE_WROTE, MATCHED, COMMAND, PAGE, PAGE_REFUSED, LAUNCH),
    *(SIGN_IN_REFUSED, GLASS, CLIENT_CHANGED, ACCOUNT_CHANGED, EXPORT, ODD),
)
