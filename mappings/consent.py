"""What the patient said for one purpose <-> Consent, one per purpose, never mixed.

Information with non-opposition and explicit consent are different legal things (domain page, "Consent"):
``policyRule`` says which regime applies (OPTOUT or OPTIN), ``status`` what the patient decided, so that the five
statuses of the domain stay apart and can be read back. The notice that the patient was given is named by its version;
who informed the patient is in the act's Provenance (mappings.provenance): a Consent's performer is who agrees.
"""

from mappings.claimed import claimed
from mappings.code_systems import CONSENT_PURPOSES
from mappings.datatypes import coding, compact, concept, identifier, instant, moment
from mappings.fields import FieldMap
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.care import Consent
from sesame_fhir.domain.events import ConsentPurpose, ConsentStatus
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.canonical import LOINC, identifier_system
from sesame_fhir.fhir.json_types import Json

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"

RULES: dict[ConsentStatus, tuple[str, str, str]] = {
    ConsentStatus.INFORMED: ("OPTOUT", "proposed", "permit"),
    ConsentStatus.GIVEN: ("OPTIN", "active", "permit"),
    ConsentStatus.REFUSED: ("OPTIN", "rejected", "deny"),
    ConsentStatus.OPPOSED: ("OPTOUT", "rejected", "deny"),
    ConsentStatus.WITHDRAWN: ("OPTIN", "inactive", "deny"),
}
"""Status -> regime, R4 status, provision."""
_SCOPES = {
    ConsentPurpose.CARE_TEAM: "patient-privacy",
    ConsentPurpose.EVALUATION: "patient-privacy",
    ConsentPurpose.RESEARCH: "research",
    ConsentPurpose.SURVEY: "patient-privacy",
}

FIELDS = (
    FieldMap(
        Consent,
        mapped={"status": "Consent.status", "notice": "Consent.source", "at": "Consent.dateTime"},
        omitted={"by": "Who informed the patient is the agent of the act's Provenance (mappings.provenance)."},
    ),
)


def consent_id(pathway_id: PathwayId, purpose: ConsentPurpose) -> str:
    """Logical id: one Consent per pathway and purpose, whose versions are its history."""
    return f"{pathway_id}-{purpose.value}"


def consent(pathway_id: PathwayId, purpose: ConsentPurpose, said: Consent, subject: Json) -> Json:
    """Build the Consent as it stands."""
    rule, status, provision = RULES[said.status]
    return compact(
        {
            "resourceType": "Consent",
            "id": consent_id(pathway_id, purpose),
            "meta": claimed("Consent", "consent"),
            "language": "fr",
            "identifier": [identifier("consent", consent_id(pathway_id, purpose))],
            "status": status,
            "scope": concept(coding(_SCOPE, _SCOPES[purpose])),
            "category": [
                concept(coding(LOINC, "59284-0", "Consent Document")),
                concept(CONSENT_PURPOSES.coding(purpose.value)),
            ],
            "patient": subject,
            "dateTime": instant(said.at),
            "performer": [subject],
            "sourceReference": _notice(said.notice) if said.notice else None,
            "policyRule": concept(coding(_ACT_CODE, rule)),
            "provision": {"type": provision},
        }
    )


def consent_of(resource: Json, by: Actor) -> tuple[ConsentPurpose, Consent] | None:
    """Read one of our Consents back; None when purpose, status or time is not one of ours.

    ``by`` is who the reader knows informed the patient.
    """
    codes = [c for category in resource.get("category", ()) for c in category.get("coding", ())]
    purpose = next((c.get("code") for c in codes if c.get("system") == CONSENT_PURPOSES.url), None)
    rule = next((c.get("code") for c in resource.get("policyRule", {}).get("coding", ())), None)
    found = next((s for s, (r, status, _) in RULES.items() if (r, status) == (rule, resource.get("status"))), None)
    at = moment(resource.get("dateTime"))
    if purpose not in set(ConsentPurpose) or found is None or at is None:
        return None
    notice = resource.get("sourceReference", {}).get("identifier", {})
    given = notice.get("value") if notice.get("system") == identifier_system("notice") else None
    return ConsentPurpose(purpose), Consent(found, given, at, by)


def _notice(version: str) -> Json:
    return {
        "type": "DocumentReference",
        "identifier": identifier("notice", version),
        "display": f"Notice d'information, version {version}",
    }
