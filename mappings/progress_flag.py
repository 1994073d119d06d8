"""A flag of the course of care -> Flag: only where interpretation is on, and only rules that speak of the patient.

What is late (a contact, a measure, an answer) is the team's work list, not a warning about the patient: it stays in the
caseload. A suicide-risk flag is ``mappings.flag``'s, with its acknowledgement.
"""

from datetime import date

from mappings.code_systems import PROGRESS_RULES
from mappings.datatypes import coding, compact, concept, head, patient_reference
from mappings.fields import FieldMap
from mappings.flag import FLAG_CATEGORY
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.progress.rules import explain
from sesame_fhir.fhir.json_types import Json

PUBLISHED_RULES = frozenset(
    {Rule.WORSENING, Rule.NO_IMPROVEMENT, Rule.RESPONSE, Rule.REMISSION, Rule.READY_FOR_RELAPSE_PREVENTION}
)
"""Rules on the patient's own course."""
# An id has 64 characters, of which the pathway's take 37.
_IN_IDS = {Rule.READY_FOR_RELAPSE_PREVENTION: "ready-for-prevention"}

FIELDS = (
    FieldMap(
        Flag,
        mapped={
            "rule": "Flag.code",
            "since": "Flag.period",
            "until": "Flag.period",
            "detail": "Flag.code.text",
        },
        omitted={"attention": "A property of the rule, which the code names."},
    ),
)


def progress_flag_id(pathway_id: PathwayId, rule: Rule) -> str:
    """Logical id: one Flag per pathway and rule, whose versions are its history."""
    return f"{pathway_id}-{_IN_IDS.get(rule, rule.value)}"


def progress_flag(raised: Flag, pathway_id: PathwayId, *, lowered_on: date | None = None) -> Json:
    """Build the Flag; ``lowered_on`` is the day from which it does not stand any more."""
    end = lowered_on or raised.until
    return compact(
        {
            **head("Flag", progress_flag_id(pathway_id, raised.rule), "progress"),
            "status": "active" if lowered_on is None else "inactive",
            "category": [concept(coding(FLAG_CATEGORY, "clinical", "Clinical"))],
            "code": concept(PROGRESS_RULES.coding(raised.rule.value), text=explain(raised.rule, raised.detail)),
            "subject": patient_reference(pathway_id),
            "period": compact(
                {"start": raised.since.isoformat(), "end": max(raised.since, end).isoformat() if end else None}
            ),
        }
    )
