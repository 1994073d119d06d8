"""The administrator's pages: an account made, enrolled, changed and closed; what is wrong is said, all of it."""

import re
from dataclasses import replace

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.accounts import AccountProblem
from smart_app.team import accounts
from smart_app.team.texts import ACCOUNT_PROBLEMS
from tests.support.story import SITE
from tests.support.team_pages import MEMBERS, OTHER_SITE, Team, TeamBrowser

NEW = {
    "login": "Lea.Fictive",
    "name": " Léa   Fictive ",
    "role": "nurse",
    "site": [SITE, OTHER_SITE],
    "rpps": "99900000037",
}
NURSE = MEMBERS[Role.NURSE]


@pytest.fixture
def admin(team: Team) -> TeamBrowser:
    return team.browser(Role.ADMINISTRATOR)


def test_a_new_account_and_its_link(team: Team, admin: TeamBrowser) -> None:
    made = admin.post("/accounts/new", NEW)
    assert made.status_code == 200
    member = team.deps.staff.by_login("lea.fictive")
    assert member is not None
    assert (member.name, member.role, member.sites) == ("Léa Fictive", Role.NURSE, (SITE, OTHER_SITE))
    link = re.search(r"http://localhost(/app/team/enrol/\S+)</textarea>", made.text)
    assert link is not None, made.text
    page = team.pages.app.test_client().get(link[1])
    assert (page.status_code, "Bienvenue, Léa Fictive" in page.text) == (200, True)
    listed = admin.get("/accounts").text
    assert "Léa Fictive" in listed
    assert "Maison de santé fictive de Bezons" in listed
    traced = [e.detail for e in team.deps.audit.entries(9) if e.action == "change-accounts" and "staff_id" in e.extra]
    assert traced == ["link", "create"]


def test_a_long_list_comes_page_by_page(team: Team, admin: TeamBrowser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "PAGE", 4)
    seen: list[str] = []
    path: str | None = "/accounts"
    while path is not None:
        text = admin.get(path).text
        seen += re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', text)
        found = re.search(r'href="/app/team(/accounts\?after=[^"]+)"', text)
        path = found[1] if found else None
    assert seen == sorted(member.login for member in team.deps.staff.all())


WRONG = [
    ({"login": "x"}, AccountProblem.LOGIN_INVALID),
    ({"login": "léa fictive"}, AccountProblem.LOGIN_INVALID),
    ({"login": "nurse"}, AccountProblem.LOGIN_TAKEN),
    ({"name": " "}, AccountProblem.NAME_MISSING),
    ({"name": "x" * 101}, AccountProblem.NAME_MISSING),
    ({"role": "patient"}, AccountProblem.ROLE_UNKNOWN),
    ({"role": ""}, AccountProblem.ROLE_UNKNOWN),
    ({"site": ["nowhere"]}, AccountProblem.SITE_UNKNOWN),
    ({"site": []}, AccountProblem.SITE_MISSING),
    ({"rpps": "99900000038"}, AccountProblem.RPPS_INVALID),
]


@pytest.mark.parametrize(("wrong", "problem"), WRONG, ids=str)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    team: Team, admin: TeamBrowser, wrong: dict[str, object], problem: AccountProblem
) -> None:
    before = team.deps.staff.all()
    answer = admin.post("/accounts/new", NEW | wrong)
    assert answer.status_code == 422
    assert ACCOUNT_PROBLEMS[problem] in answer.text
    assert str(wrong.get("name", "Fictive")) in answer.text
    assert team.deps.staff.all() == before


def test_every_problem_at_once(admin: TeamBrowser) -> None:
    answer = admin.post("/accounts/new", {"login": "", "name": "", "role": "", "rpps": "1"})
    found = {problem for problem, text in ACCOUNT_PROBLEMS.items() if text in answer.text}
    assert found == set(AccountProblem) - {
        AccountProblem.LOGIN_TAKEN,
        AccountProblem.SITE_UNKNOWN,
        AccountProblem.OWN_ACCOUNT,
        AccountProblem.OWN_ROLE,
    }


def test_an_account_is_changed(team: Team, admin: TeamBrowser) -> None:
    path = f"/accounts/{NURSE.staff_id}"
    changed = {"login": "noe", "name": NURSE.name, "role": "coordinator", "site": [OTHER_SITE], "external": "i|1 i|2"}
    assert admin.follow(admin.post(path, changed)) == "/accounts"
    expected = replace(
        NURSE, login="noe", role=Role.COORDINATOR, sites=(OTHER_SITE,), rpps=None, external=("i|1", "i|2")
    )
    assert team.deps.staff.by_id(NURSE.staff_id) == expected
    assert 'value="i|1 i|2"' in admin.get(path).text


def test_an_account_is_closed_and_opened_again(team: Team, admin: TeamBrowser) -> None:
    nurse, path = team.browser(Role.NURSE), f"/accounts/{NURSE.staff_id}"
    opened = admin.hidden(path, f"{path}/state")
    assert admin.follow(admin.post(f"{path}/state", {"active": "no"}, opened)) == "/accounts"
    assert nurse.get("/").headers["Location"].startswith("/app/team/sign-in")
    assert "Ce compte est désactivé" in admin.get(path).text
    assert admin.post(f"{path}/link", {}, opened).status_code == 404, "nobody enrols in a closed account"
    assert admin.post(f"{path}/state", {"active": "yes"}, admin.hidden(path, f"{path}/state")).status_code == 303
    assert admin.post(f"{path}/link", {}, opened).status_code == 200


def test_somebody_is_left_to_open_accounts(team: Team, admin: TeamBrowser) -> None:
    own = f"/accounts/{MEMBERS[Role.ADMINISTRATOR].staff_id}"
    assert "Désactiver" not in admin.get(own).text
    answer = admin.post(f"{own}/state", {"active": "no"}, admin.hidden(own))
    assert (answer.status_code, ACCOUNT_PROBLEMS[AccountProblem.OWN_ACCOUNT] in answer.text) == (422, True)
    answer = admin.post(own, {"login": "admin", "name": "Ada Fictive", "role": "nurse", "site": [SITE]})
    assert (answer.status_code, ACCOUNT_PROBLEMS[AccountProblem.OWN_ROLE] in answer.text) == (422, True)
    assert team.deps.staff.by_id("staff-admin") == MEMBERS[Role.ADMINISTRATOR]
    assert admin.post(own, {"login": "admin", "name": "Ada Fictive", "role": "administrator"}).status_code == 303


def test_a_form_for_one_account_changes_no_other(admin: TeamBrowser) -> None:
    opened = admin.hidden(f"/accounts/{NURSE.staff_id}")
    assert admin.post("/accounts/staff-gp", {"login": "gp", "name": "x"}, opened).status_code == 403
    assert admin.post("/accounts/new", NEW, opened).status_code == 403


@pytest.mark.parametrize("path", ["/accounts/unknown"])
def test_an_account_that_does_not_exist(admin: TeamBrowser, path: str) -> None:
    assert admin.get(path).status_code == 404
