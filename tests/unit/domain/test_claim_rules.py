"""Claims: the examples of docs/rules/claims.md, and what a claim's events leave in the state."""

import pytest

from tests.specification.claims import PAGE
from tests.specification.model import Example, Table
from tests.specification.running import answered, cases, examples, expected, refused


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_may_be_done(example: Example) -> None:
    assert refused(example) == example.refused


@pytest.mark.parametrize(("table", "number"), cases(PAGE))
def test_what_is_written_in_the_books(table: Table, number: int) -> None:
    assert answered(table, number) == expected(table, number)
