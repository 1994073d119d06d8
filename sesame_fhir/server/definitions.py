"""Publishes the definitions that come with this release (Questionnaires, code systems, profiles…) as resources.

They are written where they changed only, so that their versions and history tell what a release changed; what a
release no longer has stays: somebody may still refer to it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import orjson

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.errors import AlreadyExists, VersionConflict
from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.records import Origin, ResourceChange, ResourceWrite, StoredResource

_STAMPS = ("versionId", "lastUpdated")


def publish_definitions(resources: ResourceStore, definitions: Iterable[Json], site: SiteId, now: datetime) -> int:
    """Write those that changed, in one transaction; returns how many. Another process may do the same meanwhile."""
    changes = tuple(_changes(resources, definitions, site))
    if not changes:
        return 0
    try:
        resources.apply((), changes, now)
    except (AlreadyExists, VersionConflict):
        return 0
    return len(changes)


def _changes(resources: ResourceStore, definitions: Iterable[Json], site: SiteId) -> Iterator[ResourceChange]:
    for body in definitions:
        kind, key = body["resourceType"], body["id"]
        stored = resources.read(kind, key)
        if stored is None or not _same(stored, body):
            write = ResourceWrite(kind, key, body, index(body), site, Origin.SOFTWARE)
            yield ResourceChange(kind, key, write, 0 if stored is None else stored.version)


def _same(stored: StoredResource, body: Json) -> bool:
    if stored.body is None:
        return False
    held = orjson.loads(stored.body)
    meta = {name: value for name, value in held.pop("meta", {}).items() if name not in _STAMPS}
    return bool({**held, **({"meta": meta} if meta else {})} == orjson.loads(write_json(body)))
