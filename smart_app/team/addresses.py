"""Addresses that come back to us from a browser: only our own pages are ever gone to."""

import re

TEAM_ROOT = "/app/team"

_OURS = re.compile(rf"{TEAM_ROOT}/[A-Za-z0-9/_.~-]*")


def own_page(asked: str | None) -> str | None:
    """The address, when it is a page of the team's; None for anything else (no open redirection)."""
    ours = asked is not None and _OURS.fullmatch(asked) and "//" not in asked and "/.." not in asked
    return asked if ours else None
