"""French texts of the case review and of messages, for the GP's pages and the team's. A test keeps each complete."""

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import ContactMode, RecommendationFate
from sesame_fhir.domain.transitions import State

DECISIONS: dict[RecommendationFate, str] = {
    RecommendationFate.ACCEPTED: "Accepter",
    RecommendationFate.ADAPTED: "Adapter",
    RecommendationFate.DECLINED: "Refuser",
}
"""The buttons of the GP."""

RECIPIENTS: dict[Role | None, str] = {
    None: "Toute l'équipe",
    Role.NURSE: "Infirmière",
    Role.GP: "Médecin généraliste",
    Role.PSYCHIATRIST: "Psychiatre",
}
"""To whom a message goes."""

MODES: dict[ContactMode, str] = {
    ContactMode.ON_SITE: "sur place",
    ContactMode.PHONE: "au téléphone",
    ContactMode.VIDEO: "en visioconférence",
}

BRIEF_STATES: dict[State, str] = {
    State.NEW: "nouveau",
    State.SCREENED: "dépisté",
    State.NOT_REFERRED: "non adressé",
    State.REFERRED: "adressé",
    State.NOT_STARTED: "sans suite",
    State.ASSESSMENT: "évaluation initiale",
    State.CARE: "prise en charge",
    State.RELAPSE_PREVENTION: "prévention des rechutes",
    State.CARE_INTERRUPTED: "prise en charge suspendue",
    State.RELAPSE_PREVENTION_INTERRUPTED: "prévention des rechutes suspendue",
    State.EXITED: "sorti du parcours",
    State.MERGED: "réuni avec un autre dossier",
}
"""The phase, in a list or a header."""
