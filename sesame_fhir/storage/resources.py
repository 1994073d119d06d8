"""``ResourceStore``: versioned FHIR resources as JSON bytes; a read is one indexed SELECT."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sesame_fhir.services.errors import AlreadyExists, ConditionMet, Conflict, VersionConflict
from sesame_fhir.services.ports import Vault
from sesame_fhir.services.reach import Limit
from sesame_fhir.services.records import Commit, Included, ResourceChange, ResourceWrite, SearchPage, StoredResource
from sesame_fhir.services.search import Include, IndexEntry, SearchQuery
from sesame_fhir.services.versions import VersionPage, VersionQuery
from sesame_fhir.storage import publish
from sesame_fhir.storage.commits import AppliedMeanwhile, write_commits
from sesame_fhir.storage.includes import included
from sesame_fhir.storage.index import delete_index, index_rows, write_index
from sesame_fhir.storage.instants import to_millis
from sesame_fhir.storage.reindexing import reindex
from sesame_fhir.storage.search import matches, search
from sesame_fhir.storage.session import Database, Session
from sesame_fhir.storage.versions import versions

_READ = """
SELECT r.version, r.last_updated, r.origin, r.site, b.content
FROM resource r LEFT JOIN body b ON b.body_key = r.body_key
WHERE r.resource_type = ? AND r.fhir_id = ?"""
_VERSIONS = """
SELECT v.version, v.last_updated, r.origin, r.site, b.content FROM resource r
JOIN resource_version v ON v.resource_key = r.resource_key LEFT JOIN body b ON b.body_key = v.body_key
WHERE r.resource_type = ? AND r.fhir_id = ?"""
_HOLD = "SELECT r.resource_key FROM resource r WHERE r.resource_type = ? AND r.fhir_id = ?"

# PostgreSQL's texts cannot hold it: asking would be an error instead of "there is none".
_NUL = "\0"


class Resources:
    """The published resources of one database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def read(self, resource_type: str, resource_id: str) -> StoredResource | None:
        """The current version (a tombstone when deleted), or None when it never existed."""
        if _NUL in resource_id:
            return None
        row = self._database.read(lambda session: session.row(_READ, (resource_type, resource_id)))
        return None if row is None else publish.stored(resource_type, resource_id, row)

    def vread(self, resource_type: str, resource_id: str, version: int) -> StoredResource | None:
        """One version."""
        if _NUL in resource_id:
            return None
        sql = _VERSIONS + " AND v.version = ?"
        row = self._database.read(lambda session: session.row(sql, (resource_type, resource_id, version)))
        return None if row is None else publish.stored(resource_type, resource_id, row)

    def history(self, resource_type: str, resource_id: str) -> tuple[StoredResource, ...]:
        """All versions, newest first."""
        if _NUL in resource_id:
            return ()
        sql = _VERSIONS + " ORDER BY v.version DESC"
        rows = self._database.read(lambda session: session.rows(sql, (resource_type, resource_id)))
        return tuple(publish.stored(resource_type, resource_id, row) for row in rows)

    def versions(self, query: VersionQuery) -> VersionPage:
        """One page of a history. Raises ``InvalidCursor`` for a cursor that is not this query's."""
        if _NUL in (query.resource_id or ""):
            return VersionPage((), None)
        return self._database.read(lambda session: versions(session, query, self._vault))

    def search(self, query: SearchQuery) -> SearchPage:
        """Find current, not deleted resources. Raises ``InvalidCursor`` for a cursor that is not this query's."""
        return self._database.read(lambda session: search(session, query, self._vault))

    def included(
        self,
        page: Sequence[StoredResource],
        includes: Sequence[Include],
        limit: int,
        sites: Limit | None = None,
    ) -> Included:
        """What comes along with a page."""
        return self._database.read(lambda session: included(session, page, includes, sites, limit))

    def reindex(self, index: Callable[[bytes], tuple[IndexEntry, ...]], after: int) -> int | None:
        """Index the next resources that no pathway has written anew."""
        return self._database.write(lambda session: reindex(session, index, after))

    def create(self, write: ResourceWrite, now: datetime, unless: SearchQuery | None = None) -> StoredResource | None:
        """Create at version 1; None when ``unless`` found something. Raises ``AlreadyExists`` when the id is taken."""
        change = ResourceChange(write.resource_type, write.resource_id, write, expected=0, unless=unless)
        try:
            return self.apply((), (change,), now)[0]
        except ConditionMet:
            return None

    def update(self, write: ResourceWrite, now: datetime, if_match: int | None = None) -> StoredResource:
        """Write the next version (creates when new). Raises ``VersionConflict`` when ``if_match`` is not current."""

        def job(session: Session) -> StoredResource:
            return _update(
                session, write, now, publish.current(session, write.resource_type, write.resource_id), if_match
            )

        return self._database.write(job)

    def apply(
        self, commits: Sequence[Commit], changes: Sequence[ResourceChange], now: datetime
    ) -> tuple[StoredResource | None, ...]:
        """Write changes, then commits, in one transaction, or nothing.

        Raises ``Conflict``, ``VersionConflict``, ``AlreadyExists``, ``ConditionMet``. A command that another request
        has just applied is a ``Conflict`` too: the unit was decided on an older state.
        """
        if not commits and not changes:
            return ()

        def job(session: Session) -> tuple[StoredResource | None, ...]:
            _hold(session, changes)
            left = tuple(_change(session, change, now) for change in changes)
            # Last: what the commands publish (a patient's own Patient) is no reason against this unit's creations.
            if commits and write_commits(session, commits) != len(commits):
                raise Conflict(commits[0].pathway_id)
            return left

        try:
            return self._database.write(job)
        except AppliedMeanwhile:
            raise Conflict(commits[0].pathway_id) from None


def _hold(session: Session, changes: Sequence[ResourceChange]) -> None:
    """Keep other writers off everything that will be written, in one order: units that meet then wait in turn."""
    for name in sorted({change.resource_type for change in changes if change.unless is not None}):
        session.lock(f"conditional create {name}")
    suffix = session.row_lock("r")
    if suffix and len(changes) > 1:
        for named in sorted({(one.resource_type, one.resource_id) for one in changes if one.expected != 0}):
            session.rows(_HOLD + suffix, named)


def _change(session: Session, change: ResourceChange, now: datetime) -> StoredResource | None:
    if change.unless is not None and matches(session, change.unless):
        raise ConditionMet
    if change.write is not None and change.expected == 0:
        return _create(session, change.write, now)
    found = publish.current(session, change.resource_type, change.resource_id)
    if change.write is not None:
        return _update(session, change.write, now, found, change.expected)
    return _delete(session, change, now, found)


def _create(session: Session, write: ResourceWrite, now: datetime) -> StoredResource:
    created = publish.insert(session, write, to_millis(now), None)
    if created is None:
        raise AlreadyExists(f"{write.resource_type}/{write.resource_id}")
    return _indexed(session, write, created)


def _update(
    session: Session, write: ResourceWrite, now: datetime, found: publish.Current | None, expected: int | None
) -> StoredResource:
    _check(found, expected)
    if found is not None:
        delete_index(session, [found.resource_key])
        return _indexed(session, write, publish.replace(session, found, write, to_millis(now), found.pathway_key))
    created = publish.insert(session, write, to_millis(now), None)
    if created is None:
        raise VersionConflict(1)
    return _indexed(session, write, created)


def _delete(
    session: Session, change: ResourceChange, now: datetime, found: publish.Current | None
) -> StoredResource | None:
    """Leave a tombstone; what is not there, or gone already, stays as it is (R4: deleting is idempotent)."""
    _check(found, change.expected)
    if found is None or found.body is None:
        return None
    delete_index(session, [found.resource_key])
    return publish.bury(session, found, change, to_millis(now))


def _check(found: publish.Current | None, expected: int | None) -> None:
    version = 0 if found is None else found.version
    if expected is not None and expected != version:
        raise VersionConflict(version)


def _indexed(session: Session, write: ResourceWrite, now: publish.Current) -> StoredResource:
    write_index(session, index_rows(now.resource_key, write.resource_type, write.index))
    return publish.written(write, now)
