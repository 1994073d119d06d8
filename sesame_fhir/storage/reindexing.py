"""Indexing anew what was received: a release that adds a search parameter must find what older ones have stored."""

from collections.abc import Callable

from sesame_fhir.services.search import IndexEntry
from sesame_fhir.storage import publish
from sesame_fhir.storage.index import IndexRow, delete_index, index_between, index_rows, write_index
from sesame_fhir.storage.session import Session

_BATCH = 200
"""Resources of one transaction: others write in between."""
_NEXT = """
SELECT r.resource_key, r.resource_type, r.fhir_id, r.version, b.content
FROM resource r JOIN body b ON b.body_key = r.body_key
WHERE r.resource_key > ? AND r.pathway_key IS NULL ORDER BY r.resource_key LIMIT ?"""


def reindex(session: Session, index: Callable[[bytes], tuple[IndexEntry, ...]], after: int) -> int | None:
    """Give the next resources the rows that ``index`` makes of their bodies; returns the last key, None at the end."""
    found = session.rows(_NEXT + session.row_lock("r"), (after, _BATCH))
    if not found:
        return None
    first, last = found[0][0], found[-1][0]
    stands = index_between(session, first, last)
    wrong, missing = list[int](), list[IndexRow]()
    for key, resource_type, resource_id, version, content in found:
        body = publish.plain(content, resource_type, resource_id, version) or b"{}"
        rows = set(index_rows(key, resource_type, index(body)))
        if rows != stands.get(key, set()):
            wrong.append(key)
            missing += rows
    delete_index(session, wrong)
    write_index(session, missing)
    key_of_last: int = last
    return key_of_last
