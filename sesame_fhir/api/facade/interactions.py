"""What the facade offers, by resource type: the one table that routes, CapabilityStatement and tests are made from."""

from typing import Literal

Offered = Literal["read", "vread", "history-instance", "search-type", "create", "update"]

READS: tuple[Offered, ...] = ("read", "vread", "history-instance", "search-type")
ALL: tuple[Offered, ...] = (*READS, "create", "update")

INTERACTIONS: dict[str, tuple[Offered, ...]] = {
    "Binary": ("read", "vread", "history-instance", "create", "update"),
    **dict.fromkeys(
        (
            *("CareTeam", "Communication", "Condition", "Consent", "DocumentReference", "Encounter", "EpisodeOfCare"),
            *("Flag", "MedicationRequest", "MedicationStatement", "Observation", "Organization", "Patient"),
            "Practitioner",
            *("Questionnaire", "QuestionnaireResponse", "ServiceRequest", "Task"),
        ),
        ALL,
    ),
    **dict.fromkeys(
        (
            *("Appointment", "CarePlan", "Composition", "Goal", "Location", "Measure"),
            *("MeasureReport", "PractitionerRole", "Provenance"),
        ),
        READS,
    ),
}
"""A Binary has nothing to be searched by; what only a pathway writes is read here."""


def types_with(interaction: Offered) -> tuple[str, ...]:
    """Types that offer an interaction."""
    return tuple(name for name, offered in INTERACTIONS.items() if interaction in offered)


_READ_ONLY_ADDRESSES = frozenset(
    {("metadata",), (".well-known", "smart-configuration"), (".well-known", "openid-configuration")}
)


def allowed_methods(path: str) -> tuple[str, ...]:
    """HTTP methods of an address below ``/fhir/``; empty when there is nothing there."""
    parts = tuple(path.split("/"))
    if parts in _READ_ONLY_ADDRESSES:
        return ("GET",)
    offered = INTERACTIONS.get(parts[0], ())
    match parts[1:]:
        case ():
            found = {"GET": "search-type", "POST": "create"}
        case ("_search",):
            found = {"POST": "search-type"}
        case (_,):
            found = {"GET": "read", "PUT": "update"}
        case (_, "_history"):
            found = {"GET": "history-instance"}
        case (_, "_history", _):
            found = {"GET": "vread"}
        case _:
            found = {}
    return tuple(method for method, interaction in found.items() if interaction in offered)
