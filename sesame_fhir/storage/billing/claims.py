"""``ClaimStore``: claims as their pathways tell them, along the index that leaves the fewest."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections import Counter
from itertools import chain
from operator import itemgetter

from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow
from sesame_fhir.storage.billing.bodies import CLAIM
from sesame_fhir.storage.billing.walking import NUL, marks, within
from sesame_fhir.storage.session import Database, Row, Session, Value

_COLUMNS = "c.pathway_id, c.rank, c.status, c.stale, c.body"
_CLAIMS = f"SELECT c.claim_id, {_COLUMNS} FROM claim c WHERE c.claim_id"
_PAID = f"""
SELECT m.claim_id, {_COLUMNS} FROM claim_payment m CROSS JOIN claim c
WHERE c.claim_id = m.claim_id AND m.payment_id = ? AND m.claim_id"""
_COUNTS = "SELECT status, stale, COUNT(*) FROM claim WHERE 1 = 1"
_STALE = "stale"


class Claims:
    """The claims of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, claim_id: str) -> ClaimRow | None:
        """One claim."""
        if NUL in claim_id:
            return None
        row = self._database.read(lambda session: session.row(f"{_CLAIMS} = ?", (claim_id,)))
        return None if row is None else _claim(row)

    def claims(self, query: ClaimQuery) -> tuple[ClaimRow, ...]:
        """A page of claims, by ``claim_id``."""
        if any(NUL in text for text in (query.batch_id, query.payment_id, query.after) if text):
            return ()
        return tuple(map(_claim, self._database.read(lambda session: page(session, query))))

    def counts(self, sites: frozenset[SiteId] | None) -> dict[str, int]:
        """How many claims of each status, and under ``stale`` how many whose facts changed."""
        condition, at = within(sites)
        sql = f"{_COUNTS}{condition} GROUP BY status, stale"
        found = Counter[str]({_STALE: 0} | {status.value: 0 for status in ClaimStatus})
        for status, stale, count in self._database.read(lambda session: session.rows(sql, at)):
            found[status] += count
            found[_STALE] += count if stale else 0
        return dict(found)


def page(session: Session, query: ClaimQuery) -> list[Row]:
    """The rows of one page."""
    source, params = (_CLAIMS, list[Value]()) if query.payment_id is None else (_PAID, [query.payment_id])
    sql, params = f"{source} > ?", [*params, query.after or ""]
    if query.batch_id is not None:
        sql, params = f"{sql} AND c.batch_id = ?", [*params, query.batch_id]
    if query.stale is not None:
        sql += " AND c.stale" if query.stale else " AND NOT c.stale"
    if not query.superseded:
        sql += " AND NOT c.superseded"
    condition, at = within(query.sites)
    return _ordered(session, sql + condition, [*params, *at], query)


def _ordered(session: Session, sql: str, params: list[Value], query: ClaimQuery) -> list[Row]:
    end, statuses = " ORDER BY 1 LIMIT ?", sorted(status.value for status in query.statuses)
    if not statuses:
        return session.rows(f"{sql}{end}", (*params, query.limit))
    if query.batch_id is not None or query.payment_id is not None or query.stale:
        # What leads to few claims leads alone: their status is looked at in their rows.
        some = f" AND {session.off_index('c.status')} IN ({marks(statuses)})"
        return session.rows(f"{sql}{some}{end}", (*params, *statuses, query.limit))
    each = [session.rows(f"{sql} AND c.status = ?{end}", (*params, one, query.limit)) for one in statuses]
    return sorted(chain.from_iterable(each), key=itemgetter(0))[: query.limit]


def _claim(row: Row) -> ClaimRow:
    claim_id, pathway_id, rank, status, stale, body = row
    return ClaimRow(PathwayId(pathway_id), CLAIM.read(body, claim_id, rank), ClaimStatus(status), bool(stale))
