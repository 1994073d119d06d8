"""Billing: the examples of docs/rules/billing.md."""

import pytest

from tests.specification.billing import PAGE
from tests.specification.model import Table
from tests.specification.running import answered, cases, expected


@pytest.mark.parametrize(("table", "number"), cases(PAGE))
def test_what_may_be_billed(table: Table, number: int) -> None:
    assert answered(table, number) == expected(table, number)
