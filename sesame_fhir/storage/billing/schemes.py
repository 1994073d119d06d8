"""``SchemeStore``: versions of schemes as they were configured; nothing is ever taken away."""

from datetime import datetime

from sqlalchemy import and_, exists, or_, select

from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.records import BatchStatus, StoredScheme
from sesame_fhir.storage.billing.bodies import SCHEME
from sesame_fhir.storage.billing_schema import billing_batch, billing_batch_line, billing_scheme, claim
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.session import Database, Row, Session, Value

LOCK = "billing schemes"
"""Held while a version is written anew, and while a batch is frozen with one."""

_s, _b, _l = billing_scheme.c, billing_batch.c, billing_batch_line.c
_CLAIMED = exists().where(claim.c.scheme_id == _s.scheme_id, claim.c.scheme_version == _s.version)
_FROZEN = exists().where(
    and_(
        _b.scheme_id == _s.scheme_id,
        _b.status != BatchStatus.DRAFT.value,
        _l.batch_key == _b.batch_key,
        _l.scheme_version == _s.version,
        _l.held.is_(None),
    )
)
_ALL = select(
    *(_s.scheme_id, _s.version, _s.revision, _s.body, _s.source, _s.digest, _s.added_at, _s.added_by),
    or_(_CLAIMED, _FROZEN),
).order_by(_s.scheme_key)
_ADD = billing_scheme.insert()

_Version = tuple[str, str]
"""Scheme and version."""


class Schemes:
    """The schemes of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def schemes(self) -> tuple[StoredScheme, ...]:
        """The revisions that stand, in the order in which their versions were first given."""
        return tuple(self._database.read(_standing).values())

    def history(self) -> tuple[StoredScheme, ...]:
        """Every revision ever given, oldest first."""
        return self._database.read(_history)

    def add(self, scheme: StoredScheme) -> bool:
        """Keep a version, or a new revision of one that is not used; the revision is counted here.

        False: it is there already, with the same digest. Raises ``Refused`` (``SCHEME_IN_USE``) when it is used.
        """
        return self._database.write(lambda session: _add(session, scheme))


def _add(session: Session, scheme: StoredScheme) -> bool:
    session.lock(LOCK)
    version = scheme.scheme.scheme_id, scheme.scheme.version
    known = _standing(session).get(version)
    if known is not None and known.digest == scheme.digest:
        return False
    if known is not None and known.used:
        raise Refused(Reason(ReasonCode.SCHEME_IN_USE, " ".join(version)))
    revision = 1 if known is None else known.revision + 1
    values: dict[str, Value] = {
        "scheme_id": version[0],
        "version": version[1],
        "revision": revision,
        "digest": scheme.digest,
        "source": scheme.source,
        "body": SCHEME.stored(SCHEME.plain(scheme.scheme), " ".join(version), revision),
        "added_at": to_micros(scheme.added_at),
        "added_by": scheme.added_by,
    }
    session.execute(_ADD, values)
    return True


def _standing(session: Session) -> dict[_Version, StoredScheme]:
    """The last revision of each version, in the order of the first ones."""
    return {(one.scheme.scheme_id, one.scheme.version): one for one in _history(session)}


def _history(session: Session) -> tuple[StoredScheme, ...]:
    rows = session.select(_ALL)
    last = {(row[0], row[1]): row[2] for row in rows}
    return tuple(_stored(row, stands=last[row[0], row[1]] == row[2]) for row in rows)


def _stored(row: Row, *, stands: bool) -> StoredScheme:
    scheme_id, version, revision, body, source, digest, added_at, added_by, used = row
    scheme = SCHEME.read(body, f"{scheme_id} {version}", revision)
    added: datetime = from_micros(added_at)
    # What is claimed was claimed with the revision that stands: once used, a version has no other.
    return StoredScheme(scheme, source, digest, revision, added, added_by, used=bool(used) and stands)
