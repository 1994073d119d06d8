"""Signing in: a person proves who they are, and a browser gets a session.

A failure says nothing about what failed, and takes the same time whether the login exists or not. After five failures a
login waits, twice as long each time (NIST SP 800-63B, section 5.2.2).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sesame_fhir.services.one_time_codes import matching_step
from sesame_fhir.services.passwords import password_matches
from sesame_fhir.services.ports import AuditLog, Vault
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.services.sign_in_ports import StaffAccess
from sesame_fhir.services.staff import StaffDirectory, StaffMember, StaffSession

ACTION = "sign-in"
METHOD = "totp"
FREE_FAILURES = 5
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)


class SignInFailed(Exception):  # noqa: N818  named as the fact it reports
    """Not proved."""


class SignInMustWait(Exception):  # noqa: N818  named as the fact it reports
    """Too many failures for this login: nothing was looked at."""


@dataclass(frozen=True, slots=True)
class SignInPorts:
    """What signing in needs."""

    staff: StaffDirectory
    access: StaffAccess
    vault: Vault
    audit: AuditLog


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed."""

    login: str
    password: str
    code: str


def wait_after(failures: int) -> timedelta:
    """How long a login waits after so many failures."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doubled: timedelta = _FIRST_WAIT * 2 ** min(failures - FREE_FAILURES, 10)
    return min(doubled, _LONGEST_WAIT)


def sign_in_with_password(ports: SignInPorts, typed: Typed, now: datetime) -> StaffMember:
    """Check a password with a one-time code.

    Raises:
        SignInMustWait: this login failed too often just now.
        SignInFailed: unknown or inactive login, wrong password, wrong or used code.
    """
    login_hash = hashlib.sha256(typed.login.strip().lower().encode()).hexdigest()
    if not ports.access.attempts.begin(login_hash, now, wait_after):
        raise SignInMustWait
    member = ports.staff.by_login(typed.login.strip())
    if not _proved(ports, member, typed, now) or member is None:
        trace_sign_in(ports.audit, member, METHOD, now, "refused")
        raise SignInFailed
    ports.access.attempts.clear(login_hash)
    return member


def open_session(ports: SignInPorts, member: StaffMember, session: StaffSession) -> None:
    """Give a browser its session."""
    ports.access.sessions.open(session)
    trace_sign_in(ports.audit, member, session.method, session.created_at, "done")


def trace_sign_in(audit: AuditLog, member: StaffMember | None, method: str, now: datetime, outcome: str) -> None:
    """Write to the audit log who signed in, or tried; what was typed as an unknown login is not repeated."""
    audit.record(
        AuditEntry(
            at=now,
            actor_id="unknown" if member is None else member.actor.actor_id,
            role="unknown" if member is None else member.role.value,
            action=ACTION,
            outcome=outcome,
            detail=method,
        )
    )


def _proved(ports: SignInPorts, member: StaffMember | None, typed: Typed, now: datetime) -> bool:
    credential = None if member is None else ports.access.credentials.password(member.staff_id)
    right = password_matches(None if credential is None else credential.password_hash, typed.password)
    if not right or credential is None or member is None or not member.active:
        return False
    step = matching_step(ports.vault, credential.staff_id, credential.totp, typed.code, now)
    return step is not None and ports.access.credentials.use_step(credential.staff_id, step)
