"""Reading long lists page by page, and what several questions have in common."""

from collections.abc import Callable, Iterator, Sequence

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.storage.session import Database, Row, Session

PAGE = 500
"""Rows read at a time."""

NUL = "\0"
"""PostgreSQL's texts cannot hold it: asking would be an error instead of "there is none"."""


def marks(values: Sequence[object]) -> str:
    """Placeholders for as many values."""
    return ", ".join("?" * len(values))


def within(sites: frozenset[SiteId] | None, column: str = "site") -> tuple[str, list[SiteId]]:
    """The condition that holds to these sites; none of them finds nothing."""
    if sites is None:
        return "", []
    listed = sorted(sites)
    return f" AND {column} IN ({marks(listed)})" if listed else " AND 1 = 0", listed


def walked(database: Database, page: Callable[[Session, Row | None], list[Row]]) -> Iterator[Row]:
    """Rows of page after page; ``page`` is given the last row of the one before."""
    last: Row | None = None
    while rows := database.read(lambda session: page(session, last)):  # noqa: B023  run before ``last`` moves on
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]
