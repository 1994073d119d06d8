"""A case review -> Communication: what the psychiatrist concluded, in words; each question to the GP is a Task too.

The Communication says everything in words, so that a record that knows no Task loses nothing.
"""

from mappings.code_systems import PATHWAY
from mappings.datatypes import compact, concept, head, instant, patient_reference, reference
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from mappings.recommendation import words
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reviews import Review
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        Review,
        mapped={
            "review_id": "Communication.identifier",
            "at": "Communication.sent",
            "by": "Communication.sender",
            "advice": "Communication.payload",
            "summary": "Communication.payload",
        },
        omitted={
            "session_id": "Meetings are logged for the indicators; the reader of a case has no use for it.",
            "minutes": "How long the case took is an indicator, not a message.",
        },
    ),
)


def review_communication(review: Review, pathway_id: PathwayId) -> Json:
    """Build the Communication."""
    subject = patient_reference(pathway_id)
    said = [*([review.summary] if review.summary else ()), *(words(advice.data) for advice in review.advice)]
    return compact(
        {
            **head("Communication", review.review_id, "review"),
            "status": "completed",
            "category": [concept(PATHWAY.coding("case-review"))],
            "subject": subject,
            "sent": instant(review.at),
            "sender": actor_reference(review.by, subject),
            "recipient": [reference("CareTeam", pathway_id)],
            "payload": [{"contentString": text} for text in said],
        }
    )
