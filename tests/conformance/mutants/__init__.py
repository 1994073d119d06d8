"""Resources made wrong on purpose, the same for the same seed: what the reference validator refuses, we refuse."""

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.writer import write_json
from tests.conformance.mutants import answers, elements, links, primitives, rules
from tests.conformance.mutants.places import Mutation
from tests.conformance.sample import Expected, Sample

MUTATIONS: dict[str, Mutation] = {
    **elements.MUTATIONS,
    **primitives.MUTATIONS,
    **links.MUTATIONS,
    **answers.MUTATIONS,
    **rules.MUTATIONS,
}
"""By name. Each changes a resource in place and says where, or does nothing and returns None."""

_TWICE = 0.2
_TRIES = 40


def mutants(sources: Sequence[Sample], count: int, seed: int) -> Iterator[Sample]:
    """``count`` different resources, none of them as it was: every type in turn, one mutation each, sometimes two.

    Raises:
        RuntimeError: the sources cannot give that many.
    """
    by_type: dict[str, list[Json]] = {}
    for source in sources:
        by_type.setdefault(source.resource_type, []).append(read_json(source.body))
    types = sorted(by_type)
    decks = {kind: _Deck(random.Random(f"{seed}/{kind}")) for kind in types}  # noqa: S311  the same every time
    seen = {source.body for source in sources}
    for number in range(count):
        kind = types[number % len(types)]
        for _ in range(_TRIES):
            made = _mutant(by_type[kind], decks[kind])
            if made is not None and made[1] not in seen:
                break
        else:
            raise RuntimeError(f"no other mutant of a {kind}")
        note, body = made
        seen.add(body)
        yield Sample("mutant", f"{number:04}-{kind}", body, expected=Expected.EITHER, note=note)


@dataclass(slots=True)
class _Deck:
    """Mutations in an order of chance, each once before any comes again: the rare ones have their turn."""

    chance: random.Random
    names: list[str] = field(default_factory=list)

    def draw(self) -> str:
        if not self.names:
            self.names = self.chance.sample(sorted(MUTATIONS), len(MUTATIONS))
        return self.names.pop()


def _mutant(sources: Sequence[Json], deck: _Deck) -> tuple[str, bytes] | None:
    """A resource after one mutation or two; None when none of them had anything to act on."""
    resource = copy.deepcopy(deck.chance.choice(sources))
    notes = []
    for _ in range(2 if deck.chance.random() < _TWICE else 1):
        name = deck.draw()
        place = MUTATIONS[name](resource, deck.chance)
        if place:
            notes.append(f"{name} at {place}")
    return (" and ".join(notes), write_json(resource)) if notes else None
