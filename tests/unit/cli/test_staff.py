"""``sesame staff``: an account, its link, and what is said when it cannot be."""

import re

import pytest

from sesame_fhir.cli.staff import PROBLEMS
from sesame_fhir.domain.actors import Role
from sesame_fhir.server.system import SystemClock
from sesame_fhir.services.accounts import AccountProblem
from sesame_fhir.services.enrolment import link_hash
from tests.unit.cli.conftest import Cli

LEA = ("staff", "add", "Lea", "--name", "Léa Fictive", "--role", "nurse", "--site", "site-1")


def token_in(output: str) -> str:
    found = re.search(r"http://localhost:8000/app/team/enrol/(\S+)", output)
    assert found is not None, output
    return found[1]


def test_an_account_and_its_link(sesame: Cli) -> None:
    output = sesame.ok(*LEA, "--rpps", "99900000037", "--external", "https://op|1")
    with sesame.store() as store:
        member = store.staff.by_login("lea")
        assert member is not None
        assert (member.name, member.role, member.sites) == ("Léa Fictive", Role.NURSE, ("site-1",))
        assert store.staff.by_external("https://op|1") == member
        link = store.staff_access.links.find(link_hash(token_in(output)), SystemClock().now())
        assert link is not None
        assert link.staff_id == member.staff_id


def test_a_new_link_ends_the_first(sesame: Cli) -> None:
    first = token_in(sesame.ok(*LEA))
    second = token_in(sesame.ok("staff", "link", "lea"))
    with sesame.store() as store:
        found = [store.staff_access.links.find(link_hash(t), SystemClock().now()) is not None for t in (first, second)]
    assert found == [False, True]


def test_who_is_there(sesame: Cli) -> None:
    assert "no account" in sesame.ok("staff", "list")
    sesame.ok(*LEA)
    assert "lea  nurse  active  sites=site-1  Léa Fictive" in sesame.ok("staff", "list")
    sesame.ok("staff", "deactivate", "LEA")
    assert "lea  nurse  deactivated" in sesame.ok("staff", "list")
    assert "deactivated" in sesame.refused("staff", "link", "lea")


WRONG = [
    ({"Lea": "L"}, "LOGIN: 2 to 64"),
    ({"Léa Fictive": ""}, "--name"),
    ({"site-1": "nowhere"}, "--site: not a site"),
    ({"nurse": "administrator", "site-1": "nowhere", "Lea": "é"}, "LOGIN: 2 to 64 of a-z, 0-9, dot, hyphen"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG, ids=str)
def test_what_is_wrong_is_said(sesame: Cli, changes: dict[str, str], said: str) -> None:
    assert said in sesame.refused(*(changes.get(one, one) for one in LEA))


def test_what_is_taken_or_missing_is_said(sesame: Cli) -> None:
    sesame.ok(*LEA)
    assert "another account" in sesame.refused(*LEA)
    assert "--site: every role" in sesame.refused(*LEA[:2], "zoe", *LEA[3:-2])
    assert "--rpps" in sesame.refused(*LEA, "--rpps", "1")
    assert "no such account" in sesame.refused("staff", "link", "nobody")
    assert "no such account" in sesame.refused("staff", "deactivate", "nobody")


def test_every_problem_has_its_line() -> None:
    assert set(PROBLEMS) == set(AccountProblem)
