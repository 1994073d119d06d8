"""Answers that add up to a wanted total, and the course of a score from the first to the last measure."""

import random

from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId

_ITEM_9 = 8
_HIGHEST = 3


def answers(instrument: InstrumentId, total: int, chance: random.Random, *, safety: bool = False) -> dict[str, str]:
    """Answers with this total; ``safety``: PHQ-9 item 9 is 1, else 0 (the total must leave room for it)."""
    items = INSTRUMENTS[instrument].scored_items
    weights = [0] * len(items)
    free = [i for i in range(len(items)) if not items[i].safety]
    if safety:
        weights[_ITEM_9] = 1
    for _ in range(total - sum(weights)):
        weights[chance.choice([i for i in free if weights[i] < _HIGHEST])] += 1
    return {item.link_id: item.answers[weight].code for item, weight in zip(items, weights, strict=True)}


def first_phq9(chance: random.Random, *, moderate: bool) -> int:
    """A first total: 10 to 24 for moderate to severe, else 6 to 9."""
    return int(chance.triangular(10, 24.99, 15)) if moderate else chance.randint(6, 9)


def last_phq9(chance: random.Random, first: int, course: str) -> int:
    """A last total that makes the course: remission under 5 and half or less, response half or less from 5 up."""
    half = first // 2
    if course == "remission":
        return chance.randint(0, min(4, half))
    if course == "response":
        return chance.randint(5, max(5, half))
    return min(24, chance.randint(max(half + 1, 5), first + 3))


def measured(chance: random.Random, first: int, last: int, share: float) -> int:
    """A total on the way, ``share`` (0 to 1) of the course done."""
    if share >= 1:
        return last
    return max(0, min(24, round(first + (last - first) * share + chance.gauss(0, 1.2))))
