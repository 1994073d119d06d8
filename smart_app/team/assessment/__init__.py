"""The nurse's initial assessment, and totals read on paper."""

from smart_app.team.assessment import totals, views

ROUTES = (*views.ROUTES, *totals.ROUTES)
