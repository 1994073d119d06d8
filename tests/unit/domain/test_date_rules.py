"""Dates and clocks: the examples of docs/rules/dates.md."""

import pytest

from tests.specification.dates import PAGE
from tests.specification.model import Example
from tests.specification.running import examples, refused


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_can_be_true(example: Example) -> None:
    assert refused(example) == example.refused
