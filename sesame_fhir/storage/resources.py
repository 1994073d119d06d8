"""``ResourceStore``: versioned FHIR resources as JSON bytes; a read is one indexed SELECT."""

from datetime import datetime

from sesame_fhir.services.errors import AlreadyExists, VersionConflict
from sesame_fhir.services.ports import Vault
from sesame_fhir.services.records import ResourceWrite, SearchPage, StoredResource
from sesame_fhir.services.search import SearchQuery
from sesame_fhir.storage import publish
from sesame_fhir.storage.index import delete_index, index_rows, write_index
from sesame_fhir.storage.instants import to_millis
from sesame_fhir.storage.search import matches, search
from sesame_fhir.storage.session import Database, Session

_READ = """
SELECT r.version, r.last_updated, r.origin, b.content FROM resource r LEFT JOIN body b ON b.body_key = r.body_key
WHERE r.resource_type = ? AND r.fhir_id = ?"""
_VERSIONS = """
SELECT v.version, v.last_updated, r.origin, b.content FROM resource r
JOIN resource_version v ON v.resource_key = r.resource_key LEFT JOIN body b ON b.body_key = v.body_key
WHERE r.resource_type = ? AND r.fhir_id = ?"""

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

    def search(self, query: SearchQuery) -> SearchPage:
        """Find current, not deleted resources. Raises ``InvalidCursor`` for a cursor that is not this query's."""
        return self._database.read(lambda session: search(session, query, self._vault))

    def create(self, write: ResourceWrite, now: datetime, unless: SearchQuery | None = None) -> StoredResource | None:
        """Create at version 1; None when ``unless`` found something. Raises ``AlreadyExists`` when the id is taken."""

        def job(session: Session) -> StoredResource | None:
            if unless is not None:
                session.lock(f"conditional create {write.resource_type}")
                if matches(session, unless):
                    return None
            created = publish.insert(session, write, to_millis(now), None)
            if created is None:
                raise AlreadyExists(f"{write.resource_type}/{write.resource_id}")
            return _indexed(session, write, created)

        return self._database.write(job)

    def update(self, write: ResourceWrite, now: datetime, if_match: int | None = None) -> StoredResource:
        """Write the next version (creates when new). Raises ``VersionConflict`` when ``if_match`` is not current."""

        def job(session: Session) -> StoredResource:
            found = publish.current(session, write.resource_type, write.resource_id)
            version = 0 if found is None else found.version
            if if_match is not None and if_match != version:
                raise VersionConflict(version)
            if found is not None:
                delete_index(session, [found.resource_key])
                replaced = publish.replace(session, found, write, to_millis(now), found.pathway_key)
                return _indexed(session, write, replaced)
            created = publish.insert(session, write, to_millis(now), None)
            if created is None:
                raise VersionConflict(1)
            return _indexed(session, write, created)

        return self._database.write(job)


def _indexed(session: Session, write: ResourceWrite, now: publish.Current) -> StoredResource:
    write_index(session, index_rows(now.resource_key, write.resource_type, write.index))
    return publish.written(write, now)
