"""What each consent may be, and what taking it back changes.

Source: domain page, "Consent": three different things and an optional fourth, never mixed. Pathway and sharing need an
agreement; the Article 51 evaluation needs information without opposition; research needs explicit consent; the survey
needs an agreement to be contacted.
"""

from enum import StrEnum

from sesame_fhir.domain.events.vocabulary import ConsentPurpose, ConsentStatus
from sesame_fhir.domain.pathway import Pathway

_AGREEMENT = frozenset({ConsentStatus.GIVEN, ConsentStatus.REFUSED, ConsentStatus.WITHDRAWN})

STATUSES: dict[ConsentPurpose, frozenset[ConsentStatus]] = {
    ConsentPurpose.CARE_TEAM: _AGREEMENT,
    ConsentPurpose.EVALUATION: frozenset({ConsentStatus.INFORMED, ConsentStatus.OPPOSED}),
    ConsentPurpose.RESEARCH: _AGREEMENT,
    ConsentPurpose.SURVEY: _AGREEMENT,
}
"""What can be recorded for each purpose."""

AGAINST = frozenset({ConsentStatus.REFUSED, ConsentStatus.OPPOSED, ConsentStatus.WITHDRAWN})
"""The patient said no."""


class Effect(StrEnum):
    """What follows when the patient says no, now or later."""

    PATHWAY_TO_BE_ENDED = "pathway-to-be-ended"
    SHARING_STOPS = "sharing-stops"
    OUT_OF_EVALUATION = "out-of-evaluation"
    OUT_OF_RESEARCH = "out-of-research"
    NO_SURVEY = "no-survey"


EFFECTS: dict[ConsentPurpose, tuple[Effect, ...]] = {
    ConsentPurpose.CARE_TEAM: (Effect.SHARING_STOPS, Effect.PATHWAY_TO_BE_ENDED),
    ConsentPurpose.EVALUATION: (Effect.OUT_OF_EVALUATION,),
    ConsentPurpose.RESEARCH: (Effect.OUT_OF_RESEARCH,),
    ConsentPurpose.SURVEY: (Effect.NO_SURVEY,),
}
"""Effects of a no, per purpose."""


def shares(pathway: Pathway) -> bool:
    """True while the care team may share what concerns this patient."""
    return pathway.consent(ConsentPurpose.CARE_TEAM) is ConsentStatus.GIVEN


def in_evaluation(pathway: Pathway) -> bool:
    """True when the patient was informed of the evaluation and did not oppose it."""
    return pathway.consent(ConsentPurpose.EVALUATION) is ConsentStatus.INFORMED


def in_research(pathway: Pathway) -> bool:
    """True with an explicit consent to research."""
    return pathway.consent(ConsentPurpose.RESEARCH) is ConsentStatus.GIVEN


def survey_agreed(pathway: Pathway) -> bool:
    """True when the patient agreed to be contacted for the satisfaction survey."""
    return pathway.consent(ConsentPurpose.SURVEY) is ConsentStatus.GIVEN


def standing_effects(pathway: Pathway) -> tuple[Effect, ...]:
    """Effects of every no that stands."""
    said_no = [purpose for purpose in ConsentPurpose if pathway.consent(purpose) in AGAINST]
    return tuple(effect for purpose in said_no for effect in EFFECTS[purpose])
