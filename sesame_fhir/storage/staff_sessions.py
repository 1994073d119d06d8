"""What is open to people who signed in: ``StaffSessions``, ``BreakGlassGrants`` and ``CalendarFeeds``."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from sesame_fhir.services.staff import BreakGlass, StaffSession
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Value
from sesame_fhir.storage.staff_schema import break_glass, calendar_feed, staff_session

ENDED_LIFE = timedelta(days=7)
"""How long an ended session is known: what is posted to it from a forgotten tab is kept as a draft."""

_SESSION = RowMapper(StaffSession, staff_session)
_GRANT = RowMapper(BreakGlass, break_glass)

_OPEN = staff_session.insert()
_ONE = staff_session.c.session_hash == bindparam("one")
_LIVE = staff_session.c.expires_at > bindparam("now")
_GET = select(*_SESSION.columns).where(_ONE, _LIVE)
_ENDED = select(*_SESSION.columns).where(
    _ONE, staff_session.c.expires_at <= bindparam("now"), staff_session.c.expires_at > bindparam("oldest")
)
_TOUCH = update(staff_session).where(_ONE, _LIVE)
_CLOSE_ALL = update(staff_session).where(staff_session.c.staff_id == bindparam("person"), _LIVE)
_GRANT_ONE = break_glass.insert()
_GRANTS = (
    select(*_GRANT.columns)
    .where(break_glass.c.staff_id == bindparam("person"), break_glass.c.until > bindparam("now"))
    .order_by(break_glass.c.until)
)
_FEED_OWNER = select(calendar_feed.c.staff_id).where(calendar_feed.c.token_hash == bindparam("one"))
_FEED_SINCE = select(calendar_feed.c.issued_at).where(calendar_feed.c.staff_id == bindparam("person"))
_FEED_END = delete(calendar_feed).where(calendar_feed.c.staff_id == bindparam("person"))


class Sessions:
    """The signed-in browsers of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, session: StaffSession) -> None:
        """Store a session."""
        values = _SESSION.values(session)
        self._database.write(lambda writer: writer.execute(_OPEN, values))

    def get(self, session_hash: str, now: datetime) -> StaffSession | None:
        """A session still open; None when unknown, closed or expired."""
        rows = self._database.read(lambda reader: reader.select(_GET, one=session_hash, now=to_micros(now)))
        return _SESSION.record(rows[0]) if rows else None

    def ended(self, session_hash: str, now: datetime) -> StaffSession | None:
        """A session that ended less than ``ENDED_LIFE`` ago."""
        span: dict[str, Value] = {"now": to_micros(now), "oldest": to_micros(now - ENDED_LIFE)}
        rows = self._database.read(lambda reader: reader.select(_ENDED, one=session_hash, **span))
        return _SESSION.record(rows[0]) if rows else None

    def touch(self, session_hash: str, now: datetime, expires_at: datetime) -> None:
        """Note activity and move the idle expiry."""
        values: dict[str, Value] = {"last_seen_at": to_micros(now), "expires_at": to_micros(expires_at)}
        self._database.write(lambda writer: writer.execute(_TOUCH, values, one=session_hash, now=to_micros(now)))

    def close(self, session_hash: str, now: datetime) -> None:
        """Sign out."""
        values: dict[str, Value] = {"expires_at": to_micros(now)}
        self._database.write(lambda writer: writer.execute(_TOUCH, values, one=session_hash, now=to_micros(now)))

    def close_all(self, staff_id: str, now: datetime) -> None:
        """Sign a person out everywhere."""
        values: dict[str, Value] = {"expires_at": to_micros(now)}
        self._database.write(lambda writer: writer.execute(_CLOSE_ALL, values, person=staff_id, now=to_micros(now)))


class Grants:
    """Accesses outside one's sites."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def grant(self, grant: BreakGlass) -> None:
        """Open one pathway to one person until then; kept with its reason when it is over."""
        values = _GRANT.values(grant)
        self._database.write(lambda writer: writer.execute(_GRANT_ONE, values))

    def live(self, staff_id: str, now: datetime) -> tuple[BreakGlass, ...]:
        """What is open to this person now."""
        rows = self._database.read(lambda reader: reader.select(_GRANTS, person=staff_id, now=to_micros(now)))
        return tuple(map(_GRANT.record, rows))


class Feeds:
    """The secret addresses of calendars."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, staff_id: str, token_hash: str, now: datetime) -> None:
        """Open a feed; the person's earlier address ends."""
        values: dict[str, Value] = {"staff_id": staff_id, "token_hash": token_hash, "issued_at": to_micros(now)}
        self._database.write(lambda writer: writer.upsert(calendar_feed, values, "staff_id"))

    def owner(self, token_hash: str) -> str | None:
        """The ``staff_id`` whose feed this is."""
        rows = self._database.read(lambda reader: reader.select(_FEED_OWNER, one=token_hash))
        return str(rows[0][0]) if rows else None

    def issued_at(self, staff_id: str) -> datetime | None:
        """When the person's feed was opened; None without one."""
        rows = self._database.read(lambda reader: reader.select(_FEED_SINCE, person=staff_id))
        return from_micros(rows[0][0]) if rows else None

    def revoke(self, staff_id: str) -> None:
        """Close the person's feed."""
        self._database.write(lambda writer: writer.execute(_FEED_END, person=staff_id))
