"""Writing a version of a resource: stamp it, store the body once, move the current row.

The index rows are the caller's (``storage.index``): several versions written in one transaction need only the last's.
"""

from dataclasses import dataclass

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.records import Origin, ResourceChange, ResourceWrite, StoredResource
from sesame_fhir.storage import codec
from sesame_fhir.storage.instants import fhir_instant, from_micros
from sesame_fhir.storage.session import Row, Session

CURRENT = """
SELECT r.resource_key, r.version, r.last_updated, r.pathway_key, b.content
FROM resource r LEFT JOIN body b ON b.body_key = r.body_key
WHERE r.resource_type = ? AND r.fhir_id = ?"""

_INSERT_BODY = "INSERT INTO body (content) VALUES (?) RETURNING body_key"
INSERT_RESOURCE = """
INSERT INTO resource (resource_type, fhir_id, site, origin, pathway_key, version, last_updated, body_key)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (resource_type, fhir_id) DO NOTHING RETURNING resource_key"""
UPDATE_RESOURCE = """
UPDATE resource SET site = ?, origin = ?, pathway_key = ?, version = ?, last_updated = ?, body_key = ?
WHERE resource_key = ?"""
INSERT_VERSION = "INSERT INTO resource_version (resource_key, version, last_updated, body_key) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Current:
    """The current version of a resource; ``body`` None is a tombstone."""

    resource_key: int
    version: int
    last_updated: int
    pathway_key: int | None
    body: bytes | None


def current(session: Session, resource_type: str, resource_id: str) -> Current | None:
    """Find a resource to write to, and keep other writers off it."""
    row = session.row(CURRENT + session.row_lock("r"), (resource_type, resource_id))
    if row is None:
        return None
    key, version, last_updated, pathway_key, content = row
    return Current(key, version, last_updated, pathway_key, plain(content, resource_type, resource_id, version))


def stamp(write: ResourceWrite, version: int, last_updated: int) -> bytes:
    """Return the JSON served to clients: the body with ``meta.versionId`` and ``meta.lastUpdated``."""
    head = {"resourceType": write.resource_type, "id": write.resource_id, "meta": None}
    meta = {"versionId": str(version), "lastUpdated": fhir_instant(last_updated)}
    return codec.dump({**head, **write.body, "meta": {**meta, **write.body.get("meta", {})}})


def insert(session: Session, write: ResourceWrite, last_updated: int, pathway_key: int | None) -> Current | None:
    """Publish version 1 of a new resource; None when the id is taken."""
    content = stamp(write, 1, last_updated)
    body_key = insert_body(session, write, 1, content)
    owner = (write.resource_type, write.resource_id, write.site, write.origin.value, pathway_key)
    row = session.row(INSERT_RESOURCE, (*owner, 1, last_updated, body_key))
    if row is None:
        session.run("DELETE FROM body WHERE body_key = ?", (body_key,))
        return None
    session.run(INSERT_VERSION, (row[0], 1, last_updated, body_key))
    return Current(row[0], 1, last_updated, pathway_key, content)


def replace(
    session: Session, now: Current, write: ResourceWrite, last_updated: int, pathway_key: int | None
) -> Current:
    """Publish the next version of a resource."""
    version = now.version + 1
    content = stamp(write, version, last_updated)
    body_key = insert_body(session, write, version, content)
    session.run(
        UPDATE_RESOURCE,
        (write.site, write.origin.value, pathway_key, version, last_updated, body_key, now.resource_key),
    )
    session.run(INSERT_VERSION, (now.resource_key, version, last_updated, body_key))
    return Current(now.resource_key, version, last_updated, pathway_key, content)


_BURY = "UPDATE resource SET version = ?, last_updated = ?, body_key = NULL WHERE resource_key = ?"
_OWNER = "SELECT origin, site FROM resource WHERE resource_key = ?"


def bury(session: Session, now: Current, change: ResourceChange, last_updated: int) -> StoredResource:
    """Publish a tombstone as the next version of a resource."""
    version = now.version + 1
    session.run(_BURY, (version, last_updated, now.resource_key))
    session.run(INSERT_VERSION, (now.resource_key, version, last_updated, None))
    ((origin, site),) = session.rows(_OWNER, (now.resource_key,))
    return stored(change.resource_type, change.resource_id, (version, last_updated, origin, site, None))


def unchanged(now: Current, write: ResourceWrite) -> bool:
    """True when ``write`` under the current stamp gives the very bytes that are published."""
    return now.body is not None and stamp(write, now.version, now.last_updated) == now.body


def insert_body(session: Session, write: ResourceWrite, version: int, content: bytes) -> int:
    """Store a body and return its key."""
    ((body_key,),) = session.rows(_INSERT_BODY, (sealed(content, write, version),))
    key: int = body_key
    return key


def sealed(content: bytes, write: ResourceWrite, version: int) -> bytes:
    """Return a body as it rests."""
    return codec.to_storage(content, f"{write.resource_type}/{write.resource_id}", version)


def plain(content: bytes | None, resource_type: str, resource_id: str, version: int) -> bytes | None:
    """Return a resting body as it is served."""
    return None if content is None else codec.from_storage(content, f"{resource_type}/{resource_id}", version)


def stored(resource_type: str, resource_id: str, row: Row) -> StoredResource:
    """Build the record from (version, last_updated, origin, site, content)."""
    version, last_updated, origin, site, content = row
    return StoredResource(
        resource_type,
        resource_id,
        version,
        from_micros(last_updated),
        plain(content, resource_type, resource_id, version),
        Origin(origin),
        SiteId(site),
    )


def written(write: ResourceWrite, now: Current) -> StoredResource:
    """Build the record of what has just been written."""
    return StoredResource(
        write.resource_type,
        write.resource_id,
        now.version,
        from_micros(now.last_updated),
        now.body,
        write.origin,
        write.site,
    )
