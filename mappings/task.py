"""Referral -> Task: how far the nurse has come with the request, and why it ended without care."""

from collections.abc import Sequence

from mappings.claimed import claimed
from mappings.code_systems import DECISION_REASONS, REFERRAL_STATUS
from mappings.datatypes import coding, compact, concept, identifier, instant, note, reference
from mappings.displays import display
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.care import Call
from sesame_fhir.domain.events import ReferralEnd, WithdrawReason
from sesame_fhir.domain.pathway import Referral, ReferralStatus
from sesame_fhir.fhir.json_types import Json

TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"

FIELDS = (
    FieldMap(
        Referral,
        mapped={
            "referral_id": "Task.focus",
            "referred_at": "Task.authoredOn",
            "referrer": "Task.requester",
            "status": "Task.status",
            "end_reason": "Task.statusReason",
            "end_note": "Task.note",
            "changed_at": "Task.lastModified",
        },
        omitted={
            "screening_id": "In the ServiceRequest that the Task is about.",
            "overridden": "In the ServiceRequest that the Task is about.",
            "override_reason": "In the ServiceRequest that the Task is about.",
            "note": "In the ServiceRequest that the Task is about.",
            "medications": "Read from the EHR's record, which has them.",
        },
    ),
    FieldMap(Call, mapped=dict.fromkeys(("at", "by", "result", "note"), "Task.note")),
)

_ENDED = {
    WithdrawReason.ENTERED_IN_ERROR.value: "entered-in-error",
    ReferralEnd.NOT_ELIGIBLE.value: "rejected",
    ReferralEnd.UNREACHABLE.value: "failed",
}


def referral_task(referral: Referral, subject: Json, calls: Sequence[Call] = (), *, care_begun: bool = False) -> Json:
    """Build the Task; ``calls`` are those of this referral, ``care_begun`` as in ``mappings.service_request``."""
    changed = max([referral.changed_at or referral.referred_at, *(call.at for call in calls)])
    return compact(
        {
            "resourceType": "Task",
            "id": referral.referral_id,
            "meta": claimed("Task", "referral"),
            "language": "fr",
            "identifier": [identifier("referral", referral.referral_id)],
            "status": _status(referral, care_begun=care_begun),
            "statusReason": _reason(referral),
            "businessStatus": concept(REFERRAL_STATUS.coding(referral.status)),
            "intent": "order",
            "code": concept(coding(TASK_CODE, "fulfill", "Fulfill the focal request")),
            "description": "Adressage SÉSAME : appeler le patient et lui proposer le suivi",
            "focus": reference("ServiceRequest", referral.referral_id),
            "for": subject,
            "authoredOn": instant(referral.referred_at),
            "lastModified": instant(changed),
            "requester": actor_reference(referral.referrer, subject),
            "note": [*(_called(call, subject) for call in calls), *_notes(referral)],
        }
    )


def _status(referral: Referral, *, care_begun: bool) -> str:
    if referral.status == ReferralStatus.SENT:
        return "requested"
    if referral.status == ReferralStatus.ACCEPTED:
        return "completed" if care_begun else "accepted"
    return _ENDED.get(referral.end_reason or "", "cancelled")


def _called(call: Call, subject: Json) -> Json:
    """A call that did not reach the patient's answer, for the GP to know how often it was tried."""
    text = " : ".join(part for part in ("Appel", display(call.result).lower(), call.note) if part)
    return note(text, call.at, actor_reference(call.by, subject))


def _notes(referral: Referral) -> list[Json]:
    """What the nurse tells the GP about the end of the referral."""
    return [] if referral.end_note is None else [note(referral.end_note, referral.changed_at or referral.referred_at)]


def _reason(referral: Referral) -> Json | None:
    return None if referral.end_reason is None else concept(DECISION_REASONS.coding(referral.end_reason))
