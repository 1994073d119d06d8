"""Signing in, and out."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from smart_app.deps import current_deps
from smart_app.session.cookies import fingerprint
from smart_app.session.guard import check_origin
from smart_app.team.addresses import own_page
from smart_app.team.cookies import drop_team_cookie, team_cookie
from smart_app.team.routing import OpenRoute

_SEE_OTHER = 303


def show_sign_in() -> ResponseReturnValue:
    """Every way in."""
    kept = "kept" in request.args
    return render_template("team/sign_in.html", next_page=own_page(request.args.get("next")) or "", kept=kept)


def post_sign_out() -> ResponseReturnValue:
    """End the session on the server, and in the browser."""
    deps = current_deps()
    check_origin(deps)
    secret = team_cookie(request, deps)
    if secret is not None:
        deps.staff_access.sessions.close(fingerprint(secret), deps.clock.now())
    answer = redirect(url_for("team.show_sign_in"), _SEE_OTHER)
    drop_team_cookie(answer, deps)  # type: ignore[arg-type]  Flask's own response
    return answer


OPEN_ROUTES: tuple[OpenRoute, ...] = (
    ("GET", "/sign-in", show_sign_in),
    ("POST", "/sign-out", post_sign_out),
)
