"""French texts of contacts; templates translate them. A test keeps each table complete."""

from mappings.displays import DISPLAYS
from sesame_fhir.domain.appointments import Next
from sesame_fhir.domain.events import ContactMode, ContactTask

MODES = DISPLAYS[ContactMode]
TASKS = DISPLAYS[ContactTask]
"""By the code that a form sends: what it sends need not be one of them."""

NEXT: dict[Next, str] = {
    Next.FORTNIGHT: "Dans 15 jours",
    Next.MONTH: "Dans 1 mois",
    Next.RETRY: "Prochain jour ouvré",
    Next.OTHER: "Autre date",
    Next.NONE: "Aucun pour l'instant",
}
