"""Addresses that come back to us from a browser: only our own pages are ever gone to."""

import re

from flask import current_app
from werkzeug.exceptions import HTTPException

TEAM_ROOT = "/app/team"

_OURS = re.compile(rf"{TEAM_ROOT}/[A-Za-z0-9/_.~-]*")


def own_page(asked: str | None) -> str | None:
    """The address, when it is a page of the team's; None for anything else (no open redirection)."""
    ours = asked is not None and _OURS.fullmatch(asked) and "//" not in asked and "/.." not in asked
    return asked if ours else None


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
