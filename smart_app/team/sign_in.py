"""Signing in by password and code or by passkey, and signing out. OpenID Connect has its own module."""

from http import HTTPStatus

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sesame_fhir.services.passkeys import Challenge, begin_sign_in, finish_sign_in
from sesame_fhir.services.sign_in import METHOD, SignInFailed, SignInMustWait, Typed, sign_in_with_password
from smart_app.deps import AppDeps, current_deps
from smart_app.session.cookies import fingerprint
from smart_app.session.guard import check_origin
from smart_app.team.addresses import authorize_question, wanted_page
from smart_app.team.cookies import drop_team_cookie, pending_cookie, set_pending_cookie, team_cookie
from smart_app.team.guard import person_of
from smart_app.team.opening import browser_secret, ceremony, enter, ports_of
from smart_app.team.routing import OpenRoute

PASSKEY = "passkey"
_SEE_OTHER = 303


def show_sign_in() -> ResponseReturnValue:
    """Every way in; who is signed in already goes on to the question of the authorization server that sent them."""
    deps, wanted = current_deps(), request.args.get("next")
    question = authorize_question(deps, wanted)
    if question is not None and person_of(deps, request.cookies) is not None:
        return redirect(question, _SEE_OTHER)
    return _page(deps, wanted, kept="kept" in request.args)


def post_sign_in() -> ResponseReturnValue:
    """Login, password and code."""
    deps, form = current_deps(), request.form
    check_origin(deps)
    typed = Typed(form.get("login", ""), form.get("password", ""), form.get("code", ""))
    try:
        member = sign_in_with_password(ports_of(deps), typed, deps.clock.now())
    except SignInMustWait:
        return _page(deps, form.get("next"), problem="wait"), HTTPStatus.TOO_MANY_REQUESTS
    except SignInFailed:
        return _page(deps, form.get("next"), problem="failed"), HTTPStatus.UNPROCESSABLE_ENTITY
    return enter(deps, member, METHOD, form.get("next"))


def post_passkey_options() -> ResponseReturnValue:
    """What the script hands to the browser's passkeys."""
    deps = current_deps()
    check_origin(deps)
    browser = browser_secret(deps)
    return challenge_answer(deps, begin_sign_in(ports_of(deps), deps.ids, ceremony(deps, browser)), browser)


def post_passkey() -> ResponseReturnValue:
    """What a passkey answered."""
    deps, form = current_deps(), request.form
    check_origin(deps)
    asked = ceremony(deps, pending_cookie(request, deps) or "")
    try:
        member = finish_sign_in(ports_of(deps), asked, form.get("state", ""), form.get("credential", ""))
    except SignInFailed:
        return _page(deps, form.get("next"), problem="passkey"), HTTPStatus.UNPROCESSABLE_ENTITY
    return enter(deps, member, PASSKEY, form.get("next"))


def post_sign_out() -> ResponseReturnValue:
    """End the session on the server, in the browser, and in the apps that were opened with it."""
    deps = current_deps()
    check_origin(deps)
    who = person_of(deps, request.cookies)
    if who is not None and who.member is not None and deps.launcher is not None:
        deps.launcher.signed_out(who.member)
    secret = team_cookie(request.cookies, deps)
    if secret is not None:
        deps.staff_access.sessions.close(fingerprint(secret), deps.clock.now())
    answer = make_response(redirect(url_for("team.show_sign_in"), _SEE_OTHER))
    drop_team_cookie(answer, deps)
    return answer


def challenge_answer(deps: AppDeps, challenge: Challenge, browser: str) -> Response:
    """A challenge for the script, tied to its browser."""
    answer = jsonify(state=challenge.state, options=challenge.options)
    set_pending_cookie(answer, deps, browser)
    return answer


def _page(deps: AppDeps, wanted: str | None, *, problem: str | None = None, kept: bool = False) -> str:
    return render_template(
        "team/sign_in.html",
        next_page=wanted_page(deps, wanted) or "",
        providers=deps.team.oidc,
        problem=problem,
        kept=kept,
        login=request.form.get("login", ""),
    )


OPEN_ROUTES: tuple[OpenRoute, ...] = (
    ("GET", "/sign-in", show_sign_in),
    ("POST", "/sign-in", post_sign_in),
    ("POST", "/passkey/options", post_passkey_options),
    ("POST", "/passkey", post_passkey),
    ("POST", "/sign-out", post_sign_out),
)
