"""What the facade offers, by resource type: the one table that routes, CapabilityStatement and tests are made from."""

from typing import Literal

Offered = Literal[
    "read",
    "vread",
    "history-instance",
    "history-type",
    "search-type",
    "create",
    "update",
    "patch",
    "delete",
]
"""Interactions of a type, by their R4 codes (http://hl7.org/fhir/restful-interaction)."""

_UNSEARCHED: tuple[Offered, ...] = ("read", "vread", "history-instance", "history-type")
_WRITES: tuple[Offered, ...] = ("create", "update", "patch", "delete")
READS: tuple[Offered, ...] = (*_UNSEARCHED, "search-type")
ALL: tuple[Offered, ...] = (*READS, *_WRITES)

INTERACTIONS: dict[str, tuple[Offered, ...]] = {
    "AuditEvent": ("read", "search-type"),
    "Binary": (*_UNSEARCHED, *_WRITES),
    **dict.fromkeys(
        (
            *("Appointment", "CareTeam", "Communication", "Condition", "Consent", "Coverage", "DocumentReference"),
            *("Encounter", "EpisodeOfCare"),
            *("Flag", "MedicationRequest", "MedicationStatement", "Observation", "Organization", "Patient"),
            "Practitioner",
            *("Questionnaire", "QuestionnaireResponse", "ServiceRequest", "Subscription", "Task"),
        ),
        ALL,
    ),
    **dict.fromkeys(
        (
            *("CarePlan", "Claim", "ClaimResponse", "Composition", "Goal", "Location", "Measure"),
            *("MeasureReport", "PaymentReconciliation", "PractitionerRole", "Provenance"),
            *("CodeSystem", "ConceptMap", "OperationDefinition", "SearchParameter", "StructureDefinition", "ValueSet"),
        ),
        READS,
    ),
}
"""A Binary has nothing to be searched by; what only a pathway writes is read here. An entry of the audit log has one
version, which nobody changes."""

MADE_ELSEWHERE: dict[str, str] = {
    "Claim": "Une demande de paiement se fait, s'annule et se refait dans la facturation de SÉSAME (sesame billing).",
    **dict.fromkeys(
        ("ClaimResponse", "PaymentReconciliation"),
        "Les réponses et les paiements de l'assurance maladie s'importent dans la facturation de SÉSAME, qui les "
        "rapproche des demandes (sesame billing).",
    ),
}
"""What to do instead of writing them here: money enters the books by one door, which checks it against the claims."""


def types_with(interaction: Offered) -> tuple[str, ...]:
    """Types that offer an interaction."""
    return tuple(name for name, offered in INTERACTIONS.items() if interaction in offered)
