"""A three-month sequence -> CarePlan, part of the pathway's: its period, and how it ended."""

from mappings.code_systems import PATHWAY
from mappings.datatypes import compact, concept, head, patient_reference, reference
from mappings.fields import FieldMap
from sesame_fhir.domain.course import Sequence
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        Sequence,
        mapped={
            "rank": "CarePlan.title",
            "start": "CarePlan.period",
            "planned_end": "CarePlan.period",
            "end": "CarePlan.period, CarePlan.status",
            "interrupted": "CarePlan.status",
        },
        omitted={
            "claim_id": "The Claim refers to the sequence that it is for.",
            "billed_at": "When it was billed is the Claim's.",
        },
    ),
)


def sequence_id(pathway_id: PathwayId, rank: int) -> str:
    """Logical id of a sequence's CarePlan."""
    return f"{pathway_id}-sequence-{rank}"


def sequence_plan(sequence: Sequence, pathway_id: PathwayId, *, suspended: bool = False) -> Json:
    """Build the CarePlan of one sequence; while it runs its period ends on the planned last day.

    ``suspended``: care is interrupted while it runs.
    """
    return compact(
        {
            **head("CarePlan", sequence_id(pathway_id, sequence.rank), "sequence"),
            "partOf": [reference("CarePlan", pathway_id)],
            "status": _status(sequence, suspended=suspended),
            "intent": "plan",
            "category": [concept(PATHWAY.coding("sequence"))],
            "title": f"Séquence {sequence.rank}",
            "subject": patient_reference(pathway_id),
            "period": {
                "start": sequence.start.isoformat(),
                "end": (sequence.end or sequence.planned_end).isoformat(),
            },
        }
    )


def _status(sequence: Sequence, *, suspended: bool) -> str:
    if sequence.end is None:
        return "on-hold" if suspended else "active"
    return "revoked" if sequence.interrupted else "completed"
