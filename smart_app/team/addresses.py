"""Addresses that come back to us from a browser: only our own pages are ever gone to.

Our own authorization server sends people here to sign in, and wants them back at the same question (``AUTHORIZE``).
"""

import re

from flask import current_app
from werkzeug.exceptions import HTTPException

from smart_app.deps import AppDeps
from smart_app.ehr.transport import origin_of

TEAM_ROOT = "/app/team"

AUTHORIZE = "/oauth/authorize"
"""Where somebody approves that an app is opened: on this host, asked with a query."""

_QUESTION = re.compile(rf"{AUTHORIZE}\?[A-Za-z0-9._~%&=+*-]{{1,8000}}")
_OURS = re.compile(rf"{TEAM_ROOT}/[A-Za-z0-9/_.~-]*")


def own_page(asked: str | None) -> str | None:
    """The address, when it is a page of the team's; None for anything else (no open redirection)."""
    ours = asked is not None and _OURS.fullmatch(asked) and "//" not in asked and "/.." not in asked
    return asked if ours else None


def authorize_question(deps: AppDeps, asked: str | None) -> str | None:
    """The question of our authorization server, below its origin; None for anything else (no open redirection)."""
    below = (asked or "").removeprefix(origin_of(deps.app_url))
    return below if _QUESTION.fullmatch(below) else None


def wanted_page(deps: AppDeps, asked: str | None) -> str | None:
    """Where somebody may go who has signed in: a page of the team's, or the question they came from."""
    return own_page(asked) or authorize_question(deps, asked)


def page_of(path: str) -> str:
    """The page that a form of this address is on: the address itself, or the nearest one above it that can be opened.

    ``…/contact/<id>/missed`` only takes a form; who comes back to it, having signed in again, wants ``…/contact/<id>``.
    """
    addresses = current_app.url_map.bind("")
    while path.startswith(f"{TEAM_ROOT}/"):
        try:
            addresses.match(path, "GET")
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            return path
    return f"{TEAM_ROOT}/"
