"""``AuditLog``: append-only (triggers refuse anything else) and hash-chained, so that a change by hand shows.

Each entry's hash is SHA-256 over the previous hash and the entry's canonical JSON, its number included.
"""

import hashlib
import threading
from collections import deque
from concurrent.futures import Future
from functools import partial

import msgspec
from sqlalchemy import bindparam, select

from sesame_fhir.services.errors import AuditBroken
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.storage.access_schema import audit
from sesame_fhir.storage.event_codec import as_dict
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Row, Session

_MAP = RowMapper(AuditEntry, audit)
_INSERT = audit.insert()
_LAST = "SELECT entry_id, hash FROM audit ORDER BY entry_id DESC LIMIT 1"
_NEWEST = select(*_MAP.columns).order_by(audit.c.entry_id.desc()).limit(bindparam("at_most"))
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
        self._unwritten: deque[AuditEntry] = deque()

    @property
    def unwritten(self) -> int:
        """Entries that the database refused; each ``record`` tries them again, in order."""
        return len(self._unwritten)

    def record(self, entry: AuditEntry) -> None:
        """Append an entry; returns at once, the entry is written with the next group commit."""
        with self._lock:
            again = list(self._unwritten)
            self._unwritten.clear()
        for waiting in (*again, entry):
            self._queue(waiting)

    def verify(self) -> int:
        """Walk the chain; returns the number of entries. Raises ``AuditBroken`` naming the first bad entry."""
        self._database.flush()
        number, previous = 0, _START
        while rows := self._database.read(partial(_walk, number)):
            for row in rows:
                number += 1
                previous = _chained(previous, number, _MAP.record(row))
                if (row[-2], row[-1]) != (number, previous):
                    raise AuditBroken(number)
        return number

    def entries(self, limit: int) -> tuple[AuditEntry, ...]:
        """The newest entries, newest first."""
        self._database.flush()
        rows = self._database.read(lambda session: session.select(_NEWEST, at_most=limit))
        return tuple(_MAP.record(row) for row in rows)

    def _queue(self, entry: AuditEntry) -> None:
        def ended(future: Future[None]) -> None:
            if future.exception() is not None:
                with self._lock:
                    self._unwritten.append(entry)

        self._database.submit(lambda session: _append(session, entry)).add_done_callback(ended)


def _walk(after: int, session: Session) -> list[Row]:
    return session.select(_WALK, after=after)


def _append(session: Session, entry: AuditEntry) -> None:
    session.lock("audit")
    last, previous = session.row(_LAST) or (0, _START)
    number = last + 1
    session.execute(
        _INSERT, {**_MAP.values(entry), "entry_id": number, "hash": _chained(bytes(previous), number, entry)}
    )


def _chained(previous: bytes, number: int, entry: AuditEntry) -> bytes:
    canonical = _canonical.encode((number, to_micros(entry.at), {**_MAP.values(entry), "extra": entry.extra}))
    return hashlib.sha256(previous + canonical).digest()
