"""What an EHR does around SMART: sign its people in, and hand out launches. The demo EHR gets these as callables."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.services.authorization import BrowserSession, IssuedLaunch, SignedInPerson

SESSION_COOKIE = "ehr_session"
"""Name of the sign-in cookie: Secure; HttpOnly; SameSite=None; Path=/ (the record page frames the app, which comes back
to the authorization server from inside that frame)."""

CONTEXT_FIELDS = ("patient", "encounter", "fhirContext", "intent", "need_patient_banner", "smart_style_url", "tenant")
"""What a launch may say; everything else in a context stays inside."""


def issue_launch(deps: ApiDeps, client_id: str, subject: str, context: Mapping[str, Any]) -> str:
    """Prepare an EHR launch and return the opaque ``launch`` value for the app's launch URL.

    ``subject`` is ``Practitioner/<id>``; ``context`` holds token response fields, ``patient`` and ``encounter`` as
    logical ids.

    Raises:
        ValueError: a field that SMART does not know.
    """
    unknown = set(context) - set(CONTEXT_FIELDS)
    if unknown:
        raise ValueError(f"not a launch context field: {', '.join(sorted(unknown))}")
    launch = deps.ids.secret()
    expires_at = deps.clock.now() + timedelta(seconds=deps.launch_seconds)
    deps.authorization.save_launch(IssuedLaunch(secret_hash(launch), client_id, subject, dict(context), expires_at))
    return launch


def sign_in(deps: ApiDeps, subject: str) -> str:
    """Open a browser session for ``Practitioner/<id>``; returns the cookie's value."""
    value = deps.ids.secret()
    now = deps.clock.now()
    expires_at = now + timedelta(seconds=deps.session_seconds)
    deps.authorization.save_session(BrowserSession(secret_hash(value), subject, now, expires_at))
    return value


def sign_out(deps: ApiDeps, cookie: str) -> None:
    """End the session of a cookie value; unknown ones are fine."""
    deps.authorization.end_session(secret_hash(cookie))


def person(deps: ApiDeps, cookies: Mapping[str, str]) -> SignedInPerson | None:
    """Who is signed in in the browser that sent these cookies: by the team's sign-in, or by our own cookie."""
    if deps.find_person is not None:
        return deps.find_person(cookies)
    session = signed_in(deps, cookies.get(SESSION_COOKIE), deps.clock.now())
    return None if session is None else SignedInPerson(session.subject, session.created_at, session.session_hash)


def signed_in(deps: ApiDeps, cookie: str | None, now: datetime) -> BrowserSession | None:
    """The session of a cookie value, None when there is none or it has expired."""
    return deps.authorization.session(secret_hash(cookie), now) if cookie else None
