"""Reading along indexes: several ordered lists as one, and long lists page by page."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Callable, Iterator, Sequence

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.storage.session import Database, Row, Session, Value

PAGE = 500
"""Rows read at a time."""

NUL = "\0"
"""PostgreSQL's texts cannot hold it: asking would be an error instead of "there is none"."""

_TOGETHER = 100  # lists merged in one statement

Arm = tuple[str, Sequence[Value]]
"""One list: a SELECT without its order, and its parameters."""


def marks(values: Sequence[object]) -> str:
    """Placeholders for as many values."""
    return ", ".join("?" * len(values))


def within(sites: frozenset[SiteId] | None) -> tuple[str, list[SiteId]]:
    """The condition that holds to these sites; none of them finds nothing."""
    if sites is None:
        return "", []
    listed = sorted(sites)
    return f" AND site IN ({marks(listed)})" if listed else " AND 1 = 0", listed


def merged(session: Session, arms: Sequence[Arm], keys: int, limit: int) -> list[Row]:
    """The first ``limit`` rows of all lists, each ordered along its index by its first ``keys`` columns."""
    order, found = ", ".join(str(place + 1) for place in range(keys)), list[Row]()
    for first in range(0, len(arms), _TOGETHER):
        some = arms[first : first + _TOGETHER]
        # Sorted one by one, or PostgreSQL would not see that its index already is, and read every list to its end.
        union = " UNION ALL ".join(f"SELECT * FROM ({sql} ORDER BY {order}) arm" for sql, _ in some)
        params = [value for _, given in some for value in given]
        found += session.rows(f"{union} ORDER BY {order} LIMIT ?", (*params, limit))
    if len(arms) > _TOGETHER:
        found.sort(key=lambda row: row[:keys])
    return found[:limit]


def walked(database: Database, page: Callable[[Session, Row | None], list[Row]]) -> Iterator[Row]:
    """Rows of page after page; ``page`` is given the last row of the one before."""
    last: Row | None = None
    while rows := database.read(lambda session: page(session, last)):  # noqa: B023  run before ``last`` moves on
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]
