"""From a person who proved who they are to a signed-in browser, on the page they wanted."""

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request

from sesame_fhir.services.passkeys import Ceremony, RelyingParty
from sesame_fhir.services.sign_in import SignInPorts, open_session
from sesame_fhir.services.staff import StaffMember, StaffSession
from smart_app.deps import AppDeps
from smart_app.ehr.transport import origin_of
from smart_app.session.cookies import fingerprint
from smart_app.team.addresses import TEAM_ROOT, authorize_question, own_page
from smart_app.team.cookies import pending_cookie, set_team_cookie, team_cookie
from smart_app.team.guard import session_end

_SEE_OTHER = 303


def ports_of(deps: AppDeps) -> SignInPorts:
    """What signing in needs of the application."""
    return SignInPorts(deps.staff, deps.staff_access, deps.vault, deps.audit)


def enter(deps: AppDeps, member: StaffMember, method: str, wanted: str | None) -> Response:
    """Open a session, end the one that this browser had, and go to the page wanted (one of ours) or to the start.

    To the authorization server a page leads on, not a redirect: it goes on to the app's own address, and a browser
    follows a posted form only to origins that the form's page names (CSP ``form-action``).
    """
    now, secret = deps.clock.now(), deps.ids.secret()
    earlier = team_cookie(request.cookies, deps)
    if earlier is not None:
        deps.staff_access.sessions.close(fingerprint(earlier), now)
    session = StaffSession(fingerprint(secret), member.staff_id, method, now, now, session_end(deps, now, now))
    open_session(ports_of(deps), member, session)
    question = authorize_question(deps, wanted)
    if question is None:
        answer = make_response(redirect(own_page(wanted) or f"{TEAM_ROOT}/", _SEE_OTHER))
    else:
        answer = make_response(render_template("team/onward.html", url=question, app=None))
    set_team_cookie(answer, deps, secret)
    return answer


def browser_secret(deps: AppDeps) -> str:
    """The secret that ties a sign-in on its way to this browser: the one it has, else a fresh one to set."""
    return pending_cookie(request, deps) or deps.ids.secret()


def ceremony(deps: AppDeps, browser: str) -> Ceremony:
    """Who asks for a passkey, from which browser, now."""
    party = RelyingParty(urlsplit(deps.app_url).hostname or "", origin_of(deps.app_url))
    return Ceremony(party, fingerprint(browser), deps.clock.now())
