"""Setting up how one signs in, by a one-time link: a password with one-time codes, or a passkey.

A link replaces what was there before: whoever needs a new one has lost a telephone, or leaves it to nobody else.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.one_time_codes import matching_step
from sesame_fhir.services.passwords import LONGEST, SHORTEST, hashed
from sesame_fhir.services.sign_in import SignInPorts, trace_sign_in
from sesame_fhir.services.sign_in_ports import EnrolmentLink, Passkey, PasswordAndCode
from sesame_fhir.services.staff import StaffMember


class EnrolmentProblem(StrEnum):
    """What stands against what was chosen; the French texts are in ``smart_app.team.texts``."""

    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    LIKE_LOGIN = "like-login"
    DIFFER = "differ"
    CODE_WRONG = "code-wrong"
    PASSKEY_INVALID = "passkey-invalid"


class EnrolmentRefused(Exception):  # noqa: N818  named as the fact it reports
    """Not like this; every problem is given, and the link still works."""

    def __init__(self, *problems: EnrolmentProblem) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


class LinkOver(Exception):  # noqa: N818  named as the fact it reports
    """The link is unknown, was used, or has expired."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A password, twice, and the first code of the application."""

    password: str
    again: str
    code: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link still to be used, and whose it is."""

    link: EnrolmentLink
    member: StaffMember


def link_hash(token: str) -> str:
    """How a link's secret rests."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitation(ports: SignInPorts, token: str, now: datetime) -> Invitation:
    """What a link opens. Raises LinkOver."""
    link = ports.access.links.find(link_hash(token), now)
    member = None if link is None else ports.staff.by_id(link.staff_id)
    if link is None or member is None or not member.active:
        raise LinkOver
    return Invitation(link, member)


def enrol_password(ports: SignInPorts, token: str, chosen: Chosen, now: datetime) -> StaffMember:
    """Set a password and the application that makes its codes; the code typed proves that it does, and is used up.

    Raises:
        LinkOver: the link does not work (any more).
        EnrolmentRefused: a weak password, or a wrong code; the link still works.
    """
    invited = invitation(ports, token, now)
    link, member = invited.link, invited.member
    step = matching_step(ports.vault, member.staff_id, link.totp, chosen.code, now)
    if problems := _problems(member, chosen, right_code=step is not None):
        raise EnrolmentRefused(*problems)
    credential = PasswordAndCode(member.staff_id, hashed(chosen.password), link.totp, step or 0)
    _use(ports, token, member, now)
    ports.access.credentials.save_password(credential)
    trace_sign_in(ports.audit, member, "enrol-totp", now, "done")
    return member


def enrol_passkey(ports: SignInPorts, token: str, passkey: Passkey, now: datetime) -> StaffMember:
    """Keep a verified passkey as the account's way to sign in.

    Raises:
        LinkOver: the link does not work (any more).
        AlreadyExists: this passkey belongs to an account.
    """
    member = invitation(ports, token, now).member
    if ports.access.credentials.passkey(passkey.credential_id) is not None:
        raise AlreadyExists(passkey.credential_id)
    _use(ports, token, member, now)
    ports.access.credentials.add_passkey(passkey)
    trace_sign_in(ports.audit, member, "enrol-passkey", now, "done")
    return member


def _use(ports: SignInPorts, token: str, member: StaffMember, now: datetime) -> None:
    """Take the link, and end what worked before it. Raises LinkOver when somebody was faster."""
    if ports.access.links.take(link_hash(token), now) is None:
        raise LinkOver
    ports.access.credentials.forget(member.staff_id)
    ports.access.sessions.close_all(member.staff_id, now)


def _problems(member: StaffMember, chosen: Chosen, *, right_code: bool) -> tuple[EnrolmentProblem, ...]:
    wrong = {
        EnrolmentProblem.TOO_SHORT: len(chosen.password) < SHORTEST,
        EnrolmentProblem.TOO_LONG: len(chosen.password) > LONGEST,
        EnrolmentProblem.LIKE_LOGIN: chosen.password.strip().lower() == member.login,
        EnrolmentProblem.DIFFER: chosen.password != chosen.again,
        EnrolmentProblem.CODE_WRONG: not right_code,
    }
    return tuple(problem for problem, found in wrong.items() if found)
