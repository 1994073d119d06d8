"""Where values stand on a chart of the indicators."""

import pytest

from smart_app.team.indicators.charts import BOTTOM, LEFT, RIGHT, TOP, WIDTH, bars, ceiling, course


@pytest.mark.parametrize(
    ("highest", "expected"),
    [(0, 2), (0.4, 2), (2, 2), (2.1, 2.5), (3, 5), (9, 10), (10, 10), (11, 20), (21, 25), (63, 100), (1399, 2000)],
)
def test_the_scale_ends_at_a_round_number(highest: float, expected: float) -> None:
    assert ceiling(highest) == expected


def test_a_course_goes_from_left_to_right_within_its_plot() -> None:
    drawn = course([0.0, 0.5, 1.0, 2.0], 1.0)
    assert [dot.y for dot in drawn.dots] == [BOTTOM, (BOTTOM + TOP) / 2, TOP, TOP]
    places = [dot.x for dot in drawn.dots]
    assert places == sorted(places)
    assert LEFT < places[0] < places[-1] < RIGHT
    assert [value for value, _ in drawn.levels] == [0, 0.5, 1]


def test_no_line_crosses_a_gap() -> None:
    drawn = course([1.0, 2.0, None, 3.0, None, 4.0, 5.0])
    assert [line.count(",") for line in drawn.lines] == [2, 2]
    assert [dot.place for dot in drawn.dots if dot.y is None] == [2, 4]


@pytest.mark.parametrize("months", [1, 8, 9, 24, 120])
def test_few_ticks_and_columns_that_do_not_touch(months: int) -> None:
    drawn = course([1.0] * months)
    assert 0 < len(drawn.ticks) <= 8
    assert drawn.column <= 28
    assert drawn.column < (RIGHT - LEFT) / months


def test_nothing_to_draw() -> None:
    assert course([]).dots == ()
    assert bars([]) == ()
    assert bars([None, 0.0]) == (None, 0.0)


def test_bars_are_as_long_as_their_share_of_the_greatest() -> None:
    assert bars([5.0, 10.0, None]) == (WIDTH / 2, WIDTH, None)
    assert bars([0.5, 3.0], 1.0) == (WIDTH / 2, WIDTH)
