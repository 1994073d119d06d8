"""Writing a version of a resource: stamp it, store the body once, move the current row, replace the index rows."""

from dataclasses import dataclass

from sesame_fhir.services.records import Origin, ResourceWrite, StoredResource
from sesame_fhir.storage import codec
from sesame_fhir.storage.index import delete_index, write_index
from sesame_fhir.storage.instants import fhir_instant, from_micros
from sesame_fhir.storage.session import Row, Session

CURRENT = """
SELECT r.resource_key, r.version, r.last_updated, r.pathway_key, b.content
FROM resource r LEFT JOIN body b ON b.body_key = r.body_key
WHERE r.resource_type = ? AND r.fhir_id = ?"""

_INSERT_BODY = "INSERT INTO body (content) VALUES (?) RETURNING body_key"
_INSERT_RESOURCE = """
INSERT INTO resource (resource_type, fhir_id, site, origin, pathway_key, version, last_updated, body_key)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (resource_type, fhir_id) DO NOTHING RETURNING resource_key"""
_UPDATE_RESOURCE = """
UPDATE resource SET site = ?, origin = ?, pathway_key = ?, version = ?, last_updated = ?, body_key = ?
WHERE resource_key = ?"""
_INSERT_VERSION = "INSERT INTO resource_version (resource_key, version, last_updated, body_key) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Current:
    """The current row of a resource; ``body`` None is a tombstone. ``version`` 0: nothing published yet."""

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
    return Current(key, version, last_updated, pathway_key, _plain(content, resource_type, resource_id, version))


def stamp(write: ResourceWrite, version: int, last_updated: int) -> bytes:
    """Return the JSON served to clients: the body with ``meta.versionId`` and ``meta.lastUpdated``."""
    head = {"resourceType": write.resource_type, "id": write.resource_id, "meta": None}
    meta = {"versionId": str(version), "lastUpdated": fhir_instant(last_updated)}
    return codec.dump({**head, **write.body, "meta": {**meta, **write.body.get("meta", {})}})


def insert(session: Session, write: ResourceWrite, last_updated: int, pathway_key: int | None) -> StoredResource | None:
    """Publish version 1 of a new resource; None when the id is taken."""
    content = stamp(write, 1, last_updated)
    body_key = _insert_body(session, write, 1, content)
    row = session.row(
        _INSERT_RESOURCE,
        (
            write.resource_type,
            write.resource_id,
            write.site,
            write.origin.value,
            pathway_key,
            1,
            last_updated,
            body_key,
        ),
    )
    if row is None:
        session.run("DELETE FROM body WHERE body_key = ?", (body_key,))
        return None
    session.run(_INSERT_VERSION, (row[0], 1, last_updated, body_key))
    write_index(session, row[0], write.resource_type, write.index)
    return _stored(write, 1, last_updated, content)


def replace(
    session: Session, now: Current, write: ResourceWrite, last_updated: int, pathway_key: int | None
) -> StoredResource:
    """Publish the next version of a resource."""
    version = now.version + 1
    content = stamp(write, version, last_updated)
    body_key = _insert_body(session, write, version, content)
    session.run(
        _UPDATE_RESOURCE,
        (write.site, write.origin.value, pathway_key, version, last_updated, body_key, now.resource_key),
    )
    session.run(_INSERT_VERSION, (now.resource_key, version, last_updated, body_key))
    delete_index(session, now.resource_key)
    write_index(session, now.resource_key, write.resource_type, write.index)
    return _stored(write, version, last_updated, content)


def unchanged(now: Current, write: ResourceWrite) -> bool:
    """True when ``write`` under the current stamp gives the very bytes that are published."""
    return now.body is not None and stamp(write, now.version, now.last_updated) == now.body


def stored(resource_type: str, resource_id: str, row: Row) -> StoredResource:
    """Build the record from (version, last_updated, origin, content)."""
    version, last_updated, origin, content = row
    return StoredResource(
        resource_type,
        resource_id,
        version,
        from_micros(last_updated),
        _plain(content, resource_type, resource_id, version),
        Origin(origin),
    )


def _plain(content: bytes | None, resource_type: str, resource_id: str, version: int) -> bytes | None:
    return None if content is None else codec.from_storage(content, f"{resource_type}/{resource_id}", version)


def _insert_body(session: Session, write: ResourceWrite, version: int, content: bytes) -> int:
    sealed = codec.to_storage(content, f"{write.resource_type}/{write.resource_id}", version)
    ((body_key,),) = session.rows(_INSERT_BODY, (sealed,))
    key: int = body_key
    return key


def _stored(write: ResourceWrite, version: int, last_updated: int, content: bytes) -> StoredResource:
    return StoredResource(
        write.resource_type, write.resource_id, version, from_micros(last_updated), content, write.origin
    )
