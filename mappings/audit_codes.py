"""What the audit log's own words mean in FHIR: tables, read by the AuditEvent and by the search of them.

Sources: R4 audit-event-type, audit-event-action, audit-event-outcome and restful-interaction; DICOM PS3.16 for what is
no RESTful exchange. A word that no table has is told by its own code, as a change or an access of the application.
"""

from sesame_fhir.domain.access import ACTIONS
from sesame_fhir.fhir.canonical import identifier_system
from sesame_fhir.fhir.json_types import Json

AUDIT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
RESTFUL = "http://hl7.org/fhir/restful-interaction"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
OWN_ACTION = identifier_system("audited-action")
"""Our use cases, pages and operations, by the name that they are audited under."""
OWN_DETAIL = identifier_system("audited-detail")
"""What of it: a page, a way to sign in, the code of a reason."""

APPLICATION: Json = {"system": DICOM, "code": "110150", "display": "Application"}
"""Type of an agent that is the software in between."""

_REST: Json = {"system": AUDIT_TYPE, "code": "rest", "display": "RESTful Operation"}
RECORD: Json = {"system": DICOM, "code": "110110", "display": "Patient Record"}
"""Type of everything that no table has."""
_SIGN_IN: Json = {"system": DICOM, "code": "110114", "display": "User Authentication"}
_RIGHTS: Json = {"system": DICOM, "code": "110113", "display": "Security Alert"}
"""R4 has the code of changed rights among subtypes only; this is the type above it."""
_EXPORT: Json = {"system": DICOM, "code": "110106", "display": "Export"}

INTERACTIONS: dict[str, str] = {
    **{name: name for name in ("read", "vread", "history", "create", "update", "patch", "delete")},
    "search": "search-type",
}
"""The facade's word -> code of the RESTful interaction."""
_OPERATIONS = ("evaluate-measure", "everything", "extract", "match", "populate", "reach", "summary")

TYPES: dict[str, Json] = {
    **dict.fromkeys((*INTERACTIONS, *_OPERATIONS, "validate", "write"), _REST),
    "sign-in": _SIGN_IN,
    **dict.fromkeys(("change-accounts", "change-clients"), _RIGHTS),
    **dict.fromkeys(("export-caseload", "export-indicators", "print-document"), _EXPORT),
}
"""Word -> ``AuditEvent.type``."""

EXECUTED = "E"
"""``AuditEvent.action`` of what the table does not have."""
LETTERS: dict[str, str] = {
    **{name: "U" for name in ACTIONS if not name.startswith(("view-", "export-", "print-", "open-", "break-"))},
    **{name: "R" for name in ACTIONS if name.startswith("view-")},
    **dict.fromkeys(("read", "vread", "history", "view"), "R"),
    **dict.fromkeys(("update", "patch", "write"), "U"),
    "create": "C",
    "delete": "D",
}
"""Word -> created, read, updated or deleted; a search and an operation are executed."""

SUCCESS, REFUSED = "0", "4"
OUTCOMES: dict[str, str] = dict.fromkeys(("ok", "done", "granted", "exists"), SUCCESS)
"""Word -> ``AuditEvent.outcome``; every other is a refusal."""

CLIENTS_CHANGED = "change-clients"
"""Here ``client`` names what was changed; elsewhere, the software that the person acted through."""
