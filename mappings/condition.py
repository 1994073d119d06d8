"""The provisional problem of the initial assessment -> Condition.

It is the clinician's own, in words, with a code only where they chose one: a score never becomes a diagnosis. France's
terminology server and FR Core name CISP-2 differently, so both codings are given; CIM-10 is the French edition, some of
whose codes WHO does not have.
"""

from mappings.datatypes import coding, compact, concept, head, instant, patient_reference
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.care import Assessment
from sesame_fhir.domain.events import Problem, ProblemSystem
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.json_types import Json

_SYSTEMS: dict[ProblemSystem, tuple[str, ...]] = {
    ProblemSystem.ICPC_2: (canonical.CISP_2, canonical.ICPC_2),
    ProblemSystem.ICD_10: (canonical.CIM_10,),
}

FIELDS = (
    FieldMap(
        Problem,
        mapped={
            "text": "Condition.code.text",
            "system": "Condition.code.coding.system",
            "code": "Condition.code.coding.code",
        },
    ),
)


def problem_id(pathway_id: PathwayId) -> str:
    """Logical id of a pathway's provisional problem."""
    return f"{pathway_id}-problem"


def condition(pathway_id: PathwayId, assessment: Assessment) -> Json:
    """Build the Condition. Raises ValueError for an assessment that names no problem."""
    problem = assessment.data.problem
    if problem is None:
        raise ValueError("the assessment names no problem")
    subject = patient_reference(pathway_id)
    assessed_by = actor_reference(assessment.by, subject)
    return compact(
        {
            **head("Condition", problem_id(pathway_id), "problem"),
            "clinicalStatus": concept(coding(canonical.CONDITION_CLINICAL, "active", "Active")),
            "verificationStatus": concept(coding(canonical.CONDITION_VERIFICATION, "provisional", "Provisional")),
            "code": concept(*_codings(problem), text=problem.text),
            "subject": subject,
            "recordedDate": instant(assessment.at),
            "recorder": assessed_by,
            "asserter": assessed_by,
        }
    )


def _codings(problem: Problem) -> list[Json]:
    if problem.system is None or problem.code is None:
        return []
    return [coding(system, problem.code) for system in _SYSTEMS[problem.system]]
