"""A ResourceStore in memory that answers the searches of the demo EHR from the same index entries as the real one."""

from datetime import datetime

from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.records import ResourceWrite, SearchPage, StoredResource
from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    IndexEntry,
    ReferenceClause,
    SearchQuery,
)
from tests.support.no_resources import NoResources


class MemoryRecord(NoResources):
    """Keeps every version; ``writes`` counts what was written."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], list[StoredResource]] = {}
        self._index: dict[tuple[str, str], tuple[IndexEntry, ...]] = {}
        self.writes = 0

    def read(self, resource_type: str, resource_id: str) -> StoredResource | None:
        versions = self._versions.get((resource_type, resource_id))
        return versions[-1] if versions else None

    def vread(self, resource_type: str, resource_id: str, version: int) -> StoredResource | None:
        versions = self._versions.get((resource_type, resource_id), [])
        return versions[version - 1] if 0 < version <= len(versions) else None

    def history(self, resource_type: str, resource_id: str) -> tuple[StoredResource, ...]:
        return tuple(reversed(self._versions.get((resource_type, resource_id), [])))

    def search(self, query: SearchQuery) -> SearchPage:
        keys = [key for key in self._versions if key[0] == query.resource_type and self._holds(key, query.clauses)]
        for sort in reversed(query.sort):
            keys.sort(key=lambda key, param=sort.param: self._rank(key, param), reverse=sort.descending)  # type: ignore[misc]
        found = tuple(self._versions[key][-1] for key in keys[: query.count])
        return SearchPage(found, len(keys), None)

    def create(self, write: ResourceWrite, now: datetime, unless: SearchQuery | None = None) -> StoredResource | None:
        if unless is not None and self.search(unless).total:
            return None
        if (write.resource_type, write.resource_id) in self._versions:
            raise AlreadyExists
        return self.update(write, now)

    def update(self, write: ResourceWrite, now: datetime, if_match: int | None = None) -> StoredResource:  # noqa: ARG002
        key = (write.resource_type, write.resource_id)
        versions = self._versions.setdefault(key, [])
        body = write_json(dict(write.body))
        stored = StoredResource(*key, len(versions) + 1, now, body, write.origin, write.site)
        versions.append(stored)
        self._index[key] = write.index
        self.writes += 1
        return stored

    def all(self) -> list[StoredResource]:
        """The current version of everything."""
        return [versions[-1] for versions in self._versions.values()]

    def _holds(self, key: tuple[str, str], clauses: tuple[Clause, ...]) -> bool:
        return all(self._matches(key, clause) for clause in clauses)

    def _matches(self, key: tuple[str, str], clause: Clause) -> bool:
        if isinstance(clause, IdClause):
            return key[1] in clause.values
        if not isinstance(clause, ReferenceClause | DateClause):
            raise NotImplementedError(type(clause))
        entries = [entry for entry in self._index[key] if entry.param == clause.param]
        if isinstance(clause, ReferenceClause):
            return any((e.ref_type, e.ref_id) == (v.ref_type, v.ref_id) for e in entries for v in clause.values)
        return any(_in(value, entry) for entry in entries for value in clause.values)

    def _rank(self, key: tuple[str, str], param: str) -> str:
        if param == "_lastUpdated":
            return self._versions[key][-1].last_updated.isoformat()
        return min((e.low.isoformat() for e in self._index[key] if e.param == param and e.low), default="")


def _in(value: DateValue, entry: IndexEntry) -> bool:
    if entry.low is None or entry.high is None:
        return False
    if value.prefix is DatePrefix.LE:
        return entry.low < value.high
    return value.low <= entry.low and entry.high <= value.high
