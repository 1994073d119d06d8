"""Addresses of the patient's page."""

from smart_app.team.patient.view import download_summary, show_patient
from smart_app.team.routing import TeamRoute

ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>", "view-patient", show_patient),
    TeamRoute("GET", "/p/<pathway_id>/summary", "print-document", download_summary),
)
