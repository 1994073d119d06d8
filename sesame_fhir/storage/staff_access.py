"""``StaffAccess``: every port of signing in on one database, and the purge of what has ended."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete

from sesame_fhir.services.sign_in_ports import StaffAccess
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.session import Database, Session
from sesame_fhir.storage.sign_in import Credentials, FailedAttempts, Links, Pending
from sesame_fhir.storage.staff_schema import sign_in_attempt, sign_in_pending, staff_link, staff_session
from sesame_fhir.storage.staff_sessions import ENDED_LIFE, Feeds, Grants, Sessions

ATTEMPT_LIFE = timedelta(days=1)
"""Failures are forgotten after a day without another."""

_PURGES = (
    (delete(staff_link).where(staff_link.c.expires_at <= bindparam("limit_at")), timedelta(0)),
    (delete(sign_in_pending).where(sign_in_pending.c.expires_at <= bindparam("limit_at")), timedelta(0)),
    (delete(staff_session).where(staff_session.c.expires_at <= bindparam("limit_at")), ENDED_LIFE),
    (delete(sign_in_attempt).where(sign_in_attempt.c.last_at <= bindparam("limit_at")), ATTEMPT_LIFE),
)


def staff_access(database: Database) -> StaffAccess:
    """The ports of one database."""

    def purge(now: datetime) -> int:
        def job(session: Session) -> int:
            return sum(session.execute(statement, limit_at=to_micros(now - life)) for statement, life in _PURGES)

        return database.write(job)

    return StaffAccess(
        sessions=Sessions(database),
        grants=Grants(database),
        feeds=Feeds(database),
        credentials=Credentials(database),
        links=Links(database),
        pending=Pending(database),
        attempts=FailedAttempts(database),
        purge=purge,
    )
