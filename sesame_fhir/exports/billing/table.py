"""A table of claims by a layout: delimited cells or fixed records, one line per claim, control records around them."""

from collections.abc import Callable, Sequence

from mappings.billing.layout import Column, Layout
from sesame_fhir.exports.billing.cells import CannotWrite, writer_of
from sesame_fhir.exports.billing.head import BatchHead
from sesame_fhir.exports.billing.values import OF_BATCH, OF_LINE, Record, Value

_BOM = "\ufeff"


class Table:
    """Writes the lines of one batch by one layout; every method returns the bytes to write next."""

    def __init__(self, layout: Layout, head: BatchHead) -> None:
        self._layout, self._head = layout, head
        self._cells = [_cell(column, layout, head) for column in layout.columns]
        self._join = _joined(layout)

    def begin(self) -> bytes:
        """What stands before the lines. Raises CannotWrite when the batch does not fit the layout."""
        layout = self._layout
        text = _BOM if layout.encoding == "utf-8-sig" else ""
        if layout.delimiter and layout.header:
            text += self._join([column.name for column in layout.columns])
        return (text + self._around(layout.first)).encode(layout.codec)

    def line(self, record: Record) -> bytes:
        """One claim. Raises CannotWrite when it does not fit the layout."""
        try:
            cells = [cell(record) for cell in self._cells]
        except CannotWrite as problem:
            raise problem.of(record.line.claim_id) from None
        return self._join(cells).encode(self._layout.codec)

    def end(self) -> bytes:
        """What stands after the lines. Raises as ``begin``."""
        return self._around(self._layout.last).encode(self._layout.codec)

    def _around(self, columns: Sequence[Column]) -> str:
        if not columns:
            return ""
        return self._join([writer_of(one, self._layout)(_of_batch(one, self._head)) for one in columns])


def _of_batch(column: Column, head: BatchHead) -> Value:
    return None if column.constant is not None else OF_BATCH[column.value](head)


def _cell(column: Column, layout: Layout, head: BatchHead) -> Callable[[Record], str]:
    write = writer_of(column, layout)
    if column.value in OF_LINE:
        value = OF_LINE[column.value]
        return lambda record: write(value(record))
    text = write(_of_batch(column, head))
    return lambda _record: text


def _joined(layout: Layout) -> Callable[[Sequence[str]], str]:
    newline = layout.newline
    if not layout.delimiter:
        return lambda cells: "".join(cells) + newline
    sign, always = layout.delimiter, layout.quotes == "always"

    def quoted(cell: str) -> str:
        return f'"{cell.replace(chr(34), chr(34) * 2)}"' if always or sign in cell or '"' in cell else cell

    return lambda cells: sign.join(map(quoted, cells)) + newline
