"""The caseload page: who is listed for whom, in which order, with which words; marks; search; paging."""

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.policy import PathwayPolicy
from smart_app.team.caseload import listing
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import Team, TeamBrowser
from tests.unit.smart_app.team.worlds import a_caseload

World = tuple[Team, dict[str, Case]]
NURSE, PSY, GP = Role.NURSE, Role.PSYCHIATRIST, Role.GP


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For tests that only read."""
    team, cases = a_caseload(tmp_path_factory.mktemp("caseload"))
    yield team, cases
    team.pages.store.close()


def names(text: str) -> list[str]:
    """Family names in the table, from top to bottom."""
    table = text.partition("<tbody>")[2]
    return re.findall(r'class="name"[^>]*>([A-Z0-9-]+) ', table)


def listed(browser: TeamBrowser, query: str = "") -> list[str]:
    answer = browser.get(f"/caseload{query}")
    assert answer.status_code == 200, answer.text
    return names(answer.text)


def row_of(text: str, family: str) -> str:
    """The text of one row, without markup."""
    row = next(r for r in re.findall(r"<tr id=.*?</tr>", text, re.DOTALL) if f">{family} " in r)
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


QUESTIONS = [
    # who, parameters, family names in order
    (NURSE, "", ["CHIMERE", "DUMMY", "ESSAI", "BIDON"]),
    (NURSE, "?when=today", ["CHIMERE", "DUMMY"]),
    (NURSE, "?when=week", ["CHIMERE", "DUMMY"]),
    (NURSE, "?phase=assessment", ["DUMMY"]),
    (NURSE, "?phase=care", ["CHIMERE", "ESSAI"]),
    (NURSE, "?phase=relapse-prevention", ["BIDON"]),
    (NURSE, "?phase=suspended", []),
    (NURSE, "?phase=waiting", ["GABARIT"]),
    (NURSE, "?phase=not-started", ["HYPOTHESE"]),
    (NURSE, "?phase=left", ["FACTICE"]),
    (NURSE, "?flag=worsening", ["CHIMERE"]),
    (NURSE, "?flag=remission", ["BIDON"]),
    (NURSE, "?flag=contact-overdue", ["DUMMY"]),
    (NURSE, "?site=site-bezons", ["CHIMERE"]),
    (NURSE, "?mine=1&phase=care", ["CHIMERE", "ESSAI"]),
    (NURSE, "?discuss=1", ["CHIMERE"]),
    (NURSE, "?sort=name", ["BIDON", "CHIMERE", "DUMMY", "ESSAI"]),
    (NURSE, "?sort=name&desc=1", ["ESSAI", "DUMMY", "CHIMERE", "BIDON"]),
    (NURSE, "?sort=next-contact", ["CHIMERE", "BIDON", "DUMMY", "ESSAI"]),
    (NURSE, "?sort=started", ["BIDON", "CHIMERE", "ESSAI", "DUMMY"]),
    (NURSE, "?sort=sequence-end", ["BIDON", "CHIMERE", "ESSAI", "DUMMY"]),
    (NURSE, "?sort=change&phase=care", ["CHIMERE", "ESSAI"]),
    (NURSE, "?sort=site", ["BIDON", "DUMMY", "ESSAI", "CHIMERE"]),
    # what is unknown, or not the person's, counts as not asked
    (NURSE, "?sort=x&flag=x&when=x&phase=x&cursor=x", ["CHIMERE", "DUMMY", "ESSAI", "BIDON"]),
    (NURSE, "?site=site-elsewhere", ["CHIMERE", "DUMMY", "ESSAI", "BIDON"]),
    # a psychiatrist: marked, or on the care team; a GP: own patients at own sites
    (PSY, "", ["CHIMERE"]),
    (PSY, "?phase=waiting", []),
    (PSY, "?mine=1", ["CHIMERE"]),
    (GP, "", ["DUMMY", "ESSAI", "BIDON"]),
    (GP, "?phase=not-started", []),
    (GP, "?site=site-bezons", ["DUMMY", "ESSAI", "BIDON"]),
]


@pytest.mark.parametrize(("role", "query", "expected"), QUESTIONS)
def test_who_is_listed_for_whom_and_in_which_order(world: World, role: Role, query: str, expected: list[str]) -> None:
    assert listed(world[0].browser(role), query) == expected


def test_what_a_row_says(world: World) -> None:
    text = world[0].browser(NURSE).get("/caseload").text
    worse = row_of(text, "CHIMERE")
    assert "Aggravation PHQ-9 remonté de 18 (le meilleur) à 24" in worse
    assert "18 → 24 ↑ en hausse de 6" in worse
    assert "Prise en charge semaine 4" in worse
    assert "mer. 25/03" in worse
    assert "1 fin le lun. 01/06" in worse
    assert "Maison de santé fictive de Bezons" in worse
    assert "en retard de 6 jours" in row_of(text, "DUMMY")
    assert "18 → 1 ↓ en baisse de 17" in row_of(text, "BIDON")
    assert "Rémission PHQ-9 à 1, 18 au début." in row_of(text, "BIDON")


def test_referrals_wait_on_top_and_what_became_of_them_is_counted(world: World) -> None:
    text = " ".join(re.sub(r"<[^>]+>", "", world[0].browser(NURSE).get("/caseload").text).split())
    assert "1 adressage en attente" in text
    assert text.index("GABARIT") < text.index("CHIMERE")
    assert "Adressés : 7 · suivis : 5 · en attente : 1 · sans suite : 1" in text
    ended = world[0].browser(NURSE).get("/caseload?phase=not-started").text
    assert "Refus du patient" in ended
    assert "GABARIT" not in ended.partition('class="waiting"')[2].partition("</section>")[0]


def test_without_interpretation_only_raw_values_are_shown_and_item_9(build: Callable[..., Team]) -> None:
    team = build(policy=PathwayPolicy(interpretation=False))
    case = followed_case(team, 1).later(days=14).hold("333333330").screen("000000001")
    text = team.browser(NURSE).get("/caseload").text
    assert "18 → 1" in row_of(text, "BIDON")
    assert "Item 9 du PHQ-9 : à prendre en compte" in row_of(text, "BIDON")
    for word in ("Aggravation", "Réponse", "hausse", "baisse", "Règles des alertes", 'name="flag"'):
        assert word not in text, word
    case.acknowledge()
    assert "Item 9" not in team.browser(NURSE).get("/caseload").text


def test_an_open_item_9_is_said_on_top_whatever_the_state(team: Team) -> None:
    browser = team.browser(NURSE)
    cases = [make(team, number) for number, make in enumerate((followed_case, referred_case, followed_case))]
    assert "question 9 du PHQ-9 à prendre en compte" not in browser.get("/caseload").text
    for case in cases[:2]:
        case.screen("333333331")
    text = browser.get("/caseload").text
    assert "2 patients : question 9 du PHQ-9 à prendre en compte." in text
    assert text.index("question 9 du PHQ-9") < text.index('class="waiting"')
    assert 'href="/app/team/caseload?flag=suicide-risk"' in text
    assert sorted(listed(browser, "?flag=suicide-risk")) == sorted(
        c.pathway.traits.family for c in cases[:2] if c.pathway.traits
    )
    cases[0].acknowledge()
    assert "1 patient : question 9 du PHQ-9 à prendre en compte." in browser.get("/caseload").text


def test_the_oldest_five_referrals_stand_on_top_with_a_link_to_all(team: Team) -> None:
    for number in range(5):
        referred_case(team, number)
    browser = team.browser(NURSE)
    assert "Voir tous les adressages" not in browser.get("/caseload").text
    referred_case(team, 5)
    text = browser.get("/caseload").text
    assert "6 adressages en attente" in text
    assert text.count('<li id="p-') == 5
    assert "phase=waiting" in re.search(r'href="([^"]+)"[^>]*>Voir tous les adressages', text)[1]  # type: ignore[index]


def test_a_day_without_work_says_so_unless_a_referral_waits(team: Team) -> None:
    browser, nothing = team.browser(NURSE), "Personne n'attend rien de vous aujourd'hui."
    empty = browser.get("/caseload").text
    assert nothing in empty
    assert "Aucun patient dans cette liste." in empty
    referred_case(team, 1)
    assert nothing not in browser.get("/caseload").text


def test_paging_by_key_shows_everybody_once(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8, 13):
        followed_case(team, number)
    monkeypatch.setattr(listing, "PAGE_ROWS", 2)
    browser, query, pages = team.browser(NURSE), "?sort=name", list[list[str]]()
    while query:
        text = browser.get(f"/caseload{query}").text
        pages.append(names(text))
        link = re.search(r'rel="next" href="/app/team/caseload(\?[^"]+)"', text)
        query = unescape(link[1]) if link else ""
    assert pages == [["ARTIFICIEL-1", "BIDON-1"], ["CHIMERE-1", "IMAGINE"], ["JOUET"]]


def test_a_mark_is_put_on_and_taken_off_where_one_is(team: Team) -> None:
    case, _ = followed_case(team, 4), followed_case(team, 5)
    browser, back = team.browser(NURSE), "/caseload?phase=care&sort=name"
    mark, unmark = f"/p/{case.pathway_id}/mark", f"/p/{case.pathway_id}/unmark"
    form = {name: unescape(value) for name, value in browser.hidden(back, mark).items()}
    assert browser.follow(browser.post(mark, {}, form)) == f"{back}#p-{case.pathway_id}"
    assert case.pathway.discussion is not None
    assert listed(browser, "?discuss=1") == ["ESSAI"]
    browser.follow(browser.post(unmark, {}, browser.hidden("/caseload", unmark)))
    assert listed(browser, "?discuss=1") == []


def test_a_mark_does_not_mind_what_a_colleague_did_meanwhile(team: Team) -> None:
    browser, case = team.browser(NURSE), followed_case(team, 4)
    mark = f"/p/{case.pathway_id}/mark"
    form = browser.hidden("/caseload", mark)
    case.schedule()
    assert browser.post(mark, {}, form).status_code == 303


def test_the_address_that_a_mark_leads_back_to_is_made_by_us(team: Team) -> None:
    browser, case = team.browser(NURSE), followed_case(team, 4)
    mark = f"/p/{case.pathway_id}/mark"
    form = browser.hidden("/caseload", mark) | {"back": "next=//evil.invalid&sort=x&phase=care"}
    assert browser.follow(browser.post(mark, {}, form)) == f"/caseload?phase=care#p-{case.pathway_id}"


def test_a_gp_may_mark_and_not_unmark(team: Team) -> None:
    plain, marked = followed_case(team, 1), followed_case(team, 2).mark()
    text = team.browser(GP).get("/caseload").text
    assert f"/p/{plain.pathway_id}/mark" in text
    assert f"/p/{marked.pathway_id}/unmark" not in text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bid", ["BIDON"]),
        ("BIDON", ["BIDON"]),
        ("hypo", ["HYPOTHESE"]),
        ("zzz", []),
        ("%", []),
        ("'; --", []),
        ("", []),
    ],
)
def test_a_name_is_searched_for_wherever_the_patient_stands(world: World, typed: str, expected: list[str]) -> None:
    browser = world[0].browser(NURSE)
    answer = browser.post("/caseload", {"name": typed})
    assert answer.status_code == 200
    assert names(answer.text) == expected


def test_a_name_never_stands_in_an_address(world: World) -> None:
    text = world[0].browser(NURSE).get("/caseload").text
    assert 'method="post" action="/app/team/caseload"' in text
    assert re.search(r'<form method="get"[^>]*>.*?name="name"', text, re.DOTALL) is None


def test_the_printed_list_has_no_controls(world: World) -> None:
    text = world[0].browser(NURSE).get("/caseload?print=1").text
    assert names(text) == ["CHIMERE", "DUMMY", "ESSAI", "BIDON"]
    assert "<select" not in text
    assert "<button" not in text.partition("<main")[2]
