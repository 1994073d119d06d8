"""ConsentRecorded <-> Consent, one per purpose, never mixed.

Information with non-opposition and explicit consent are different legal things (domain page, "Consent"):
``policyRule`` says which regime applies (OPTOUT or OPTIN), ``status`` what the patient decided, so that the five
statuses of the domain stay apart and can be read back.
"""

from datetime import datetime

from mappings.code_systems import CONSENT_PURPOSES
from mappings.datatypes import coding, concept, identifier, instant
from mappings.fields import FieldMap
from sesame_fhir.domain.events import ConsentPurpose, ConsentRecorded, ConsentStatus
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.canonical import LOINC
from sesame_fhir.fhir.json_types import Json

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"

_RULES: dict[ConsentStatus, tuple[str, str, str]] = {
    ConsentStatus.INFORMED: ("OPTOUT", "proposed", "permit"),
    ConsentStatus.GIVEN: ("OPTIN", "active", "permit"),
    ConsentStatus.REFUSED: ("OPTIN", "rejected", "deny"),
    ConsentStatus.OPPOSED: ("OPTOUT", "rejected", "deny"),
    ConsentStatus.WITHDRAWN: ("OPTIN", "inactive", "deny"),
}
_SCOPES = {
    ConsentPurpose.CARE_TEAM: "patient-privacy",
    ConsentPurpose.EVALUATION: "patient-privacy",
    ConsentPurpose.RESEARCH: "research",
    ConsentPurpose.SURVEY: "patient-privacy",
}

FIELDS = (FieldMap(ConsentRecorded, mapped={"purpose": "Consent.category", "status": "Consent.status"}),)


def consent_id(pathway_id: PathwayId, purpose: ConsentPurpose) -> str:
    """Logical id: one Consent per pathway and purpose, whose versions are its history."""
    return f"{pathway_id}-{purpose.value}"


def consent(pathway_id: PathwayId, recorded: ConsentRecorded, at: datetime, subject: Json) -> Json:
    """Build the Consent as it stands after this event."""
    rule, status, provision = _RULES[recorded.status]
    return {
        "resourceType": "Consent",
        "id": consent_id(pathway_id, recorded.purpose),
        "language": "fr",
        "identifier": [identifier("consent", consent_id(pathway_id, recorded.purpose))],
        "status": status,
        "scope": concept(coding(_SCOPE, _SCOPES[recorded.purpose])),
        "category": [
            concept(coding(LOINC, "59284-0", "Consent Document")),
            concept(CONSENT_PURPOSES.coding(recorded.purpose.value)),
        ],
        "patient": subject,
        "dateTime": instant(at),
        "policyRule": concept(coding(_ACT_CODE, rule)),
        "provision": {"type": provision},
    }


def recorded_of(resource: Json) -> ConsentRecorded | None:
    """Read purpose and status from one of our Consents; None when either is not one of ours."""
    codes = [c for category in resource.get("category", ()) for c in category.get("coding", ())]
    purpose = next((c["code"] for c in codes if c.get("system") == CONSENT_PURPOSES.url), None)
    rule = next((c.get("code") for c in resource.get("policyRule", {}).get("coding", ())), None)
    found = next((s for s, (r, status, _) in _RULES.items() if (r, status) == (rule, resource.get("status"))), None)
    if purpose not in set(ConsentPurpose) or found is None:
        return None
    return ConsentRecorded(ConsentPurpose(purpose), found)
