"""``LedgerStore``: the books, by day."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Iterator
from datetime import date

from sesame_fhir.domain.billing.ledger import Account, Movement, Posting
from sesame_fhir.domain.billing.money import from_cents
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.records import LedgerSum
from sesame_fhir.storage.billing.walking import PAGE, walked, within
from sesame_fhir.storage.billing_schema import ledger_posting
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Row, Session

POSTING = RowMapper(Posting, ledger_posting, {"on": "day"})

_PERIOD = f"SELECT {POSTING.names} FROM ledger_posting WHERE (day, posting_id) > (?, ?) AND day <= ?"
_PLACE = (POSTING.fields.index("day"), POSTING.fields.index("posting_id"))
_GROUP = "movement, debit, credit, site, biller_id, scheme_id"
_SUMS = f"SELECT {_GROUP}, SUM(amount), COUNT(*) FROM ledger_posting WHERE day >= ? AND day <= ?"


class Ledger:
    """The books of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def postings(self, start: date, end: date, sites: frozenset[SiteId] | None = None) -> Iterator[Posting]:
        """Postings from ``start`` to ``end``, both included, by day and id, fetched by pages."""

        def rows(session: Session, last: Row | None) -> list[Row]:
            after = (start.isoformat(), "") if last is None else tuple(last[place] for place in _PLACE)
            return page(session, after, end, sites)

        return map(POSTING.record, walked(self._database, rows))

    def sums(self, start: date, end: date, sites: frozenset[SiteId] | None = None) -> tuple[LedgerSum, ...]:
        """Sums of the same postings."""
        return tuple(map(_sum, self._database.read(lambda session: sums(session, start, end, sites))))


def page(session: Session, after: tuple[str, str], end: date, sites: frozenset[SiteId] | None) -> list[Row]:
    """The postings that follow this day and id. Those of one site have an index; of several, they are looked for."""
    column = "site" if sites is not None and len(sites) == 1 else session.off_index("site")
    condition, at = within(sites, column)
    return session.rows(f"{_PERIOD}{condition} ORDER BY day, posting_id LIMIT ?", (*after, end.isoformat(), *at, PAGE))


def sums(session: Session, start: date, end: date, sites: frozenset[SiteId] | None) -> list[Row]:
    """Sums of a period, as rows."""
    condition, at = within(sites)
    sql = f"{_SUMS}{condition} GROUP BY {_GROUP} ORDER BY {_GROUP}"
    return session.rows(sql, (start.isoformat(), end.isoformat(), *at))


def _sum(row: Row) -> LedgerSum:
    movement, debit, credit, site, biller, scheme, amount, count = row
    accounts = Account(debit), Account(credit)
    return LedgerSum(Movement(movement), *accounts, SiteId(site), biller, scheme, from_cents(int(amount)), count)
