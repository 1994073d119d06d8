"""The nurse's contacts: hold, miss, cancel, move, plan, correct."""

from smart_app.team.contact import changes, closed, views

ROUTES = (*views.ROUTES, *closed.ROUTES, *changes.ROUTES)
