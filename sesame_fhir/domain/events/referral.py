"""Events of the referral: eligibility, GP -> nurse, and what the nurse makes of it."""

from dataclasses import dataclass

from sesame_fhir.domain.events.vocabulary import CallResult, DeclineReason, ReferralEnd, WithdrawReason
from sesame_fhir.domain.ids import ReferralId, ScreeningId
from sesame_fhir.domain.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class EligibilityChecked:
    """The GP's answers to the criteria and the reasons found (codes with their detail)."""

    phq2_total: int | None
    psychiatric_follow_up: bool | None
    masters_french: bool | None
    common_mental_disorder: bool | None
    reasons: tuple[ReasonCode, ...]


@dataclass(frozen=True, slots=True)
class PatientReferred:
    """Adressage, GP -> nurse. ``override_reason`` is the GP's text when a criterion was overridden.

    ``medications`` are the active ones of the EHR's record at that moment, in its words: the nurse starts from them.
    """

    referral_id: ReferralId
    screening_id: ScreeningId
    overridden: tuple[ReasonCode, ...] = ()
    override_reason: str | None = None
    note: str | None = None
    medications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferralDeclined:
    """The GP does not refer this screened patient."""

    reason: DeclineReason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReferralWithdrawn:
    """The GP takes the referral back before the nurse has started."""

    referral_id: ReferralId
    reason: WithdrawReason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CallAttempted:
    """The nurse tried to reach a referred patient, without success."""

    note: str | None = None
    result: CallResult = CallResult.NO_ANSWER


@dataclass(frozen=True, slots=True)
class ReferralAccepted:
    """The nurse takes the patient and joins the care team; the initial assessment follows."""

    referral_id: ReferralId


@dataclass(frozen=True, slots=True)
class ReferralNotStarted:
    """The referral ends without care; ``note`` is for the GP, who gets it with the reason."""

    referral_id: ReferralId
    reason: ReferralEnd
    note: str | None = None
