"""The cookies of the team's pages: one for a signed-in session, one for a sign-in on its way.

The team's pages are never framed, so the cookie is ``SameSite=Lax``. Over https it carries the ``__Host-`` prefix,
which browsers accept with ``Secure``, ``Path=/`` and no domain only; on http://localhost browsers refuse the prefix.
"""

from collections.abc import Mapping

from flask import Request, Response

from smart_app.deps import AppDeps

PENDING_SECONDS = 600
"""How long a sign-in may take between our question and its answer."""

_SESSION = "sesame_team"
_PENDING = "sesame_team_sign_in"


def team_cookie(cookies: Mapping[str, str], deps: AppDeps) -> str | None:
    """The secret of the session that a browser presents."""
    return cookies.get(_named(deps, _SESSION))


def set_team_cookie(response: Response, deps: AppDeps, secret: str) -> None:
    """Give the browser its session; it ends with the session on the server, or with the browser."""
    _set(response, _named(deps, _SESSION), secret, None)


def drop_team_cookie(response: Response, deps: AppDeps) -> None:
    """Forget the session."""
    _set(response, _named(deps, _SESSION), "", 0)


def pending_cookie(request: Request, deps: AppDeps) -> str | None:
    """The secret of the browser that began to sign in: several tabs may be at it."""
    return request.cookies.get(_named(deps, _PENDING))


def set_pending_cookie(response: Response, deps: AppDeps, secret: str) -> None:
    """Tie what was begun to this browser."""
    _set(response, _named(deps, _PENDING), secret, PENDING_SECONDS)


def _named(deps: AppDeps, name: str) -> str:
    return f"__Host-{name}" if deps.app_url.startswith("https://") else name


def _set(response: Response, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax")
