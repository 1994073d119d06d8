"""What every page of a launch passes first: the right browser, not expired, the right patient, the right to write."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import request

from sesame_fhir.services.records import LaunchSession
from smart_app.deps import AppDeps, current_deps
from smart_app.ehr.transport import origin_of
from smart_app.errors import AppError, LaunchExpired
from smart_app.launch.addresses import relaunch_url
from smart_app.launch.scopes import Scopes
from smart_app.security import allow_framing
from smart_app.session.cookies import SESSION_COOKIE, fingerprint, matches

WRITTEN_TYPES = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "DocumentReference")
"""What SÉSAME writes into a record; the document replaces the others where the EHR takes only documents."""

_TOUCH_SECONDS = 30
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

P = ParamSpec("P")
R = TypeVar("R")


def current_launch(deps: AppDeps, launch_id_from_path: str) -> LaunchSession:
    """The open launch that this request belongs to; its idle expiry moves on.

    Raises:
        LaunchExpired: unknown, closed or expired.
        AppError: cookie-missing, cookie-wrong, or foreign-origin for a post from another site.
    """
    now = deps.clock.now()
    launch_hash = fingerprint(launch_id_from_path)
    session = deps.launches.get(launch_hash, now)
    if session is None:
        raise LaunchExpired("launch-expired")
    registration = deps.ehrs.by_id(session.ehr_id)
    if registration is None:
        raise LaunchExpired("launch-expired")
    allow_framing(registration.frame_origins)
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None:
        raise AppError("cookie-missing", reopen_url=relaunch_url(deps, registration.issuer))
    if not matches(cookie, session.browser_hash):
        raise AppError("cookie-wrong")
    check_origin(deps)
    if now - session.last_seen_at >= timedelta(seconds=_TOUCH_SECONDS):
        deps.launches.touch(launch_hash, now, _idle_expiry(deps, session, now))
    return session


def ended_launch(deps: AppDeps, launch_id_from_path: str) -> LaunchSession | None:
    """The launch that this browser had until it ended: it opens no page, but what is posted to it may be kept.

    Raises:
        AppError: foreign-origin for a post from another site.
    """
    session = deps.launches.ended(fingerprint(launch_id_from_path), deps.clock.now())
    cookie = request.cookies.get(SESSION_COOKIE)
    if session is None or cookie is None or not matches(cookie, session.browser_hash):
        return None
    check_origin(deps)
    return session


def launch_view(view: Callable[Concatenate[LaunchSession, P], R]) -> Callable[..., R]:
    """Turn ``view(session, …)`` into a Flask view of a route with ``<launch_id>``; the guard runs first."""

    @wraps(view)
    def guarded(launch_id: str, *args: P.args, **kwargs: P.kwargs) -> R:
        return view(current_launch(current_deps(), launch_id), *args, **kwargs)

    return guarded


def assert_same_patient(session: LaunchSession, posted_patient: str) -> None:
    """Refuse a form that was opened for another patient. Raises AppError(other-patient)."""
    if posted_patient != session.patient:
        raise AppError("other-patient")


def write_allowed(session: LaunchSession, resource_type: str) -> bool:
    """True when the granted scopes let us create this type in the record."""
    return Scopes.parse(session.granted_scopes).allows(resource_type, "c")


def read_only(session: LaunchSession) -> bool:
    """True when nothing of what SÉSAME writes may go into the record: the pages say so, and offer text to paste."""
    return not any(write_allowed(session, name) for name in WRITTEN_TYPES)


def not_granted(session: LaunchSession) -> tuple[str, ...]:
    """The types that we asked to create and may not, in the order of ``WRITTEN_TYPES``."""
    requested = Scopes.parse(session.requested_scopes)
    return tuple(t for t in WRITTEN_TYPES if requested.allows(t, "c") and not write_allowed(session, t))


def _idle_expiry(deps: AppDeps, session: LaunchSession, now: datetime) -> datetime:
    idle = now + timedelta(seconds=deps.launch_idle_seconds)
    return min(idle, session.created_at + timedelta(seconds=deps.launch_absolute_seconds))


def check_origin(deps: AppDeps) -> None:
    """Refuse a post that another site made the browser send. Raises AppError(foreign-origin).

    Under ``Referrer-Policy: no-referrer`` a browser sends ``Origin: null`` even for our own forms, so
    ``Sec-Fetch-Site`` decides where it exists.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            raise AppError("foreign-origin")
        return
    if request.headers.get("Origin", "null") not in ("null", origin_of(deps.app_url)):
        raise AppError("foreign-origin")
