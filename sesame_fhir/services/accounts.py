"""Accounts of the team: made, enrolled by a one-time link, deactivated. Everything is in the audit log."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sesame_fhir.domain.actors import STAFF, Actor, Role
from sesame_fhir.domain.identifiers import InvalidIdentifier, Rpps
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.enrolment import link_hash
from sesame_fhir.services.errors import AlreadyExists, NotFound
from sesame_fhir.services.one_time_codes import new_secret
from sesame_fhir.services.ports import Ids
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.services.sign_in import SignInPorts
from sesame_fhir.services.sign_in_ports import EnrolmentLink
from sesame_fhir.services.staff import StaffMember

ACTION = "change-accounts"
LINK_LIFE = timedelta(hours=72)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_LONGEST_NAME = 100


class AccountProblem(StrEnum):
    """What is wrong with an account as described; the French texts are in ``smart_app.team.texts``."""

    LOGIN_INVALID = "login-invalid"
    LOGIN_TAKEN = "login-taken"
    NAME_MISSING = "name-missing"
    ROLE_UNKNOWN = "role-unknown"
    SITE_UNKNOWN = "site-unknown"
    SITE_MISSING = "site-missing"
    RPPS_INVALID = "rpps-invalid"
    OWN_ACCOUNT = "own-account"
    OWN_ROLE = "own-role"


class AccountRefused(Exception):  # noqa: N818  named as the fact it reports
    """The account cannot be made, or changed, like this; every problem is given."""

    def __init__(self, *problems: AccountProblem) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Described:
    """An account as somebody describes it, unchecked. ``external`` are ``issuer|sub`` of OpenID providers."""

    login: str
    name: str
    role: str
    sites: tuple[str, ...]
    rpps: str = ""
    external: tuple[str, ...] = ()


def member_from(described: Described, staff_id: str, known_sites: frozenset[SiteId]) -> StaffMember:
    """Check a description. Raises AccountRefused with every problem found."""
    login, name = described.login.strip().lower(), " ".join(described.name.split())
    rpps = _rpps(described.rpps.strip())
    role = Role(described.role) if described.role in STAFF else None
    wrong = {
        AccountProblem.LOGIN_INVALID: not _LOGIN.fullmatch(login),
        AccountProblem.NAME_MISSING: not name or len(name) > _LONGEST_NAME or not name.isprintable(),
        AccountProblem.ROLE_UNKNOWN: role is None,
        AccountProblem.SITE_UNKNOWN: not known_sites.issuperset(described.sites),
        AccountProblem.SITE_MISSING: role is not Role.ADMINISTRATOR and not described.sites,
        AccountProblem.RPPS_INVALID: isinstance(rpps, AccountProblem),
    }
    problems = tuple(problem for problem, found in wrong.items() if found)
    if problems or role is None or isinstance(rpps, AccountProblem):
        raise AccountRefused(*problems)
    sites = tuple(SiteId(site) for site in dict.fromkeys(described.sites))
    return StaffMember(staff_id, login, name, role, sites, rpps, described.external)


def save_account(ports: SignInPorts, by: Actor, member: StaffMember, now: datetime) -> None:
    """Save a new account, or a changed one.

    Raises:
        AccountRefused: another account has the login, or one of the external identities; or somebody gives themselves
            another role: an administrator must be left to give it back.
    """
    before = ports.staff.by_id(member.staff_id)
    if before is not None and before.actor.actor_id == by.actor_id and member.role is not before.role:
        raise AccountRefused(AccountProblem.OWN_ROLE)
    what = "create" if before is None else "change"
    try:
        ports.staff.save(member)
    except AlreadyExists:
        raise AccountRefused(AccountProblem.LOGIN_TAKEN) from None
    _trace(ports, by, what, member, now)


def issue_link(ports: SignInPorts, ids: Ids, by: Actor, staff_id: str, now: datetime) -> str:
    """Make a one-time enrolment link and return its secret; the account's earlier links end.

    Raises:
        NotFound: no such account, or one that is not active.
    """
    member = _account(ports, staff_id)
    if not member.active:
        raise NotFound(staff_id)
    token = ids.secret()
    totp = new_secret(ports.vault, staff_id)
    ports.access.links.issue(EnrolmentLink(link_hash(token), staff_id, totp, now + LINK_LIFE))
    _trace(ports, by, "link", member, now)
    return token


def set_active(ports: SignInPorts, by: Actor, staff_id: str, *, active: bool, now: datetime) -> StaffMember:
    """Deactivate an account (its sessions and links end, its ways to sign in are forgotten), or open it again.

    Raises:
        NotFound: no such account.
        AccountRefused: one's own account: somebody must be left to open it again.
    """
    member = _account(ports, staff_id)
    if member.actor.actor_id == by.actor_id:
        raise AccountRefused(AccountProblem.OWN_ACCOUNT)
    changed = replace(member, active=active)
    ports.staff.save(changed)
    if not active:
        ports.access.credentials.forget(staff_id)
        ports.access.links.revoke(staff_id)
        ports.access.feeds.revoke(staff_id)
        ports.access.sessions.close_all(staff_id, now)
    _trace(ports, by, "activate" if active else "deactivate", member, now)
    return changed


def _account(ports: SignInPorts, staff_id: str) -> StaffMember:
    member = ports.staff.by_id(staff_id)
    if member is None:
        raise NotFound(staff_id)
    return member


def _rpps(text: str) -> Rpps | AccountProblem | None:
    try:
        return Rpps.parse(text) if text else None
    except InvalidIdentifier:
        return AccountProblem.RPPS_INVALID


def _trace(ports: SignInPorts, by: Actor, what: str, member: StaffMember, now: datetime) -> None:
    ports.audit.record(
        AuditEntry(
            at=now,
            actor_id=by.actor_id,
            role=by.role.value,
            action=ACTION,
            outcome="done",
            detail=what,
            extra={"staff_id": member.staff_id},
        )
    )
