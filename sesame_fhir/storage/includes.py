"""Resources that come along with a page: one statement for each thing asked, the references followed by their index."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Iterable, Mapping, Sequence

from sesame_fhir.services.records import Included, StoredResource
from sesame_fhir.services.search import Include
from sesame_fhir.storage import publish
from sesame_fhir.storage.candidates import Sites, conditions
from sesame_fhir.storage.index import param_key
from sesame_fhir.storage.session import Session, Value

ROUNDS = 4
"""How far ``:iterate`` goes: from the page to what it leads to, three times further."""

_BODIES = """
SELECT r.resource_type, r.fhir_id, r.version, r.last_updated, r.origin, r.site, b.content
FROM ({} LIMIT ?) k CROSS JOIN resource r CROSS JOIN body b
WHERE r.resource_key = k.resource_key AND b.body_key = r.body_key"""

_Name = tuple[str, str]
"""Resource type and id."""
_Found = Mapping[_Name, StoredResource]


def included(
    session: Session, page: Iterable[StoredResource], includes: Sequence[Include], sites: Sites, limit: int
) -> Included:
    """Return what ``includes`` bring along with ``page``, each resource once, none of the page; at most ``limit``."""
    seen = {(one.resource_type, one.resource_id) for one in page}
    fresh: Iterable[_Name] = tuple(seen)
    brought: dict[_Name, StoredResource] = {}
    complete = True
    wanted = tuple(includes)
    for _round in range(ROUNDS):
        left = limit - len(brought)
        found = _follow(session, fresh, wanted, sites, len(seen) + limit + 1)
        new = {name: one for name, one in found.items() if name not in seen}
        complete = complete and len(new) <= left
        added = dict(list(new.items())[:left])
        brought.update(added)
        seen.update(added)
        fresh, wanted = tuple(added), tuple(one for one in includes if one.iterate)
        if not (fresh and wanted and complete):
            break
    return Included(tuple(brought.values()), complete)


def _follow(
    session: Session, names: Iterable[_Name], includes: Sequence[Include], sites: Sites, limit: int
) -> dict[_Name, StoredResource]:
    by_type: dict[str, list[str]] = {}
    for resource_type, resource_id in names:
        by_type.setdefault(resource_type, []).append(resource_id)
    found: dict[_Name, StoredResource] = {}
    for include in includes:
        for start, ids in by_type.items():
            keys = _keys(include, start, ids, sites)
            rows = session.rows(_BODIES.format(keys[0]), [*keys[1], limit]) if keys else ()
            found.update(((row[0], row[1]), publish.stored(row[0], row[1], row[2:])) for row in rows)
    return found


def _keys(include: Include, start: str, ids: list[str], sites: Sites) -> tuple[str, list[Value]] | None:
    """Select the keys of what this include leads to from resources of one type; None when it does not begin there."""
    if include.reverse:
        if include.param is None or include.target not in (None, start):
            return None
        return _naming(include, include.param, start, ids, sites)
    return _named(include, start, ids, sites) if include.source == start else None


def _named(include: Include, start: str, ids: list[str], sites: Sites) -> tuple[str, list[Value]]:
    """Keys of what the resources name."""
    tests = ["s.resource_type = ?", f"s.fhir_id IN ({_marks(ids)})", "i.resource_key = s.resource_key"]
    params: list[Value] = [start, *ids]
    if include.param is not None:
        tests.append("i.param + 0 = ?")
        params.append(param_key(start, include.param))
    if include.target is not None:
        tests.append("i.ref_type = ?")
        params.append(include.target)
    tests += ["t.resource_type = i.ref_type", "t.fhir_id = i.ref_id", "t.body_key IS NOT NULL"]
    for one in conditions(include.target or "", include.clauses, sites):
        tests.append(one.on("t"))
        params += one.params
    source = "resource s CROSS JOIN index_reference i CROSS JOIN resource t"
    return f"SELECT DISTINCT t.resource_key FROM {source} WHERE {' AND '.join(tests)}", params


def _naming(include: Include, param: str, start: str, ids: list[str], sites: Sites) -> tuple[str, list[Value]]:
    """Keys of the resources that name these."""
    tests = ["i.param = ?", f"i.ref_id IN ({_marks(ids)})", "i.ref_type = ?", "t.resource_key = i.resource_key"]
    params: list[Value] = [param_key(include.source, param), *ids, start]
    for one in conditions(include.source, include.clauses, sites):
        tests.append(one.on("t"))
        params += one.params
    source = "index_reference i CROSS JOIN resource t"
    return f"SELECT DISTINCT t.resource_key FROM {source} WHERE {' AND '.join(tests)}", params


def _marks(ids: Sequence[str]) -> str:
    return ", ".join("?" * len(ids))
