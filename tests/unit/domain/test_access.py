"""Roles and reach: the cases of docs/rules/roles.md."""

import pytest

from sesame_fhir.domain.access import ACTIONS, role_refusals
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.reasons import Reason, ReasonCode
from tests.specification.model import Table
from tests.specification.roles import DOING, PAGE, PEOPLE
from tests.specification.running import answered, cases, expected


@pytest.mark.parametrize(("table", "number"), cases(PAGE))
def test_cases(table: Table, number: int) -> None:
    assert answered(table, number) == expected(table, number)


def test_every_action_is_in_the_table_once() -> None:
    assert sorted(str(row[0]).strip("`") for row in DOING.rows) == sorted(ACTIONS)


@pytest.mark.parametrize("role", Role)
def test_a_role_does_what_the_table_says_and_nothing_else(role: Role) -> None:
    for action, roles in ACTIONS.items():
        wanted = () if role in roles else (Reason(ReasonCode.ROLE_NOT_ALLOWED, action),)
        assert role_refusals(action, role) == wanted


def test_an_action_that_does_not_exist_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        role_refusals("delete-everything", Role.ADMINISTRATOR)


def test_the_cases_of_reach_name_every_person() -> None:
    reach = next(table for table in PAGE.parts if table is not DOING)
    assert isinstance(reach, Table)
    assert {str(row[1]) for row in reach.rows} == set(PEOPLE)
