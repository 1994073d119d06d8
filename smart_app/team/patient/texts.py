"""French texts of the patient's page; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain import events as ev
from smart_app.team.patient.charts import MarkKind

CONSENTS: dict[ev.ConsentStatus, str] = {
    ev.ConsentStatus.INFORMED: "informé, sans opposition",
    ev.ConsentStatus.GIVEN: "accord donné",
    ev.ConsentStatus.REFUSED: "refus",
    ev.ConsentStatus.OPPOSED: "opposition",
    ev.ConsentStatus.WITHDRAWN: "accord retiré",
}
FATES: dict[ev.RecommendationFate, str] = {
    ev.RecommendationFate.ACCEPTED: "acceptée",
    ev.RecommendationFate.ADAPTED: "adaptée",
    ev.RecommendationFate.DECLINED: "refusée",
}
ADVICE: dict[ev.RecommendationKind, str] = {
    ev.RecommendationKind.MEDICATION: "Médicament",
    ev.RecommendationKind.MONITORING: "Surveillance",
    ev.RecommendationKind.THERAPY: "Psychothérapie",
    ev.RecommendationKind.ORIENTATION: "Orientation",
    ev.RecommendationKind.NO_CHANGE: "Pas de changement",
    ev.RecommendationKind.SEE_AGAIN: "À revoir",
}
PHASES: dict[ev.Phase, str] = {
    ev.Phase.CARE: "prise en charge",
    ev.Phase.RELAPSE_PREVENTION: "prévention des rechutes",
}
ORIENTATIONS: dict[ev.Orientation, str] = {
    ev.Orientation.NONE: "sans orientation",
    ev.Orientation.PSYCHIATRY: "vers la psychiatrie",
    ev.Orientation.PSYCHOLOGIST: "vers un psychologue",
    ev.Orientation.SOCIAL: "vers une aide sociale",
    ev.Orientation.ADDICTION_CARE: "vers l'addictologie",
    ev.Orientation.OTHER: "autre orientation",
}
EXITS: dict[ev.ExitReason, str] = {
    ev.ExitReason.REMISSION: "rémission",
    ev.ExitReason.CONCERTED_END: "fin concertée",
    ev.ExitReason.SPECIALISED_CARE: "orientation vers des soins spécialisés",
    ev.ExitReason.PATIENT_WISH: "souhait du patient",
    ev.ExitReason.LOST_TO_FOLLOW_UP: "perdu de vue",
    ev.ExitReason.MAXIMUM_DURATION: "durée maximale atteinte",
    ev.ExitReason.DEATH: "décès",
    ev.ExitReason.MOVED_AWAY: "déménagement",
    ev.ExitReason.OTHER: "autre motif",
}
ACTIVITIES: dict[ev.ActivityKind, str] = {
    ev.ActivityKind.CONTACTS: "Contacts de suivi",
    ev.ActivityKind.INSTRUMENTS: "Questionnaires",
    ev.ActivityKind.PSYCHOEDUCATION: "Psychoéducation",
    ev.ActivityKind.BEHAVIOURAL_ACTIVATION: "Activation comportementale",
    ev.ActivityKind.TREATMENT_FOLLOW_UP: "Suivi du traitement",
    ev.ActivityKind.PSYCHOLOGIST: "Psychologue",
    ev.ActivityKind.SOCIAL_RESOURCE: "Ressource sociale",
    ev.ActivityKind.OTHER: "Autre",
}
GOALS: dict[ev.GoalStatus, str] = {
    ev.GoalStatus.ACTIVE: "en cours",
    ev.GoalStatus.COMPLETED: "atteint",
    ev.GoalStatus.CANCELLED: "abandonné",
}
MARKS: dict[MarkKind, str] = {
    MarkKind.CONTACT: "contact",
    MarkKind.MISSED: "contact manqué",
    MarkKind.REVIEW: "revue de cas",
    MarkKind.TREATMENT: "recommandation suivie",
    MarkKind.PHASE: "changement de phase",
    MarkKind.SEQUENCE: "début de séquence",
    MarkKind.EXIT: "sortie",
}
