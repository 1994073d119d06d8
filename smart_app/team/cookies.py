"""The cookie that ties a signed-in session to one browser.

The team's pages are never framed, so the cookie is ``SameSite=Lax``. Over https it carries the ``__Host-`` prefix,
which browsers accept with ``Secure``, ``Path=/`` and no domain only; on http://localhost browsers refuse the prefix.
"""

from flask import Request, Response

from smart_app.deps import AppDeps

_NAME = "sesame_team"


def team_cookie(request: Request, deps: AppDeps) -> str | None:
    """The secret that this browser presents."""
    return request.cookies.get(_cookie_name(deps))


def set_team_cookie(response: Response, deps: AppDeps, secret: str) -> None:
    """Give the browser its session; it ends with the session on the server, or with the browser."""
    response.set_cookie(_cookie_name(deps), secret, path="/", secure=True, httponly=True, samesite="Lax")


def drop_team_cookie(response: Response, deps: AppDeps) -> None:
    """Forget the session."""
    response.set_cookie(_cookie_name(deps), "", max_age=0, path="/", secure=True, httponly=True, samesite="Lax")


def _cookie_name(deps: AppDeps) -> str:
    return f"__Host-{_NAME}" if deps.app_url.startswith("https://") else _NAME
