"""``AuditTrail``: append-only (triggers refuse anything else) and hash-chained, so that a change by hand shows.

Each entry's hash is SHA-256 over the previous hash and the entry's canonical JSON, its number included.
"""

import hashlib
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from functools import partial

import msgspec
from sqlalchemy import bindparam, select

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.audit_trail import AuditPage, AuditQuery
from sesame_fhir.services.errors import AuditBroken
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.storage import audit_search
from sesame_fhir.storage.access_schema import audit
from sesame_fhir.storage.event_codec import as_dict
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Row, Session, Value

_MAP = RowMapper(AuditEntry, audit)
_INSERT = f"""
INSERT INTO audit ({_MAP.names}, entry_id, hash)
VALUES ({", ".join("?" * (len(_MAP.columns) + 2))})"""  # noqa: S608  fixed names
_LAST = "SELECT entry_id, hash FROM audit ORDER BY entry_id DESC LIMIT 1"
_NEWEST = select(*_MAP.columns).order_by(audit.c.entry_id.desc()).limit(bindparam("at_most"))
_AT = select(*_MAP.columns).where(audit.c.entry_id == bindparam("position"))
_WALK = (
    select(*_MAP.columns, audit.c.entry_id, audit.c.hash)
    .where(audit.c.entry_id > bindparam("after"))
    .order_by(audit.c.entry_id)
    .limit(1000)
)
_START = b"\x00" * 32
_canonical = msgspec.json.Encoder(enc_hook=as_dict, order="sorted")


class Audit:
    """The audit log of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._waiting: list[AuditEntry] = []
        self._unwritten: list[AuditEntry] = []
        self._queued = False

    @property
    def unwritten(self) -> int:
        """Entries that the database refused; each ``record`` tries them again, in order."""
        return len(self._unwritten)

    def record(self, entry: AuditEntry) -> None:
        """Append an entry; returns at once, the entry is written with the next group commit."""
        batch: list[AuditEntry] = []
        with self._lock:
            if self._queued:
                self._waiting.append(entry)
                return
            # Queued under the lock: whoever flushes after recording an entry finds its job in the queue.
            job = self._database.submit(partial(self._write, batch), may_wait=True)
            self._waiting.append(entry)
            self._queued = True
        job.add_done_callback(partial(self._ended, batch))

    def verify(self) -> int:
        """Walk the chain; returns the number of entries. Raises ``AuditBroken`` naming the first bad entry."""
        self._database.flush()
        number, previous = 0, _START
        while rows := self._database.read(partial(_walk, number)):
            for row in rows:
                number += 1
                entry = _MAP.record(row)
                previous = _chained(previous, number, entry, _MAP.values(entry))
                if (row[-2], row[-1]) != (number, previous):
                    raise AuditBroken(number)
        return number

    def entries(self, limit: int) -> tuple[AuditEntry, ...]:
        """The newest entries, newest first."""
        self._database.flush()
        rows = self._database.read(lambda session: session.select(_NEWEST, at_most=limit))
        return tuple(_MAP.record(row) for row in rows)

    def entry(self, position: int, sites: Collection[SiteId] | None = None) -> AuditEntry | None:
        """The entry at a position; None when there is none, or it is of another site."""
        rows = self._database.read(lambda session: session.select(_AT, position=position))
        found = _MAP.record(rows[0]) if rows else None
        return found if found is not None and (sites is None or found.site in sites) else None

    def find(self, query: AuditQuery) -> AuditPage:
        """One page, by time and position. Raises ``InvalidCursor`` when no entry is at ``query.after``."""
        self._database.flush()
        return self._database.read(partial(_found, query))

    def _write(self, batch: list[AuditEntry], session: Session) -> None:
        """Write everything that waits, in one job: accesses come faster than commits.

        The job runs again, with the same batch, when the commit that it was part of fails.
        """
        if not batch:
            batch.extend(self._take())
        _append(session, batch)

    def _ended(self, batch: list[AuditEntry], job: "Future[None]") -> None:
        if job.exception() is not None:
            failed = batch or self._take()  # nothing taken: the transaction could not even begin
            with self._lock:
                self._unwritten = failed + self._unwritten

    def _take(self) -> list[AuditEntry]:
        with self._lock:
            taken = self._unwritten + self._waiting
            self._unwritten, self._waiting, self._queued = [], [], False
        return taken


def _found(query: AuditQuery, session: Session) -> AuditPage:
    return audit_search.find(session, query)


def _walk(after: int, session: Session) -> list[Row]:
    return session.select(_WALK, after=after)


def _append(session: Session, entries: Sequence[AuditEntry]) -> None:
    session.lock("audit")
    last, stored = session.row(_LAST) or (0, _START)
    previous, rows = bytes(stored), []
    for number, entry in enumerate(entries, start=last + 1):
        values = _MAP.values(entry)
        previous = _chained(previous, number, entry, values)
        rows.append((*values.values(), number, previous))
    session.run_many(_INSERT, rows)


def _chained(previous: bytes, number: int, entry: AuditEntry, values: Mapping[str, Value]) -> bytes:
    canonical = _canonical.encode((number, to_micros(entry.at), {**values, "extra": entry.extra}))
    return hashlib.sha256(previous + canonical).digest()
