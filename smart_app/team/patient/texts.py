"""French texts of the patient's page; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain import events as ev
from smart_app.team.patient.charts import MarkKind

ORIENTATIONS: dict[ev.Orientation, str] = {
    ev.Orientation.NONE: "sans orientation",
    ev.Orientation.PSYCHIATRY: "vers la psychiatrie",
    ev.Orientation.PSYCHOLOGIST: "vers un psychologue",
    ev.Orientation.SOCIAL: "vers une aide sociale",
    ev.Orientation.ADDICTION_CARE: "vers l'addictologie",
    ev.Orientation.OTHER: "autre orientation",
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
