"""Tables of ``sesame billing`` for a terminal: aligned columns, amounts to the right."""

from collections.abc import Sequence
from decimal import Decimal

import click


def put_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under their heads; numbers and amounts stand to the right."""
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *texts, strict=True)]
    right = [bool(rows) and all(isinstance(row[place], int | Decimal) for row in rows) for place in range(len(heads))]
    for line in (heads, *texts):
        cells = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())


def _text(cell: object) -> str:
    return f"{cell:.2f}" if isinstance(cell, Decimal) else str(cell)
