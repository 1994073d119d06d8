"""Reading the history of a type or of one resource, page by page, in the order in which versions were written.

That order is the table's own key: no index is kept for it. Where few resources are concerned, they lead to their
versions; where many are, the newest versions are walked back, and a page is soon full.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from dataclasses import replace

from sesame_fhir.services.ports import Vault
from sesame_fhir.services.reach import written
from sesame_fhir.services.versions import VersionPage, VersionQuery
from sesame_fhir.storage import publish
from sesame_fhir.storage.candidates import candidates
from sesame_fhir.storage.cursor import open_cursor, seal_cursor
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.session import Session, Value

_FEW = 2_000
_COLUMNS = "v.version_key, r.fhir_id, v.version, v.last_updated, r.origin, r.site, v.body_key"
_BY_RESOURCE = "resource r CROSS JOIN resource_version v"
_BY_VERSION = "resource_version v CROSS JOIN resource r"
_COUNT = "SELECT COUNT(*) FROM (SELECT 1 FROM resource WHERE resource_type = ? AND last_updated >= ? LIMIT ?) few"


def versions(session: Session, query: VersionQuery, vault: Vault) -> VersionPage:
    """Answer one page. Raises ``InvalidCursor`` for a cursor that is not this query's."""
    since = 0 if query.since is None else to_micros(query.since)
    where, params = _where(query, since)
    within = None if query.within is None else replace(query.within, sites=None)
    limit = None if query.within is None else written(query.within.sites)
    bound = repr((replace(query, cursor=None, count=0, within=within), limit))
    if query.cursor is not None:
        (before,) = open_cursor(vault, query.cursor, bound)
        where, params = f"{where} AND v.version_key < ?", [*params, before]
    source = _BY_RESOURCE if query.resource_id or query.within or _few(session, query, since) else _BY_VERSION
    inner = f"SELECT {_COLUMNS} FROM {source} WHERE {where} ORDER BY v.version_key DESC LIMIT ?"
    sql = f"""
    SELECT p.*, b.content FROM ({inner}) p LEFT JOIN body b ON b.body_key = p.body_key ORDER BY p.version_key DESC"""
    rows = session.rows(sql, [*params, query.count + 1])
    page = rows[: query.count]
    return VersionPage(
        tuple(publish.stored(query.resource_type, row[1], (*row[2:6], row[7])) for row in page),
        seal_cursor(vault, page[-1][:1], bound) if len(rows) > query.count else None,
    )


def _where(query: VersionQuery, since: int) -> tuple[str, list[Value]]:
    where = "r.resource_key = v.resource_key AND r.resource_type = ? AND r.last_updated >= ? AND v.last_updated >= ?"
    params: list[Value] = [query.resource_type, since, since]
    if query.resource_id is not None:
        where, params = f"{where} AND r.fhir_id = ?", [*params, query.resource_id]
    if query.within is not None:
        found = candidates(query.within.resource_type, query.within.clauses, query.within.sites, "w")
        where, params = f"{where} AND r.resource_key IN ({found.keys})", [*params, *found.params]
    return where, params


def _few(session: Session, query: VersionQuery, since: int) -> bool:
    """True when no more than so many resources of the type have changed since then."""
    ((count,),) = session.rows(_COUNT, (query.resource_type, since, _FEW + 1))
    return bool(count <= _FEW)
