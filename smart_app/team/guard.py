"""What every team page passes first: a session of this browser, still open, of an account still active."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request

from sesame_fhir.services.authorization import SignedInPerson
from sesame_fhir.services.staff import StaffMember, StaffSession
from smart_app.deps import AppDeps
from smart_app.session.cookies import fingerprint
from smart_app.session.guard import check_origin
from smart_app.team.cookies import team_cookie

_TOUCH_SECONDS = 30


class SignInNeeded(Exception):  # noqa: N818  named as the fact it reports
    """No session, or one that has ended."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is behind this request."""

    session: StaffSession
    member: StaffMember


def signed_in(deps: AppDeps) -> SignedIn:
    """The session of this request; its idle expiry moves on.

    Raises:
        SignInNeeded: no cookie, a session unknown or ended, an account deactivated.
        AppError: foreign-origin for a post from another site.
    """
    who = _known(deps, request.cookies)
    if who is None:
        raise SignInNeeded
    check_origin(deps)
    _touch(deps, who.session)
    return who


def person_of(deps: AppDeps, cookies: Mapping[str, str]) -> SignedInPerson | None:
    """Who is signed in in the browser that sent these cookies, for our authorization server."""
    who = _known(deps, cookies)
    if who is None:
        return None
    _touch(deps, who.session)
    session, member = who.session, who.member
    return SignedInPerson(f"Practitioner/{member.staff_id}", session.created_at, session.session_hash, member)


def _known(deps: AppDeps, cookies: Mapping[str, str]) -> SignedIn | None:
    secret = team_cookie(cookies, deps)
    session = None if secret is None else deps.staff_access.sessions.get(fingerprint(secret), deps.clock.now())
    member = None if session is None else deps.staff.by_id(session.staff_id)
    return None if session is None or member is None or not member.active else SignedIn(session, member)


def _touch(deps: AppDeps, session: StaffSession) -> None:
    now = deps.clock.now()
    if now - session.last_seen_at >= timedelta(seconds=_TOUCH_SECONDS):
        deps.staff_access.sessions.touch(session.session_hash, now, session_end(deps, session.created_at, now))


def ended_session(deps: AppDeps) -> SignedIn | None:
    """The session that this browser had until it ended: it opens no page, but what is posted to it may be kept.

    Raises:
        AppError: foreign-origin for a post from another site.
    """
    secret = team_cookie(request.cookies, deps)
    session = None if secret is None else deps.staff_access.sessions.ended(fingerprint(secret), deps.clock.now())
    member = None if session is None else deps.staff.by_id(session.staff_id)
    if session is None or member is None or not member.active:
        return None
    check_origin(deps)
    return SignedIn(session, member)


def session_end(deps: AppDeps, began: datetime, now: datetime) -> datetime:
    """When a session ends unless something happens: idle or absolute, whichever comes first."""
    idle = now + timedelta(seconds=deps.team.idle_seconds)
    return min(idle, began + timedelta(seconds=deps.team.absolute_seconds))
