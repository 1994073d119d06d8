"""Task -> what was done with it: a referral taken, ended or called about; a recommendation; a safety flag.

Only Tasks that a pathway has published are commands, and only in what they change.
"""

from dataclasses import dataclass

from mappings.code_systems import CALL_RESULTS, DECISION_REASONS, SAFETY_ACTIONS
from mappings.incoming.elements import absent, coded, contradictory, new_notes, refusal
from sesame_fhir.domain.events import CallResult, ReferralEnd, SafetyAction
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child

_ENDS = {"failed": ReferralEnd.UNREACHABLE, "rejected": ReferralEnd.NOT_ELIGIBLE, "cancelled": None}
"""Status -> the reason that it stands for by itself (``mappings.task`` writes them so)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The nurse takes the patient."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The referral ends without care."""

    reason: ReferralEnd
    note: str | None


@dataclass(frozen=True, slots=True)
class Called:
    """A call that did not settle the matter."""

    result: CallResult
    note: str | None


def referral_act(resource: Json, before: Json) -> Accepted | Ended | Called | None:
    """What the nurse did with a referral's Task; None when nothing of the pathway changed.

    Raises:
        UnprocessableResource: an end without its reason, a note that no call explains, another status.
    """
    status, note = resource.get("status"), new_notes(resource, before)
    result = coded(CALL_RESULTS, CallResult, [child(resource, "businessStatus")])
    if status == before.get("status"):
        if result is not None:
            return Called(result, note)
        if note is not None:
            text = "Une note dit un appel : joindre son résultat (sesame-call-result) dans businessStatus."
            raise absent("Task.businessStatus", text)
        return None
    if status in {"accepted", "in-progress"}:
        return Accepted()
    if status not in _ENDS:
        raise contradictory(
            "Ce statut n'existe pas pour l'adressage : accepted, rejected, failed ou cancelled.", "Task.status"
        )
    return Ended(_end(resource, str(status)), note)


def _end(resource: Json, status: str) -> ReferralEnd:
    reason = coded(DECISION_REASONS, ReferralEnd, [child(resource, "statusReason")])
    reason = reason or _ENDS[status]
    if reason is None:
        raise refusal(ReasonCode.REASON_REQUIRED, "Task.statusReason")
    return reason


def safety_action(resource: Json) -> SafetyAction | None:
    """What was done about a suicide-risk flag; None while the Task is not completed.

    Raises:
        UnprocessableResource: completed without saying what was done.
    """
    if resource.get("status") != "completed":
        return None
    given = (output.get("valueCodeableConcept", {}) for output in resource.get("output", ()))
    action = coded(SAFETY_ACTIONS, SafetyAction, given)
    if action is None:
        raise refusal(ReasonCode.REASON_REQUIRED, "Task.output", hint="Dire ce qui a été fait (sesame-safety-action).")
    return action
