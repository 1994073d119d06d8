"""Eligibility for SÉSAME, with a coded reason for each criterion that fails.

Source: domain page, pathway step 2: adult; common mental disorder of moderate to severe intensity; masters French; no
current psychiatric follow-up; and a positive screen (step 1) unless clinical judgement overrides it.
"""

from dataclasses import dataclass
from datetime import date

from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import Reason, ReasonCode
from sesame_fhir.domain.scoring import score


@dataclass(frozen=True, slots=True)
class EligibilityFacts:
    """What is known of the patient; None means unknown.

    See ``phq2_total`` for the PHQ-2. ``common_mental_disorder``: anxiety, depression, insomnia or burn-out of
    moderate to severe intensity, in the GP's judgement.
    """

    birth_date: date | None
    phq2_total: int | None
    psychiatric_follow_up: bool | None
    masters_french: bool | None
    common_mental_disorder: bool | None


@dataclass(frozen=True, slots=True)
class EligibilityDecision:
    """``reasons`` is empty for an eligible patient; ``overridable`` when every reason may be overridden by the GP."""

    reasons: tuple[Reason, ...]
    overridable: bool

    @property
    def eligible(self) -> bool:
        """True when no criterion fails."""
        return not self.reasons


def age_on(birth_date: date, day: date) -> int:
    """Age in whole years; someone born on 29 February turns a year older on 1 March of a common year."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def depression_screen(pathway: Pathway) -> Screening | None:
    """The latest PHQ-2 or PHQ-9: what a referral stands on."""
    instruments = {InstrumentId.PHQ_2, InstrumentId.PHQ_9}
    return next((s for s in reversed(pathway.screenings) if s.instrument in instruments), None)


def phq2_total(pathway: Pathway) -> int | None:
    """PHQ-2 total of the latest PHQ-2 or PHQ-9, whose first two items are the PHQ-2; None when there is neither."""
    screening = depression_screen(pathway)
    if screening is None:
        return None
    phq2 = INSTRUMENTS[InstrumentId.PHQ_2]
    items = {item.link_id for item in phq2.items}
    return score(phq2, {key: code for key, code in screening.answers.items() if key in items}).total


def check_eligibility(facts: EligibilityFacts, policy: PathwayPolicy, on: date) -> EligibilityDecision:
    """Check every criterion on a given day and report all that fail, not only the first."""
    reasons = (
        *_age(facts, policy, on),
        *_screen(facts, policy),
        *_criterion(
            "psychiatric-follow-up",
            answer=facts.psychiatric_follow_up,
            wanted=False,
            failure=ReasonCode.PSYCHIATRIC_FOLLOW_UP,
        ),
        *_criterion("masters-french", answer=facts.masters_french, wanted=True, failure=ReasonCode.FRENCH_NOT_MASTERED),
        *_criterion(
            "common-mental-disorder",
            answer=facts.common_mental_disorder,
            wanted=True,
            failure=ReasonCode.NOT_COMMON_MENTAL_DISORDER,
        ),
    )
    return EligibilityDecision(reasons, overridable=all(r.code in policy.overridable for r in reasons))


def _age(facts: EligibilityFacts, policy: PathwayPolicy, on: date) -> tuple[Reason, ...]:
    if facts.birth_date is None:
        return (Reason(ReasonCode.AGE_UNKNOWN),)
    age = age_on(facts.birth_date, on)
    return () if age >= policy.minimum_age else (Reason(ReasonCode.MINOR, str(age)),)


def _screen(facts: EligibilityFacts, policy: PathwayPolicy) -> tuple[Reason, ...]:
    if facts.phq2_total is None:
        return (Reason(ReasonCode.NOT_SCREENED),)
    if policy.interpretation and facts.phq2_total < policy.phq2_threshold:
        return (Reason(ReasonCode.BELOW_THRESHOLD, str(facts.phq2_total)),)
    return ()


def _criterion(name: str, *, answer: bool | None, wanted: bool, failure: ReasonCode) -> tuple[Reason, ...]:
    if answer is None:
        return (Reason(ReasonCode.CRITERION_UNKNOWN, name),)
    return () if answer is wanted else (Reason(failure),)
