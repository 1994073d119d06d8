"""The published resources of one pathway, made again in memory and compared with what is stored."""

from collections import defaultdict
from dataclasses import dataclass

from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.records import ResourceWrite
from sesame_fhir.storage import publish
from sesame_fhir.storage.index import IndexRow, delete_index, index_of_pathway, index_rows, write_index
from sesame_fhir.storage.session import Session, Value

_RESOURCES = """
SELECT r.resource_type, r.fhir_id, r.resource_key, r.site, r.origin, r.pathway_key, r.version, r.last_updated,
  r.body_key
FROM resource r WHERE r.pathway_key = ?"""
_VERSIONS = """
SELECT v.resource_key, v.version, v.version_key, v.last_updated, v.body_key, b.content
FROM resource r JOIN resource_version v ON v.resource_key = r.resource_key LEFT JOIN body b ON b.body_key = v.body_key
WHERE r.pathway_key = ?"""
_WRITE_BODY = "UPDATE body SET content = ? WHERE body_key = ?"
_WRITE_VERSION = "UPDATE resource_version SET last_updated = ?, body_key = ? WHERE version_key = ?"
_DROP_VERSION = "DELETE FROM resource_version WHERE version_key = ?"
_DROP_BODY = "DELETE FROM body WHERE body_key = ?"
_DROP_RESOURCE = "DELETE FROM resource WHERE resource_key = ?"

_Name = tuple[str, str]
"""Resource type and id."""


@dataclass(slots=True)
class _Made:
    """A resource as it was last given, and all its versions: time and bytes."""

    write: ResourceWrite
    versions: list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class _Version:
    """A stored version; ``content`` None: a tombstone, or a body that is lost."""

    version_key: int
    last_updated: int
    body_key: int | None
    content: bytes | None


@dataclass(frozen=True, slots=True)
class _Stands:
    """A stored resource: its row as ``publish.UPDATE_RESOURCE`` writes it, and its versions by number."""

    resource_key: int
    row: tuple[Value, ...]
    versions: dict[int, _Version]

    @property
    def body(self) -> bytes | None:
        """The bytes that the current row names, if they are there."""
        return next((one.content for one in self.versions.values() if one.body_key == self.row[-1]), None)


class ReplayedResources:
    """Versions in the order in which the commands make them."""

    def __init__(self) -> None:
        self._made: dict[_Name, _Made] = {}

    def add(self, write: ResourceWrite, at: int) -> None:
        """Publish in memory, when the body changed."""
        made = self._made.setdefault((write.resource_type, write.resource_id), _Made(write, []))
        if made.versions:
            last, content = made.versions[-1]
            if publish.stamp(write, len(made.versions), last) == content:
                return
        made.write = write
        made.versions.append((at, publish.stamp(write, len(made.versions) + 1, at)))

    def version(self, resource_type: str, resource_id: str) -> int:
        """The version that stands so far. Raises LookupError for a resource that has not been published."""
        made = self._made.get((resource_type, resource_id))
        if made is None:
            raise LookupError(f"outbox target {resource_type}/{resource_id} is not published")
        return len(made.versions)

    def write(self, session: Session, pathway_key: int) -> dict[_Name, bool]:
        """Make the stored resources these; tells which of them are current with the very bytes of before.

        Raises:
            AlreadyExists: a resource's id is another pathway's or was received through the facade.
        """
        stands, index = _stored(session, pathway_key), index_of_pathway(session, pathway_key)
        same, wrong, missing = dict[_Name, bool](), list[int](), list[IndexRow]()
        for name, made in self._made.items():
            old = stands.pop(name, None)
            key = _insert(session, pathway_key, made) if old is None else _correct(session, pathway_key, made, old)
            same[name] = old is not None and old.body == made.versions[-1][1]
            rows = set(index_rows(key, made.write.resource_type, made.write.index))
            if rows != index.get(key, set()):
                wrong += [key] if key in index else []
                missing += rows
        gone = [old.resource_key for old in stands.values()]
        delete_index(session, [*wrong, *gone])
        write_index(session, missing)
        for old in stands.values():
            _drop_versions(session, old, 0)
        session.run_many(_DROP_RESOURCE, [(key,) for key in gone])
        return same


def _stored(session: Session, pathway_key: int) -> dict[_Name, _Stands]:
    rows = session.rows(_RESOURCES, (pathway_key,))
    names = {row[2]: (row[0], row[1]) for row in rows}
    versions: dict[int, dict[int, _Version]] = defaultdict(dict)
    for key, number, version_key, last_updated, body_key, content in session.rows(_VERSIONS, (pathway_key,)):
        plain = publish.plain(content, *names[key], number)
        versions[key][number] = _Version(version_key, last_updated, body_key, plain)
    return {names[row[2]]: _Stands(row[2], row[3:], versions[row[2]]) for row in rows}


def _insert(session: Session, pathway_key: int, made: _Made) -> int:
    write, last = made.write, made.versions[-1]
    bodies = [publish.insert_body(session, write, n, content) for n, (_, content) in enumerate(made.versions, start=1)]
    owner = (write.resource_type, write.resource_id, write.site, write.origin.value, pathway_key)
    row = session.row(publish.INSERT_RESOURCE, (*owner, len(bodies), last[0], bodies[-1]))
    if row is None:
        raise AlreadyExists(f"{write.resource_type}/{write.resource_id}")
    numbered = zip(made.versions, bodies, strict=True)
    session.run_many(
        publish.INSERT_VERSION, [(row[0], n, at, body) for n, ((at, _), body) in enumerate(numbered, start=1)]
    )
    key: int = row[0]
    return key


def _correct(session: Session, pathway_key: int, made: _Made, old: _Stands) -> int:
    """Write what differs, in the rows that are there."""
    write, body_key = made.write, None
    for number, (at, content) in enumerate(made.versions, start=1):
        stands = old.versions.get(number)
        if stands is None or stands.content is None:
            body_key = publish.insert_body(session, write, number, content)
        else:
            body_key = stands.body_key
            if stands.content != content:
                session.run(_WRITE_BODY, (publish.sealed(content, write, number), body_key))
        if stands is None:
            session.run(publish.INSERT_VERSION, (old.resource_key, number, at, body_key))
        elif (stands.last_updated, stands.body_key) != (at, body_key):
            session.run(_WRITE_VERSION, (at, body_key, stands.version_key))
    _drop_versions(session, old, len(made.versions))
    row = (write.site, write.origin.value, pathway_key, len(made.versions), made.versions[-1][0], body_key)
    if row != old.row:
        session.run(publish.UPDATE_RESOURCE, (*row, old.resource_key))
    return old.resource_key


def _drop_versions(session: Session, old: _Stands, last: int) -> None:
    """Forget the versions after ``last``."""
    surplus = [version for number, version in old.versions.items() if not 1 <= number <= last]
    if surplus:
        session.run_many(_DROP_VERSION, [(version.version_key,) for version in surplus])
        session.run_many(_DROP_BODY, [(version.body_key,) for version in surplus if version.body_key is not None])
