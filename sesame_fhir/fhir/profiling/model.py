"""A profile as a tree of element rules."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Severity

Holds = Callable[[Any], bool]
"""Whether an invariant holds of one element's value."""
Codes = frozenset[tuple[str, str]]
"""Members of a value set: system and code."""
Kind = Literal["value", "pattern", "type", "exists"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """An invariant: its key, its French text, and the rule itself."""

    key: str
    human: str
    severity: Severity
    holds: Holds


@dataclass(frozen=True, slots=True)
class Discriminator:
    """What tells the slices of an element apart; ``path`` is empty for ``$this``, ``resolve`` follows a reference."""

    kind: Kind
    path: tuple[str, ...]
    resolve: bool = False


@dataclass(slots=True)
class Element:
    """What a differential says of one element or slice. Mutable while it is read only.

    ``name`` is without ``[x]``; ``types`` are codes, ``targets`` resource types of references, ``profiles`` canonicals
    that the value must satisfy. ``maximum`` None: no limit of the profile's own.
    """

    name: str
    choice: bool = False
    slice_name: str | None = None
    minimum: int = 0
    maximum: int | None = None
    types: frozenset[str] | None = None
    targets: frozenset[str] | None = None
    profiles: tuple[str, ...] = ()
    exact: Any = None
    pattern: Any = None
    binding: Codes | None = None
    constraints: tuple[Constraint, ...] = ()
    discriminators: tuple[Discriminator, ...] = ()
    closed: bool = False
    children: dict[str, "Element"] = field(default_factory=dict)
    slices: dict[str, "Element"] = field(default_factory=dict)


Place = tuple[str | int, ...]


def values_of(node: Json, element: Element) -> Iterator[tuple[Place, Any, str]]:
    """Values of an element in a JSON object: place, value (None: extensions only), type of a choice or ""."""
    if not element.choice:
        yield from _plain(node, element.name, "")
        return
    size = len(element.name)
    names = {key.lstrip("_") for key in node}
    for name in sorted(key for key in names if key.startswith(element.name) and key[size : size + 1].isupper()):
        yield from _plain(node, name, name[size:])


def _plain(node: Json, name: str, kind: str) -> Iterator[tuple[Place, Any, str]]:
    value, extended = node.get(name), node.get(f"_{name}")
    if value is None:
        value = [None] * len(extended) if isinstance(extended, list) else None
    if isinstance(value, list):
        yield from (((name, place), item, kind) for place, item in enumerate(value))
    elif value is not None or extended is not None:
        yield (name,), value, kind
