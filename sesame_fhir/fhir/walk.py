"""One pass over a resource: every object in it with its place, stopping where another resource begins."""

from collections.abc import Iterator
from dataclasses import dataclass

from sesame_fhir.fhir.json_types import Json, Path

Node = tuple[Path, Json]
"""An object and its path from the resource's root."""


@dataclass(frozen=True, slots=True)
class Walked:
    """``nodes``: all objects, the root first, level by level. ``nested``: resources inside (contained, entries…).

    ``extended``: the objects that hold extensions of a primitive, with their name (``_birthDate``, ``_given``).
    """

    nodes: list[Node]
    nested: list[Node]
    extended: list[tuple[Path, Json, str]]


def walk(resource: Json) -> Walked:
    """Collect the objects of a resource; makes no assumption about the structure being valid."""
    nodes: list[Node] = [((), resource)]
    nested: list[Node] = []
    extended: list[tuple[Path, Json, str]] = []
    for path, node in nodes:  # grows while it is read: a queue
        for key, value in node.items():
            kind = type(value)
            if kind is dict:
                (nested if "resourceType" in value else nodes).append(((*path, key), value))
            elif kind is list:
                for place, item in enumerate(value):
                    if type(item) is dict:
                        (nested if "resourceType" in item else nodes).append(((*path, key, place), item))
            else:
                continue
            if key[:1] == "_":
                extended.append((path, node, key))
    return Walked(nodes, nested, extended)


def strings(value: object) -> Iterator[str]:
    """Every string value inside, at any depth, nested resources included."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, dict):
            pending.extend(current.values())
        elif isinstance(current, list):
            pending.extend(current)


def objects(node: Json, key: str) -> list[Json]:
    """The objects of a repeating element; empty when absent or not a list (the structure layer reports that)."""
    found = node.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def child(node: Json, key: str) -> Json:
    """A single complex element; empty when absent or not an object."""
    found = node.get(key)
    return found if isinstance(found, dict) else {}


def text(node: Json, key: str) -> str:
    """A string element; empty when absent or not a string."""
    found = node.get(key)
    return found if isinstance(found, str) else ""


def has_choice(node: Json, stem: str) -> bool:
    """True when any ``stem[x]`` is present, e.g. ``has_choice(observation, "value")``."""
    size = len(stem)
    return any(key.lstrip("_").startswith(stem) and key.lstrip("_")[size : size + 1].isupper() for key in node)
