"""What the nurse writes for the team and for the patient -> documents: contact notes, assessment, relapse plan, letter.

Shared words only: a private note is in no document.
"""

from collections.abc import Iterable, Sequence

from mappings.displays import display
from mappings.document import DocumentKind, Paper
from mappings.exit_letter import exit_letter, letter_text
from mappings.fields import FieldMap
from mappings.leaving import exit_id
from mappings.relapse_leaflet import leaflet_of, leaflet_text
from sesame_fhir.domain.care import Assessment, Contact
from sesame_fhir.domain.events import AssessmentRecorded, ContactStatus, Helper, RelapsePlanWritten, Treatment
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy

FIELDS = (
    FieldMap(
        AssessmentRecorded,
        mapped=dict.fromkeys(
            ("summary", "history", "treatments", "social_situation", "resources", "preferences", "patient_goals"),
            "DocumentReference.content",
        )
        | {"problem": "DocumentReference.content, Condition"},
    ),
    FieldMap(
        Treatment,
        mapped={"text": "DocumentReference.content", "from_record": "DocumentReference.content"},
    ),
    FieldMap(
        RelapsePlanWritten,
        mapped=dict.fromkeys(("helps", "warning_signs", "who_to_call", "first_steps"), "DocumentReference.content"),
    ),
    FieldMap(
        Helper,
        mapped={"name": "DocumentReference.content", "phone": "DocumentReference.content"},
    ),
    FieldMap(
        Contact,
        mapped={
            "contact_id": "DocumentReference.identifier",
            "note": "DocumentReference.content",
            "at": "DocumentReference.date",
            "by": "DocumentReference.author",
            "task": "DocumentReference.content.attachment.title",
            "status": "DocumentReference (held contacts only)",
        },
        omitted={
            "mode": "It is the Encounter's, to which the document refers.",
            "planned_at": "It is the Appointment's.",
            "minutes": "It is the Encounter's, to which the document refers.",
            "private_note": "Its author's own; never published.",
            "screenings": "They refer to the Encounter in which they were taken.",
            "cancelled_by": "A cancelled contact has no note of a contact.",
            "moved": "Every move is a version of the Appointment.",
            "corrected": "A correction is a version of the document.",
        },
    ),
)


def assessment_id(pathway_id: PathwayId) -> str:
    """Logical id of the initial assessment's document."""
    return f"{pathway_id}-assessment"


def relapse_plan_id(pathway_id: PathwayId) -> str:
    """Logical id of the relapse-prevention plan's document."""
    return f"{pathway_id}-relapse-plan"


def contact_paper(contact: Contact) -> Paper:
    """The shared note of a contact that was held. Raises ValueError for a contact without one."""
    if not has_note(contact) or contact.note is None or contact.at is None or contact.by is None:
        raise ValueError("the contact has no shared note")
    return Paper(
        paper_id=contact.contact_id,
        kind=DocumentKind.CONTACT,
        title=f"Contact : {display(contact.task).lower()}",
        written_at=contact.at,
        author=contact.by,
        text=contact.note,
        encounter=contact.contact_id,
    )


def has_note(contact: Contact) -> bool:
    """True for a contact that was held and noted for the team."""
    return contact.status is ContactStatus.HELD and bool(contact.note and contact.note.strip())


def assessment_paper(assessment: Assessment, pathway_id: PathwayId) -> Paper:
    """The initial assessment, which may be empty (see ``assessment_text``)."""
    return Paper(
        paper_id=assessment_id(pathway_id),
        kind=DocumentKind.ASSESSMENT,
        title="Évaluation initiale",
        written_at=assessment.at,
        author=assessment.by,
        text=assessment_text(assessment.data),
    )


def relapse_paper(pathway: Pathway) -> Paper:
    """The relapse-prevention plan, as the patient takes it home. Raises ValueError while there is none."""
    plan = pathway.relapse_plan
    if plan is None:
        raise ValueError(f"pathway {pathway.pathway_id} has no relapse-prevention plan")
    return Paper(
        paper_id=relapse_plan_id(pathway.pathway_id),
        kind=DocumentKind.RELAPSE_PLAN,
        title="Plan de prévention des rechutes",
        written_at=plan.at,
        author=plan.by,
        text=leaflet_text(leaflet_of(pathway)),
    )


def exit_paper(pathway: Pathway, policy: PathwayPolicy) -> Paper:
    """The letter to the GP. Raises ValueError while the patient has not left."""
    left = pathway.exit
    if left is None:
        raise ValueError(f"pathway {pathway.pathway_id} has not ended")
    return Paper(
        paper_id=exit_id(pathway.pathway_id),
        kind=DocumentKind.EXIT,
        title="Lettre de sortie",
        written_at=left.at,
        author=left.by,
        text=letter_text(exit_letter(pathway, policy=policy)),
    )


def assessment_text(data: AssessmentRecorded) -> str:
    """The assessment in words; empty when nothing was written."""
    problem = data.problem
    named = [] if problem is None else [" ".join(part for part in (problem.text, _code(data)) if part)]
    return _text(
        ("Synthèse", _one(data.summary)),
        ("Problème, à confirmer", named),
        ("Antécédents", _one(data.history)),
        ("Traitements en cours", [_treatment(treatment) for treatment in data.treatments]),
        ("Situation sociale", _one(data.social_situation)),
        ("Ressources", _one(data.resources)),
        ("Préférences", _one(data.preferences)),
        ("Objectifs du patient", data.patient_goals),
    )


def _code(data: AssessmentRecorded) -> str:
    problem = data.problem
    if problem is None or problem.system is None or problem.code is None:
        return ""
    return f"({display(problem.system)} {problem.code})"


def _treatment(treatment: Treatment) -> str:
    return f"{treatment.text} (dossier du médecin)" if treatment.from_record else treatment.text


def _one(text: str | None) -> Sequence[str]:
    return (text,) if text else ()


def _text(*sections: tuple[str, Iterable[str]]) -> str:
    """Titles with what is under them; a section without words is left out."""
    written = [(title, [line for line in lines if line.strip()]) for title, lines in sections]
    return "\n\n".join("\n".join((title, *(f"- {line}" for line in lines))) for title, lines in written if lines)
