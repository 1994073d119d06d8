"""One patient's page: where they stand, what to do now, scores, events, plan, team, contacts, documents."""

from smart_app.team.patient.routes import ROUTES

__all__ = ["ROUTES"]
