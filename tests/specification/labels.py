"""French words for the codes that examples use. A test keeps each table complete."""

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.transitions import State

PURPOSES: dict[ev.ConsentPurpose, str] = {
    ev.ConsentPurpose.CARE_TEAM: "partage dans l'équipe",
    ev.ConsentPurpose.EVALUATION: "évaluation nationale",
    ev.ConsentPurpose.RESEARCH: "recherche",
    ev.ConsentPurpose.SURVEY: "enquête de satisfaction",
}
STATUSES: dict[ev.ConsentStatus, str] = {
    ev.ConsentStatus.INFORMED: "informé, sans opposition",
    ev.ConsentStatus.GIVEN: "accord donné",
    ev.ConsentStatus.REFUSED: "refus",
    ev.ConsentStatus.OPPOSED: "opposition",
    ev.ConsentStatus.WITHDRAWN: "accord retiré",
}
SAFETY: dict[ev.SafetyAction, str] = {
    ev.SafetyAction.ASSESSED_NO_IMMEDIATE_RISK: "évalué, pas de risque immédiat",
    ev.SafetyAction.SAFETY_PLAN: "plan de sécurité établi",
    ev.SafetyAction.CRISIS_LINE: "orienté vers le 3114",
    ev.SafetyAction.EMERGENCY: "appel du 15",
    ev.SafetyAction.SPECIALIST_OPINION: "avis spécialisé demandé",
}
DECLINES: dict[ev.DeclineReason, str] = {
    ev.DeclineReason.PATIENT_REFUSED: "refus du patient",
    ev.DeclineReason.NOT_NEEDED: "pas de besoin",
    ev.DeclineReason.FOLLOWED_ELSEWHERE: "suivi ailleurs",
    ev.DeclineReason.LATER: "plus tard",
    ev.DeclineReason.OTHER: "autre motif",
}
WITHDRAWALS: dict[ev.WithdrawReason, str] = {
    ev.WithdrawReason.PATIENT_CHANGED_MIND: "le patient a changé d'avis",
    ev.WithdrawReason.ENTERED_IN_ERROR: "saisi par erreur",
    ev.WithdrawReason.FOLLOWED_ELSEWHERE: "suivi ailleurs",
    ev.WithdrawReason.OTHER: "autre motif",
}
CALLS: dict[ev.CallResult, str] = {
    ev.CallResult.NO_ANSWER: "sans réponse",
    ev.CallResult.LEFT_MESSAGE: "message laissé",
    ev.CallResult.CALL_BACK_LATER: "à rappeler",
    ev.CallResult.WRONG_NUMBER: "mauvais numéro",
}
ENDS: dict[ev.ReferralEnd, str] = {
    ev.ReferralEnd.DECLINED_BY_PATIENT: "refus du patient",
    ev.ReferralEnd.UNREACHABLE: "injoignable",
    ev.ReferralEnd.NOT_ELIGIBLE: "non éligible",
    ev.ReferralEnd.OTHER: "autre motif",
}
ACTIVITIES: dict[ev.ActivityKind, str] = {
    ev.ActivityKind.CONTACTS: "contacts",
    ev.ActivityKind.INSTRUMENTS: "questionnaires",
    ev.ActivityKind.PSYCHOEDUCATION: "psychoéducation",
    ev.ActivityKind.BEHAVIOURAL_ACTIVATION: "activation comportementale",
    ev.ActivityKind.TREATMENT_FOLLOW_UP: "suivi du traitement",
    ev.ActivityKind.PSYCHOLOGIST: "psychologue",
    ev.ActivityKind.SOCIAL_RESOURCE: "ressource sociale",
    ev.ActivityKind.OTHER: "autre",
}
SYSTEMS: dict[ev.ProblemSystem, str] = {ev.ProblemSystem.ICPC_2: "CISP-2", ev.ProblemSystem.ICD_10: "CIM-10"}
ADVICE: dict[ev.RecommendationKind, str] = {
    ev.RecommendationKind.MEDICATION: "médicament",
    ev.RecommendationKind.MONITORING: "surveillance",
    ev.RecommendationKind.THERAPY: "psychothérapie",
    ev.RecommendationKind.ORIENTATION: "orientation",
    ev.RecommendationKind.NO_CHANGE: "pas de changement",
    ev.RecommendationKind.SEE_AGAIN: "à revoir",
}
FATES: dict[ev.RecommendationFate, str] = {
    ev.RecommendationFate.ACCEPTED: "acceptée",
    ev.RecommendationFate.ADAPTED: "adaptée",
    ev.RecommendationFate.DECLINED: "écartée",
}
PHASES: dict[ev.Phase, str] = {
    ev.Phase.CARE: "prise en charge",
    ev.Phase.RELAPSE_PREVENTION: "prévention des rechutes",
}
CANCELLED: dict[ev.CancelledBy, str] = {
    ev.CancelledBy.PATIENT: "le patient",
    ev.CancelledBy.TEAM: "l'équipe",
}
EXITS: dict[ev.ExitReason, str] = {
    ev.ExitReason.REMISSION: "rémission",
    ev.ExitReason.CONCERTED_END: "fin concertée",
    ev.ExitReason.SPECIALISED_CARE: "soins spécialisés",
    ev.ExitReason.PATIENT_WISH: "souhait du patient",
    ev.ExitReason.LOST_TO_FOLLOW_UP: "perdu de vue",
    ev.ExitReason.MAXIMUM_DURATION: "durée maximale",
    ev.ExitReason.DEATH: "décès",
    ev.ExitReason.MOVED_AWAY: "déménagement",
    ev.ExitReason.OTHER: "autre motif",
}
ORIENTATIONS: dict[ev.Orientation, str] = {
    ev.Orientation.NONE: "aucune",
    ev.Orientation.PSYCHIATRY: "psychiatrie",
    ev.Orientation.PSYCHOLOGIST: "psychologue",
    ev.Orientation.SOCIAL: "social",
    ev.Orientation.ADDICTION_CARE: "addictologie",
    ev.Orientation.OTHER: "autre",
}
STATES: dict[State, str] = {
    State.NEW: "rien n'est enregistré",
    State.SCREENED: "dépisté",
    State.NOT_REFERRED: "non adressé",
    State.REFERRED: "adressé",
    State.NOT_STARTED: "adressage sans suite",
    State.ASSESSMENT: "évaluation initiale",
    State.CARE: "prise en charge",
    State.RELAPSE_PREVENTION: "prévention des rechutes",
    State.CARE_INTERRUPTED: "prise en charge suspendue",
    State.RELAPSE_PREVENTION_INTERRUPTED: "prévention des rechutes suspendue",
    State.EXITED: "sorti",
    State.MERGED: "réuni avec un autre parcours",
}
