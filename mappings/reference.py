"""docs/reference/published.md, made from the ``FIELDS`` of every mapping: ``python -m mappings.reference``."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

from mappings.fields import FieldMap

_HEAD = """# What is published of a pathway

Audience: integrators, data protection officers. Type: reference. Made from the code: `make docs`.

Each table is one mapping: a piece of the state and where each of its fields goes, or why it does not. Where an element
begins with a name that R4 does not know, it is a row of the caseload or of the agenda, not a resource.
"""


def field_maps() -> Iterator[tuple[str, FieldMap]]:
    """Every mapping by its module's name."""
    folder = str(Path(__file__).parent)
    for module in pkgutil.iter_modules([folder]):
        for fields in getattr(importlib.import_module(f"mappings.{module.name}"), "FIELDS", ()):
            yield module.name, fields


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(f"\n{_section(name, fields)}" for name, fields in field_maps())


def _section(name: str, fields: FieldMap) -> str:
    rows = [f"| `{field}` | {element} |" for field, element in fields.mapped.items()]
    rows += [f"| `{field}` | not here: {_small(reason)} |" for field, reason in fields.omitted.items()]
    title = f"## {fields.source.__name__} (`mappings/{name}.py`)"
    return "\n".join([title, "", "| field | element |", "|---|---|", *rows, ""])


def _small(reason: str) -> str:
    """A reason inside a sentence; names and abbreviations keep their capitals."""
    first = reason.split(" ", 1)[0]
    return reason if first.isupper() and len(first) > 1 else reason[0].lower() + reason[1:]


if __name__ == "__main__":
    sys.stdout.write(page())
