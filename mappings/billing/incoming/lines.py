"""The lines of a file of the payer, whatever it tells: those that could be read, and why the others could not."""

from collections.abc import Callable
from typing import TypeVar

from mappings.billing.incoming.cells import Cells, LineRefused, is_claim_id
from mappings.billing.incoming.table import Row, read_table
from mappings.billing.layout import Layout
from sesame_fhir.services.billing.incoming import Unread

T = TypeVar("T")


def read_lines(
    data: bytes, layout: Layout, needed: frozenset[str], line: Callable[[Row, Cells], T]
) -> tuple[tuple[T, ...], tuple[Unread, ...]]:
    """Read every line by ``line``, which raises ``LineRefused`` for one that cannot be; the unread ones by number."""
    table = read_table(data, layout, needed)
    lines: list[T] = []
    unread = list(table.unread)
    for row in table.rows:
        try:
            lines.append(line(row, Cells(row.cells, layout)))
        except LineRefused as refused:
            unread.append(Unread(row.number, (refused.code,), refused.detail, _claim_of(row)))
    return tuple(lines), tuple(sorted(unread, key=lambda one: one.number))


def _claim_of(row: Row) -> str | None:
    """The claim that a refused line is about, when it names one."""
    found = row.cells.get("claim-id", "")
    return found if is_claim_id(found) else None
