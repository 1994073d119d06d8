"""What proves who somebody is: ``StaffCredentials``, ``EnrolmentLinks``, ``PendingSignIns``, ``Attempts``."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.sign_in_ports import EnrolmentLink, Passkey, PasswordAndCode, PendingSignIn
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Session, Value
from sesame_fhir.storage.staff_schema import (
    sign_in_attempt,
    sign_in_pending,
    staff_link,
    staff_passkey,
    staff_password,
)

_PASSWORD = RowMapper(PasswordAndCode, staff_password)
_PASSKEY = RowMapper(Passkey, staff_passkey)
_LINK = RowMapper(EnrolmentLink, staff_link)
_PENDING = RowMapper(PendingSignIn, sign_in_pending)

_OF_PERSON = select(*_PASSWORD.columns).where(staff_password.c.staff_id == bindparam("person"))
_USE_STEP = update(staff_password).where(
    staff_password.c.staff_id == bindparam("person"), staff_password.c.last_step < bindparam("step")
)
_ADD_PASSKEY = staff_passkey.insert()
_ONE_PASSKEY = staff_passkey.c.credential_id == bindparam("one")
_PASSKEY_BY_ID = select(*_PASSKEY.columns).where(_ONE_PASSKEY)
_PASSKEYS = (
    select(*_PASSKEY.columns)
    .where(staff_passkey.c.staff_id == bindparam("person"))
    .order_by(staff_passkey.c.created_at, staff_passkey.c.passkey_key)
)
_COUNT_PASSKEY = update(staff_passkey).where(_ONE_PASSKEY)
_FORGET = tuple(delete(t).where(t.c.staff_id == bindparam("person")) for t in (staff_password, staff_passkey))

_ISSUE = staff_link.insert()
_END_LINKS = delete(staff_link).where(staff_link.c.staff_id == bindparam("person"))
_FIND_LINK = select(*_LINK.columns).where(
    staff_link.c.link_hash == bindparam("one"), staff_link.c.expires_at > bindparam("now")
)
_TAKE_LINK = delete(staff_link).where(staff_link.c.link_hash == bindparam("one")).returning(*_LINK.columns)

_BEGIN = sign_in_pending.insert()
_TAKE = (
    delete(sign_in_pending)
    .where(sign_in_pending.c.state_hash == bindparam("one"), sign_in_pending.c.kind == bindparam("wanted"))
    .returning(*_PENDING.columns)
)

_FAILED = select(sign_in_attempt.c.failures, sign_in_attempt.c.last_at).where(
    sign_in_attempt.c.login_hash == bindparam("one")
)
_CLEAR = delete(sign_in_attempt).where(sign_in_attempt.c.login_hash == bindparam("one"))


class Credentials:
    """How the accounts of one database sign in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_password(self, credential: PasswordAndCode) -> None:
        """Set, or replace, the password and the secret of the codes."""
        values = _PASSWORD.values(credential)
        self._database.write(lambda session: session.upsert(staff_password, values, "staff_id"))

    def password(self, staff_id: str) -> PasswordAndCode | None:
        """The account's password and codes, if it has any."""
        rows = self._database.read(lambda session: session.select(_OF_PERSON, person=staff_id))
        return _PASSWORD.record(rows[0]) if rows else None

    def use_step(self, staff_id: str, step: int) -> bool:
        """Note that the code of this time step was used; False when it, or a later one, already was."""
        values: dict[str, Value] = {"last_step": step}

        def job(session: Session) -> int:
            return session.execute(_USE_STEP, values, person=staff_id, step=step)

        return self._database.write(job) == 1

    def add_passkey(self, passkey: Passkey) -> None:
        """Keep a new passkey. Raises ``AlreadyExists`` when its id is known."""

        def job(session: Session) -> None:
            session.lock("passkey")
            if session.select(_PASSKEY_BY_ID, one=passkey.credential_id):
                raise AlreadyExists(passkey.credential_id)
            session.execute(_ADD_PASSKEY, _PASSKEY.values(passkey))

        self._database.write(job)

    def passkey(self, credential_id: str) -> Passkey | None:
        """Find by credential id."""
        rows = self._database.read(lambda session: session.select(_PASSKEY_BY_ID, one=credential_id))
        return _PASSKEY.record(rows[0]) if rows else None

    def passkeys(self, staff_id: str) -> tuple[Passkey, ...]:
        """The account's passkeys, oldest first."""
        rows = self._database.read(lambda session: session.select(_PASSKEYS, person=staff_id))
        return tuple(map(_PASSKEY.record, rows))

    def count_passkey(self, credential_id: str, sign_count: int) -> None:
        """Note the authenticator's counter after a use."""
        values: dict[str, Value] = {"sign_count": sign_count}
        self._database.write(lambda session: session.execute(_COUNT_PASSKEY, values, one=credential_id))

    def forget(self, staff_id: str) -> None:
        """Forget every way of signing in that we keep for this account."""

        def job(session: Session) -> None:
            for statement in _FORGET:
                session.execute(statement, person=staff_id)

        self._database.write(job)


class Links:
    """One-time enrolment links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, link: EnrolmentLink) -> None:
        """Keep a link; the earlier links of the same account end."""

        def job(session: Session) -> None:
            session.execute(_END_LINKS, person=link.staff_id)
            session.execute(_ISSUE, _LINK.values(link))

        self._database.write(job)

    def find(self, link_hash: str, now: datetime) -> EnrolmentLink | None:
        """A link still to be used."""
        rows = self._database.read(lambda session: session.select(_FIND_LINK, one=link_hash, now=to_micros(now)))
        return _LINK.record(rows[0]) if rows else None

    def take(self, link_hash: str, now: datetime) -> EnrolmentLink | None:
        """Take the link out, once."""
        rows = self._database.write(lambda session: session.select(_TAKE_LINK, one=link_hash))
        link = _LINK.record(rows[0]) if rows else None
        return link if link is not None and link.expires_at > now else None

    def revoke(self, staff_id: str) -> None:
        """End the links of an account."""
        self._database.write(lambda session: session.execute(_END_LINKS, person=staff_id))


class Pending:
    """Sign-ins on their way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, pending: PendingSignIn) -> None:
        """Keep one until its answer comes."""
        values = _PENDING.values(pending)
        self._database.write(lambda session: session.execute(_BEGIN, values))

    def take(self, state_hash: str, kind: str, now: datetime) -> PendingSignIn | None:
        """Take it out, once; None when unknown, of another kind, used or expired."""
        rows = self._database.write(lambda session: session.select(_TAKE, one=state_hash, wanted=kind))
        pending = _PENDING.record(rows[0]) if rows else None
        return pending if pending is not None and pending.expires_at > now else None


class FailedAttempts:
    """Attempts counted as failed, by login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, login_hash: str, now: datetime, wait: Callable[[int], timedelta]) -> bool:
        """Count an attempt as failed, until ``clear``; False, and nothing counted, while this login must wait."""

        def job(session: Session) -> bool:
            session.lock("sign-in-attempt")
            rows = session.select(_FAILED, one=login_hash)
            failures, last_at = rows[0] if rows else (0, 0)
            if rows and now < from_micros(last_at) + wait(failures):
                return False
            values: dict[str, Value] = {
                "login_hash": login_hash,
                "failures": failures + 1,
                "last_at": to_micros(now),
            }
            session.upsert(sign_in_attempt, values, "login_hash")
            return True

        return self._database.write(job)

    def clear(self, login_hash: str) -> None:
        """Forget the failures."""
        self._database.write(lambda session: session.execute(_CLEAR, one=login_hash))
