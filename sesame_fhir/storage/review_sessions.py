"""``ReviewSessionLog``: who met, how long, about whom; appended, never changed."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.caseload import ReviewSession
from sesame_fhir.storage.caseload_schema import review_session
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Row, Session

_MAP = RowMapper(ReviewSession, review_session)
_RECORD = (
    f"INSERT INTO review_session ({_MAP.names}) VALUES ({', '.join('?' * len(_MAP.fields))}) "
    "ON CONFLICT (session_id) DO NOTHING"
)
_AT_SITE = f"SELECT {_MAP.names} FROM review_session WHERE site = ?{{}} ORDER BY held_at DESC, session_id DESC LIMIT ?"
_OLDER = " AND (held_at, session_id) < (SELECT held_at, session_id FROM review_session WHERE session_id = ?)"
_HELD_AT, _SESSION_ID = _MAP.fields.index("held_at"), _MAP.fields.index("session_id")


class ReviewSessions:
    """The review sessions of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, session: ReviewSession) -> None:
        """Append a session; the same id twice is one session."""
        values = tuple(_MAP.values(session).values())
        self._database.write(lambda writing: writing.run(_RECORD, values))

    def at_sites(self, sites: Sequence[SiteId], limit: int, before: str | None = None) -> tuple[ReviewSession, ...]:
        """The latest sessions of these sites, newest first; with ``before`` those older than that session."""
        sql, after = _AT_SITE.format("" if before is None else _OLDER), () if before is None else (before,)

        def job(reading: Session) -> list[Row]:
            return [row for site in sorted(set(sites)) for row in reading.rows(sql, (site, *after, limit))]

        rows = sorted(self._database.read(job), key=lambda row: (row[_HELD_AT], row[_SESSION_ID]), reverse=True)
        return tuple(_MAP.record(row) for row in rows[:limit])
