"""Blank questionnaires that the front desk hands out, to be filled in on paper before the visit.

Source: domain page, "Who does what": the front desk hands out self-administered forms. Nothing here is about a patient.
"""

from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.services.errors import NotFound
from smart_app.team.context import TeamContext
from smart_app.team.render import render
from smart_app.team.routing import TeamRoute

OFFERED = (InstrumentId.PHQ_2, InstrumentId.PHQ_9, InstrumentId.GAD_7, InstrumentId.AUDIT_C)
"""The shortest first."""


def show_handouts(page: TeamContext) -> str:
    """Which questionnaires there are."""
    return render(page, "team/handouts.html", instruments=tuple(INSTRUMENTS[name] for name in OFFERED))


def show_handout(page: TeamContext, instrument: str) -> str:
    """One questionnaire as it is printed: no score, no name but the one written by hand. Raises NotFound."""
    found = next((INSTRUMENTS[name] for name in OFFERED if name.value == instrument), None)
    if found is None:
        raise NotFound(instrument)
    return render(page, "team/handout.html", instrument=found)


ROUTES = (
    TeamRoute("GET", "/handouts", "print-form", show_handouts),
    TeamRoute("GET", "/handouts/<instrument>", "print-form", show_handout),
)
