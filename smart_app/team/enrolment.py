"""The page behind a one-time link: choose how to sign in from now on."""

from http import HTTPStatus

import segno
from flask import render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from sesame_fhir.services.enrolment import Chosen, EnrolmentRefused, Invitation, LinkOver, enrol_password, invitation
from sesame_fhir.services.one_time_codes import provisioning_uri, secret_text
from sesame_fhir.services.passkeys import begin_enrolment, finish_enrolment
from sesame_fhir.services.sign_in import METHOD
from smart_app.deps import AppDeps, current_deps
from smart_app.session.guard import check_origin
from smart_app.team.cookies import pending_cookie
from smart_app.team.errors import TeamError
from smart_app.team.opening import browser_secret, ceremony, enter, ports_of
from smart_app.team.routing import OpenRoute
from smart_app.team.sign_in import PASSKEY, challenge_answer
from smart_app.team.texts import ENROLMENT_PROBLEMS, ROLES

_MODULE_PIXELS = 5


def show_enrolment(token: str) -> ResponseReturnValue:
    """Passkey, or password with one-time codes."""
    deps = current_deps()
    return _page(deps, token, _invited(deps, token))


def post_enrolment(token: str) -> ResponseReturnValue:
    """A password, and the first code of the application."""
    deps, form = current_deps(), request.form
    check_origin(deps)
    invited = _invited(deps, token)
    chosen = Chosen(form.get("password", ""), form.get("again", ""), form.get("code", ""))
    try:
        member = enrol_password(ports_of(deps), token, chosen, deps.clock.now())
    except EnrolmentRefused as refused:
        return _page(deps, token, invited, refused), HTTPStatus.UNPROCESSABLE_ENTITY
    except LinkOver:
        raise TeamError("link-over") from None
    return enter(deps, member, METHOD, None)


def post_enrolment_options(token: str) -> ResponseReturnValue:
    """What the script hands to the browser to make a passkey."""
    deps = current_deps()
    check_origin(deps)
    _invited(deps, token)
    browser = browser_secret(deps)
    challenge = begin_enrolment(ports_of(deps), deps.ids, ceremony(deps, browser), token)
    return challenge_answer(deps, challenge, browser)


def post_enrolment_passkey(token: str) -> ResponseReturnValue:
    """The passkey that was made."""
    deps, form = current_deps(), request.form
    check_origin(deps)
    invited = _invited(deps, token)
    asked = ceremony(deps, pending_cookie(request, deps) or "")
    try:
        member = finish_enrolment(ports_of(deps), asked, token, form.get("state", ""), form.get("credential", ""))
    except EnrolmentRefused as refused:
        return _page(deps, token, invited, refused), HTTPStatus.UNPROCESSABLE_ENTITY
    except LinkOver:
        raise TeamError("link-over") from None
    return enter(deps, member, PASSKEY, None)


def _invited(deps: AppDeps, token: str) -> Invitation:
    try:
        return invitation(ports_of(deps), token, deps.clock.now())
    except LinkOver:
        raise TeamError("link-over") from None


def _page(deps: AppDeps, token: str, invited: Invitation, refused: EnrolmentRefused | None = None) -> str:
    link, member = invited.link, invited.member
    address = provisioning_uri(deps.vault, member.staff_id, link.totp, member.login)
    code = segno.make_qr(address, error="m").svg_inline(scale=_MODULE_PIXELS, border=4)
    return render_template(
        "team/enrolment.html",
        token=token,
        member=member,
        role_text=ROLES,
        qr=Markup(code),  # noqa: S704  made by segno: paths and numbers only
        secret=secret_text(deps.vault, member.staff_id, link.totp),
        problems=() if refused is None else tuple(ENROLMENT_PROBLEMS[problem] for problem in refused.problems),
    )


OPEN_ROUTES: tuple[OpenRoute, ...] = (
    ("GET", "/enrol/<token>", show_enrolment),
    ("POST", "/enrol/<token>", post_enrolment),
    ("POST", "/enrol/<token>/options", post_enrolment_options),
    ("POST", "/enrol/<token>/passkey", post_enrolment_passkey),
)
