"""What each consent may be, and what taking it back changes.

Source: domain page, "Consent": three different things and an optional fourth, never mixed. Pathway and sharing need an
agreement; the Article 51 evaluation needs information without opposition; research needs explicit consent; the survey
needs an agreement to be contacted.
"""

from datetime import date
from enum import StrEnum

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.care import Consent
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

_YES: dict[ConsentPurpose, ConsentStatus] = {
    ConsentPurpose.CARE_TEAM: ConsentStatus.GIVEN,
    ConsentPurpose.EVALUATION: ConsentStatus.INFORMED,
    ConsentPurpose.RESEARCH: ConsentStatus.GIVEN,
    ConsentPurpose.SURVEY: ConsentStatus.GIVEN,
}

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


def stands(purpose: ConsentPurpose, status: ConsentStatus | None) -> bool:
    """True when the patient said what the purpose needs: agreed, or was informed of the evaluation, unopposed."""
    return status is _YES[purpose]


def shares(pathway: Pathway) -> bool:
    """True while the care team may share what concerns this patient."""
    return stands(ConsentPurpose.CARE_TEAM, pathway.consent(ConsentPurpose.CARE_TEAM))


def stood_on(pathway: Pathway, purpose: ConsentPurpose, day: date) -> Consent | None:
    """What stood for one purpose on a day; None when nothing had been said yet.

    A yes stands on a day at any moment of which it stood: the day on which it is said, and the day on which it is taken
    back. The day is that on which the patient said it, not that on which it was written down.
    """
    said = [consent for consent in pathway.consent_history.get(purpose, ()) if local_day(consent.at) <= day]
    before = sum(local_day(consent.at) < day for consent in said)
    of_the_day = said[max(0, before - 1) :]
    yes = [consent for consent in of_the_day if stands(purpose, consent.status)]
    return next(iter(yes[-1:] or of_the_day[-1:]), None)


def survey_agreed(pathway: Pathway) -> bool:
    """True when the patient agreed to be contacted for the satisfaction survey."""
    return stands(ConsentPurpose.SURVEY, pathway.consent(ConsentPurpose.SURVEY))


def standing_effects(pathway: Pathway) -> tuple[Effect, ...]:
    """Effects of every no that stands."""
    said_no = [purpose for purpose in ConsentPurpose if pathway.consent(purpose) in AGAINST]
    return tuple(effect for purpose in said_no for effect in EFFECTS[purpose])
