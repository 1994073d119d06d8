"""The exit -> Observation: why the patient left and where to, as codes to count. The letter is a document."""

from mappings.code_systems import EXIT_REASONS, ORIENTATIONS, PATHWAY
from mappings.datatypes import compact, concept, head, instant, note, patient_reference
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.course import Exit
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        Exit,
        mapped={
            "reason": "Observation.value",
            "orientation": "Observation.component.value",
            "at": "Observation.effective",
            "by": "Observation.performer",
            "note": "Observation.note",
        },
        omitted={
            "survey": "Whether the survey was handed out concerns the coordinating team, not care.",
            "answered_at": "The survey concerns the coordinating team, not care.",
            "satisfaction": "The survey concerns the coordinating team, not care.",
        },
    ),
)


def exit_id(pathway_id: PathwayId) -> str:
    """Logical id of what is published about the exit."""
    return f"{pathway_id}-exit"


def exit_observation(left: Exit, pathway_id: PathwayId) -> Json:
    """Build the Observation."""
    subject = patient_reference(pathway_id)
    return compact(
        {
            **head("Observation", exit_id(pathway_id), "exit"),
            "status": "final",
            "code": concept(PATHWAY.coding("exit")),
            "subject": subject,
            "effectiveDateTime": instant(left.at),
            "issued": instant(left.at),
            "performer": [actor_reference(left.by, subject)],
            "valueCodeableConcept": concept(EXIT_REASONS.coding(left.reason.value)),
            "note": [note(left.note, left.at)] if left.note else None,
            "component": [
                {
                    "code": concept(PATHWAY.coding("orientation")),
                    "valueCodeableConcept": concept(ORIENTATIONS.coding(left.orientation.value)),
                }
            ],
        }
    )
