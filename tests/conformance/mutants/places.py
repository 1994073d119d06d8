"""Where a mutation can act: every value of a resource, with its holder and its path."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sesame_fhir.fhir.json_types import Json, Path, fhirpath

Mutation = Callable[[Json, random.Random], str | None]
"""Changes the resource in place; returns where, or None when there is nothing to act on."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value inside ``holder`` (an object or a list) under ``key`` (a name or a position)."""

    holder: Any
    key: Any
    path: Path

    @property
    def value(self) -> Any:
        """What stands there now."""
        return self.holder[self.key]

    @property
    def name(self) -> str:
        """The element's name: for an item of a list, the list's."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    def set(self, value: object) -> None:
        """Put something else there."""
        self.holder[self.key] = value

    def remove(self) -> None:
        """Take it away; a list that is left empty goes too, as an author would."""
        del self.holder[self.key]

    def __str__(self) -> str:
        return fhirpath("", self.path).removeprefix(".")


def places(resource: Json) -> list[Place]:
    """Every value below the root, except ``resourceType``, whose change makes it another resource."""
    return list(_below(resource, ()))


def _below(holder: Any, path: Path) -> Iterator[Place]:
    steps = holder.items() if isinstance(holder, dict) else enumerate(holder)
    for key, value in list(steps):
        if key == "resourceType":
            continue
        here = (*path, key)
        yield Place(holder, key, here)
        if isinstance(value, dict | list):
            yield from _below(value, here)


def act(wanted: Callable[[Place], bool], change: Callable[[Place, random.Random], object]) -> Mutation:
    """A mutation that changes one of the places that are wanted."""

    def mutate(resource: Json, chance: random.Random) -> str | None:
        found = [place for place in places(resource) if wanted(place)]
        if not found:
            return None
        place = chance.choice(found)
        where = str(place)
        change(place, chance)
        return where

    return mutate
