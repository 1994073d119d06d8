"""A message within the care team -> Communication, with its read receipts."""

from mappings import french
from mappings.code_systems import PATHWAY, ROLES
from mappings.datatypes import compact, concept, head, instant, note, patient_reference, reference
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.care import Message
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        Message,
        mapped={
            "message_id": "Communication.identifier",
            "text": "Communication.payload",
            "at": "Communication.sent",
            "by": "Communication.sender",
            "read": "Communication.received, Communication.note",
            "readers": "Communication.note",
            "to": "Communication.recipient.display, Communication.meta.tag",
        },
    ),
)


def message_communication(message: Message, pathway_id: PathwayId) -> Json:
    """Build the Communication.

    The recipient is the care team, with the role addressed in it: persons change, and a message stays what it was. The
    tag says the role as a code: by it the facade shows the message to that role, and to its author, only.
    ``received`` is when the first reader had it; each reader's own time is a note.
    """
    subject = patient_reference(pathway_id)
    begun = head("Communication", message.message_id, "message")
    tag = [ROLES.coding(message.to.value)] if message.to else None
    return compact(
        {
            **begun,
            "meta": compact({**begun.get("meta", {}), "tag": tag}),
            "status": "completed",
            "category": [concept(PATHWAY.coding("team-message"))],
            "subject": subject,
            "sent": instant(message.at),
            "received": instant(max(message.at, min(message.read.values()))) if message.read else None,
            "recipient": [
                compact(
                    {**reference("CareTeam", pathway_id), "display": french.ROLES[message.to] if message.to else None}
                )
            ],
            "sender": actor_reference(message.by, subject),
            "payload": [{"contentString": message.text}],
            "note": [
                note("Lu", message.read[reader.actor_id], actor_reference(reader, subject))
                for reader in message.readers
            ],
        }
    )
