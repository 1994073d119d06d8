"""What the pathway's rules take from configuration: thresholds, ages, criteria, durations.

Defaults are the sourced values of the domain page where it gives one. Where it says UNKNOWN, or is silent, the default
is this product's own choice and says so; each can be changed in the settings file without touching a rule.
"""

from dataclasses import dataclass
from enum import StrEnum

from sesame_fhir.domain.reasons import ReasonCode


class OnInterruption(StrEnum):
    """What an interruption does to the running sequence (UNKNOWN, hence configuration)."""

    KEEP = "keep"
    EXTEND = "extend"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class PathwayPolicy:
    """Values that a deployment may change.

    phq2_threshold: positive at or above (domain page: 3; sensitivity 61 %, specificity 92 %).
    gad2_threshold: positive at or above (domain page: 3).
    minimum_age: years, at the day of the referral (domain page: adult).
    overridable: eligibility reasons that the GP's clinical judgement may override, with a reason.
    maximum_sequences: ranks 1 to n (domain page: 4, at most one year).
    sequence_months: length of a sequence (domain page: 3).
    interpretation: False switches bands, thresholds, flags and treat-to-target off; raw values only are then shown.
        The panel of item 9 stays, with its acknowledgement: it repeats the patient's own answer, whatever the score.
    call_attempts: unanswered calls before a referral may end as unreachable (own choice).
    care_days: rhythm of contacts in care (domain page: every 15 days).
    relapse_months: rhythm in relapse prevention (domain page: monthly).
    overdue_days: days after which a contact that was due counts as overdue (own choice).
    measure_days: days after which the last PHQ-9 counts as old (own choice: the rhythm of monthly contacts).
    response_percent: fall of the PHQ-9 since the start that counts as response (domain page: 50 %).
    remission_below: PHQ-9 under which a patient is in remission (domain page: 5).
    worsening_points: rise of the PHQ-9 that counts as worsening (5 points: a clinically relevant change of the PHQ-9).
    review_after_weeks, review_before_weeks: window for a psychiatric review when not improved (domain page: 8 to 12).
    first_contact_weeks: a contact within so many weeks of the first one (domain page: 4).
    on_interruption: see ``OnInterruption`` (own choice: the calendar goes on).
    renewal_days: days before its end from which the team may decide on the next sequence (own choice).
    clock_minutes: how far two clocks may disagree before a date counts as in the future (own choice).
    small_cell: counts below this are not shown outside the care team (own choice).
    notice: version of the information notice that is given to patients now.
    """

    phq2_threshold: int = 3
    gad2_threshold: int = 3
    minimum_age: int = 18
    overridable: frozenset[ReasonCode] = frozenset(
        {ReasonCode.BELOW_THRESHOLD, ReasonCode.NOT_COMMON_MENTAL_DISORDER, ReasonCode.CRITERION_UNKNOWN}
    )
    maximum_sequences: int = 4
    sequence_months: int = 3
    interpretation: bool = True
    call_attempts: int = 3
    care_days: int = 15
    relapse_months: int = 1
    overdue_days: int = 3
    measure_days: int = 35
    response_percent: int = 50
    remission_below: int = 5
    worsening_points: int = 5
    review_after_weeks: int = 8
    review_before_weeks: int = 12
    first_contact_weeks: int = 4
    on_interruption: OnInterruption = OnInterruption.KEEP
    renewal_days: int = 30
    clock_minutes: int = 5
    small_cell: int = 5
    notice: str = "1"


DEFAULT_POLICY = PathwayPolicy()
"""The sourced values, and the product's own choices where there is no source."""
