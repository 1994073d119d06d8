"""French texts of contacts; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain.appointments import Next
from sesame_fhir.domain.events import CancelledBy, ContactMode, ContactStatus, ContactTask

MODES: dict[ContactMode, str] = {
    ContactMode.PHONE: "Téléphone",
    ContactMode.ON_SITE: "Sur place",
    ContactMode.VIDEO: "Vidéo",
}

TASKS: dict[ContactTask, str] = {
    ContactTask.FOLLOW_UP: "Suivi",
    ContactTask.FIRST_CONTACT: "Premier contact",
    ContactTask.ASSESSMENT: "Évaluation initiale",
    ContactTask.RELAPSE_PREVENTION: "Prévention des rechutes",
    ContactTask.CRISIS: "Situation de crise",
    ContactTask.COORDINATION: "Coordination",
}

STATUSES: dict[ContactStatus, str] = {
    ContactStatus.PLANNED: "Prévu",
    ContactStatus.HELD: "A eu lieu",
    ContactStatus.MISSED: "Manqué",
    ContactStatus.CANCELLED: "Annulé",
}

CANCELLED_BY: dict[CancelledBy, str] = {
    CancelledBy.PATIENT: "À la demande du patient",
    CancelledBy.TEAM: "Par l'équipe",
}

NEXT: dict[Next, str] = {
    Next.FORTNIGHT: "Dans 15 jours",
    Next.MONTH: "Dans 1 mois",
    Next.RETRY: "Prochain jour ouvré",
    Next.OTHER: "Autre date",
    Next.NONE: "Aucun pour l'instant",
}
