"""ServiceRequest -> a referral, GP to nurse, with the criteria that the GP has answered; or a referral taken back.

R4 has no place for the answers to the criteria: they come in our extension ``sesame-eligibility``, whose parts are
named like the criteria. A criterion that is not answered is unknown, as on the page.
"""

from dataclasses import dataclass
from datetime import datetime

from mappings.code_systems import DECISION_REASONS, REFERRAL
from mappings.incoming.elements import claims, coded, given_moment, names, new_notes
from sesame_fhir.domain.events import ConsentStatus, WithdrawReason
from sesame_fhir.domain.ids import ReferralId
from sesame_fhir.fhir.canonical import EXTENSION_ROOT, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child
from sesame_fhir.services.referral import Criteria, ReferralRequest

ELIGIBILITY = own("StructureDefinition", "sesame-eligibility")
"""Parts: psychiatricFollowUp, mastersFrench, commonMentalDisorder, patientAgrees (boolean), overrideReason (string)."""
STATUS_REASON = f"{EXTENSION_ROOT}/request-statusReason"
"""HL7's own extension: why a request is revoked."""
PROFILE = own("StructureDefinition", "sesame-referral-request")
_ANSWERS = frozenset({"psychiatricFollowUp", "mastersFrench", "commonMentalDisorder", "patientAgrees"})
READ = frozenset({ELIGIBILITY, STATUS_REASON})
"""Extensions that a command reads: they are not kept beside the request."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The criteria as answered, and what the patient said once informed; None: said elsewhere, or not at all."""

    criteria: Criteria
    consent: ConsentStatus | None


@dataclass(frozen=True, slots=True)
class Referring:
    """A referral to make; ``checked`` None when the request does not carry the criteria."""

    request: ReferralRequest
    checked: Checked | None
    at: datetime | None


def is_ours(resource: Json) -> bool:
    """True for a referral to SÉSAME."""
    return names(REFERRAL, [child(resource, "code")]) or claims(resource, PROFILE)


def referring(resource: Json, referral_id: str) -> Referring:
    """What the GP asks. Raises UnprocessableResource for a time without its zone."""
    parts = _parts(resource)
    reason = parts.get("overrideReason")
    request = ReferralRequest(ReferralId(referral_id), override_reason=_words(reason), note=new_notes(resource, None))
    answered = parts.keys() & _ANSWERS
    return Referring(request, _checked(parts) if answered else None, given_moment(resource, "authoredOn"))


def withdrawal(resource: Json, before: Json) -> tuple[WithdrawReason, str | None]:
    """Why a referral is taken back, and the note that says more."""
    if resource.get("status") == "entered-in-error":
        return WithdrawReason.ENTERED_IN_ERROR, new_notes(resource, before)
    given = (e.get("valueCodeableConcept", {}) for e in resource.get("extension", ()) if e.get("url") == STATUS_REASON)
    reason = coded(DECISION_REASONS, WithdrawReason, given) or WithdrawReason.OTHER
    return reason, new_notes(resource, before)


def _parts(resource: Json) -> Json:
    found: Json = next((e for e in resource.get("extension", ()) if e.get("url") == ELIGIBILITY), {})
    return {
        str(part.get("url")): next((value for name, value in part.items() if name.startswith("value")), None)
        for part in found.get("extension", ())
    }


def _checked(parts: Json) -> Checked:
    agrees = _answer(parts, "patientAgrees")
    consent = None if agrees is None else (ConsentStatus.GIVEN if agrees else ConsentStatus.REFUSED)
    criteria = Criteria(
        psychiatric_follow_up=_answer(parts, "psychiatricFollowUp"),
        masters_french=_answer(parts, "mastersFrench"),
        common_mental_disorder=_answer(parts, "commonMentalDisorder"),
    )
    return Checked(criteria, consent)


def _answer(parts: Json, name: str) -> bool | None:
    value = parts.get(name)
    return value if isinstance(value, bool) else None


def _words(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
