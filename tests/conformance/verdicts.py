"""The same bytes before the reference validator and before our own: where the two verdicts differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mappings.conformance import load_profile_checks
from mappings.profiles import load_questionnaires
from sesame_fhir.fhir.errors import FhirError
from sesame_fhir.fhir.outcomes import Issue
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from tests.conformance.sample import Sample, Verdict


class Agreement(StrEnum):
    """Who accepts and who refuses."""

    BOTH_ACCEPT = "both accept"
    BOTH_REFUSE = "both refuse"
    ONLY_REFERENCE_REFUSES = "only the reference validator refuses"
    ONLY_WE_REFUSE = "only we refuse"


@dataclass(frozen=True, slots=True)
class Compared:
    """One sample, what the reference validator said, and our own errors."""

    verdict: Verdict
    ours: Sequence[Issue]

    @property
    def agreement(self) -> Agreement:
        """Which of the four it is."""
        match self.verdict.refused, bool(self.ours):
            case True, True:
                return Agreement.BOTH_REFUSE
            case True, False:
                return Agreement.ONLY_REFERENCE_REFUSES
            case False, True:
                return Agreement.ONLY_WE_REFUSE
            case _:
                return Agreement.BOTH_ACCEPT


def compare(verdicts: Sequence[Verdict]) -> list[Compared]:
    """Our verdict beside each of the reference validator's."""
    return [Compared(verdict, our_errors(verdict.sample)) for verdict in verdicts]


def our_errors(sample: Sample) -> list[Issue]:
    """What the facade would refuse a write for: reading, structure, invariants, references, profiles, answers."""
    try:
        resource = read_json(sample.body)
    except FhirError as refused:
        return list(refused.issues)
    issues = validate(resource, profiles=Profiles(load_profile_checks(), load_questionnaires()))
    return [issue for issue in issues if issue.blocking]
