"""The address that sign-in leads to: the first page that the role may open."""

from flask import redirect
from flask.typing import ResponseReturnValue

from smart_app.team.context import TeamContext
from smart_app.team.render import nav_of, render
from smart_app.team.routing import TeamRoute

_SEE_OTHER = 303


def show_home(page: TeamContext) -> ResponseReturnValue:
    """Go to the role's first page; a page without entries says so."""
    entries = nav_of(page)
    return redirect(entries[0].url, _SEE_OTHER) if entries else render(page, "team/home.html")


ROUTES = (TeamRoute("GET", "/", None, show_home),)
