"""The caseload (file active): who needs me today, one table for nurse, psychiatrist and GP."""

from smart_app.team.caseload.routes import ROUTES

__all__ = ["ROUTES"]
