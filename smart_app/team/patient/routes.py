"""Addresses of the patient's page."""

from smart_app.team.patient.view import show_patient
from smart_app.team.routing import TeamRoute

ROUTES = (TeamRoute("GET", "/p/<pathway_id>", "view-patient", show_patient),)
