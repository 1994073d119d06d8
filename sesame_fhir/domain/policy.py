"""What the pathway's rules take from configuration: thresholds, ages, criteria, durations.

Defaults are the sourced values of the domain page; each can be changed in the settings file without touching a rule.
"""

from dataclasses import dataclass

from sesame_fhir.domain.reasons import ReasonCode


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


DEFAULT_POLICY = PathwayPolicy()
"""The sourced values."""
