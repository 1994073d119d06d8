"""French texts of the case review and of messages, for the GP's pages and the team's. A test keeps each complete."""

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import CallResult, ContactMode, RecommendationFate, RecommendationKind
from sesame_fhir.domain.transitions import State

KINDS: dict[RecommendationKind, str] = {
    RecommendationKind.MEDICATION: "Médicament",
    RecommendationKind.MONITORING: "Surveillance",
    RecommendationKind.THERAPY: "Psychothérapie",
    RecommendationKind.ORIENTATION: "Orientation",
    RecommendationKind.NO_CHANGE: "Pas de changement",
    RecommendationKind.SEE_AGAIN: "Revoir le cas",
}

FATES: dict[RecommendationFate, str] = {
    RecommendationFate.ACCEPTED: "Acceptée",
    RecommendationFate.ADAPTED: "Adaptée",
    RecommendationFate.DECLINED: "Refusée",
}

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

CALLS: dict[CallResult, str] = {
    CallResult.NO_ANSWER: "pas de réponse",
    CallResult.LEFT_MESSAGE: "message laissé",
    CallResult.CALL_BACK_LATER: "à rappeler",
    CallResult.WRONG_NUMBER: "numéro erroné",
}
"""What came of the nurse's last call."""

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
