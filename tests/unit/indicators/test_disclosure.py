"""What is shown outside the care team: a table of tables, and attackers who subtract everything from everything."""

import random
from collections.abc import Sequence
from itertools import combinations, product

import pytest

from sesame_fhir.domain.indicators.disclosure import HIDDEN, MASKED, Shown, coarse, coarse_line, withheld
from sesame_fhir.domain.indicators.model import Unit, Value, hidden
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy

COUNT, SHARE, MEAN = Unit.COUNT, Unit.SHARE, Unit.MEAN
LIMIT = DEFAULT_POLICY.small_cell
FEW = range(1, LIMIT)


def number(count: int) -> Value:
    return Value(float(count), count, count)


def shown_line(counts: Sequence[int]) -> tuple[Shown, tuple[Shown, ...]]:
    """A table of counts with its total, as anybody outside the care team sees it."""
    whole = coarse(number(sum(counts)), COUNT, DEFAULT_POLICY)
    return whole, tuple(coarse_line(whole, [number(n) for n in counts], COUNT, DEFAULT_POLICY))


def part(count: int, total: int) -> Value:
    return Value(count / total if total else None, count, total)


# value | unit | shown
SHOWN = [
    (number(0), COUNT, (0.0, 0, 0)),
    (number(1), COUNT, None),
    (number(4), COUNT, None),
    (number(5), COUNT, (5.0, 5, 5)),
    (number(7), COUNT, (5.0, 5, 5)),
    (number(8), COUNT, (10.0, 10, 10)),
    (number(1399), COUNT, (1400.0, 1400, 1400)),
    (part(54, 101), SHARE, (55 / 100, 55, 100)),
    (part(3, 20), SHARE, None),
    (part(17, 20), SHARE, None),
    (part(0, 20), SHARE, (0.0, 0, 20)),
    (part(0, 3), SHARE, None),
    (part(0, 0), SHARE, (None, 0, 0)),
    (Value(2.345, 12, 12), MEAN, (2.3, 10, 10)),
    (Value(2.5, 30, 3), MEAN, None),
]


@pytest.mark.parametrize(("value", "unit", "expected"), SHOWN)
def test_a_value_is_hidden_or_rounded(
    value: Value, unit: Unit, expected: tuple[float | None, int | None, int | None] | None
) -> None:
    shown = coarse(value, unit, DEFAULT_POLICY)
    assert shown == HIDDEN if expected is None else shown == Shown(*expected, rounded=True)


@pytest.mark.parametrize("limit", [0, 1])
def test_without_a_limit_everything_is_exact(limit: int) -> None:
    assert coarse(number(1), COUNT, PathwayPolicy(small_cell=limit)) == Shown(1.0, 1, 1)


H, M = "hidden", "masked"
# cells | what becomes of them
LINES: list[tuple[list[int], list[int | str]]] = [
    ([12, 30, 8], [10, 30, 10]),
    ([3, 30, 8], [M, 30, M]),
    ([3, 30, 30], [M, M, 30]),
    ([3, 2, 30], [M, M, 30]),
    ([1, 1, 6, 30], [M, M, M, 30]),
    ([3, 0, 30], [M, 0, M]),
    ([3, 30], [M, M]),
    ([2, 2], [H, H]),
    ([3], [H]),
    ([0, 0, 9], [0, 0, 10]),
]


@pytest.mark.parametrize(("cells", "expected"), LINES)
def test_a_hidden_cell_has_others_to_hide_among(cells: list[int], expected: list[int | str]) -> None:
    _, seen = shown_line(cells)
    told = [H if one == HIDDEN else M if one == MASKED else one.count for one in seen]
    assert told == expected


def test_in_a_share_the_rest_hides_too() -> None:
    cells = [part(17, 20), part(40, 80), part(30, 70)]
    assert withheld(cells, SHARE, DEFAULT_POLICY) == {0, 2}


def test_nothing_of_a_hidden_total_is_shown() -> None:
    assert shown_line((4, 0)) == (HIDDEN, (HIDDEN, HIDDEN))
    assert coarse_line(MASKED, [number(30), number(8)], COUNT, DEFAULT_POLICY) == [MASKED, MASKED]


@pytest.mark.parametrize(("size", "most"), [(2, 30), (3, 16), (4, 8)])
def test_who_knows_the_rules_and_subtracts_learns_no_small_cell(size: int, most: int) -> None:
    """Every table there is: those that look alike never agree on a small cell, and one that is shown is not small."""
    alike: dict[tuple[Shown, tuple[Shown, ...]], list[tuple[int, ...]]] = {}
    for counts in product(range(most), repeat=size):
        alike.setdefault(shown_line(counts), []).append(counts)
    for (_, seen), tables in alike.items():
        for place in range(size):
            possible = {counts[place] for counts in tables}
            assert len(possible) > 1 or not possible & set(FEW), (seen, tables[0])
            assert seen[place].hidden or not possible & set(FEW)


def test_two_questions_that_differ_by_a_few_patients_do_not_tell_how_many() -> None:
    """Another period, site, nurse or day: pairs of answers that look alike never agree on a small difference."""
    alike: dict[tuple[Shown, Shown], set[int]] = {}
    for many, more in product(range(LIMIT, 60), range(20)):
        pair = tuple(coarse(number(n), COUNT, DEFAULT_POLICY) for n in (many, many + more))
        alike.setdefault((pair[0], pair[1]), set()).add(more)
    assert all(len(possible) > 1 for possible in alike.values() if possible & set(FEW))


def test_every_part_of_a_random_whole_is_hidden_in_company() -> None:
    chance = random.Random(7)  # noqa: S311  a reproducible sample, not a secret
    for _ in range(500):
        cells = [part(n := chance.randrange(0, 12), n + chance.randrange(0, 12)) for _ in range(chance.randrange(2, 8))]
        out = [cells[place] for place in withheld(cells, SHARE, DEFAULT_POLICY)]
        shown = [cell for cell in cells if cell not in out]
        assert not any(hidden(cell, DEFAULT_POLICY, SHARE) for cell in shown)
        if out and any(cell.total for cell in shown):
            assert len(out) > 1
            assert all(
                s not in range(1, LIMIT) for s in (sum(c.count for c in out), sum(c.total - c.count for c in out))
            )
        for one, other in combinations(out, 2):
            assert one.total + other.total > 0
