"""Contacts to come: the agenda's page, and the calendar feed that a nurse's own calendar subscribes to."""

from smart_app.team.agenda.routes import OPEN_ROUTES, ROUTES

__all__ = ["OPEN_ROUTES", "ROUTES"]
