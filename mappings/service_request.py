"""Referral -> ServiceRequest: the adressage, GP to nurse, with what it rests on.

``care_begun`` says whether the nurse's assessment led to care: the request is then fulfilled.
"""

from collections.abc import Sequence

from mappings import french
from mappings.claimed import claimed
from mappings.code_systems import REFERRAL
from mappings.datatypes import compact, concept, identifier, instant, note, reference
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.events import WithdrawReason
from sesame_fhir.domain.pathway import Referral, ReferralStatus, Screening
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        Referral,
        mapped={
            "referral_id": "ServiceRequest.identifier",
            "screening_id": "ServiceRequest.reasonReference",
            "referred_at": "ServiceRequest.authoredOn",
            "referrer": "ServiceRequest.requester",
            "status": "ServiceRequest.status",
            "overridden": "ServiceRequest.note",
            "override_reason": "ServiceRequest.note",
            "note": "ServiceRequest.note",
            "end_reason": "ServiceRequest.status",
        },
        omitted={
            "changed_at": "When the referral moved is the Task's lastModified (mappings.task).",
            "end_note": "What the nurse says about the end is the Task's note (mappings.task).",
            "medications": "Read from the EHR's record, which has them.",
        },
    ),
)


def service_request(
    referral: Referral, screenings: Sequence[Screening], subject: Json, *, care_begun: bool = False
) -> Json:
    """Build the request. ``screenings`` are the pathway's, in the order they were recorded."""
    reason = next((s for s in screenings if s.screening_id == referral.screening_id), None)
    return compact(
        {
            "resourceType": "ServiceRequest",
            "id": referral.referral_id,
            "meta": claimed("ServiceRequest", "referral"),
            "language": "fr",
            "identifier": [identifier("referral", referral.referral_id)],
            "status": _status(referral, care_begun=care_begun),
            "intent": "order",
            "code": concept(REFERRAL.coding("referral"), text=REFERRAL.concepts["referral"]),
            "subject": subject,
            "authoredOn": instant(referral.referred_at),
            "requester": actor_reference(referral.referrer, subject),
            "reasonReference": _measured(reason),
            "supportingInfo": [
                reference("QuestionnaireResponse", s.screening_id) for s in known_then(referral, screenings)
            ],
            "note": _notes(referral),
        }
    )


def known_then(referral: Referral, screenings: Sequence[Screening]) -> tuple[Screening, ...]:
    """What the GP had when referring; a later correction does not move a screening in time."""
    return tuple(s for s in screenings if s.screening_id == referral.screening_id or s.taken_at <= referral.referred_at)


def supporting_ids(referral: Referral, screenings: Sequence[Screening]) -> tuple[str, ...]:
    """``Type/id`` of ours that the request refers to: a record must hold them before it."""
    known = known_then(referral, screenings)
    reason = next((s for s in known if s.screening_id == referral.screening_id), None)
    references = [*_measured(reason), *(reference("QuestionnaireResponse", s.screening_id) for s in known)]
    return tuple(str(target["reference"]) for target in references)


def _measured(reason: Screening | None) -> list[Json]:
    if reason is None or reason.total is None:
        return []
    return [reference("Observation", reason.screening_id)]


def _status(referral: Referral, *, care_begun: bool) -> str:
    if referral.end_reason == WithdrawReason.ENTERED_IN_ERROR.value:
        return "entered-in-error"
    if referral.status in {ReferralStatus.WITHDRAWN, ReferralStatus.NOT_STARTED}:
        return "revoked"
    return "completed" if care_begun else "active"


def _notes(referral: Referral) -> list[Json]:
    texts = []
    if referral.overridden:
        texts.append(f"Critères levés : {french.criteria(referral.overridden)}")
    if referral.override_reason:
        texts.append(f"Motif : {referral.override_reason}")
    if referral.note:
        texts.append(referral.note)
    return [note(text, referral.referred_at) for text in texts]
