"""Messages on the team's side: who reads what, receipts, several people at once."""

import pytest

from sesame_fhir.domain.actors import Role
from tests.support.team_cases import Case, acting, followed_case
from tests.support.team_pages import Team, TeamBrowser

SENT = "Je propose un appel jeudi."


@pytest.fixture
def case(team: Team) -> Case:
    return followed_case(team).join()


def path_of(case: Case) -> str:
    return f"/p/{case.pathway_id}/messages"


def send(browser: TeamBrowser, case: Case, **fields: str) -> None:
    opened = browser.hidden(path_of(case), path_of(case))
    assert browser.follow(browser.post(path_of(case), fields, opened)) == path_of(case)


def read(browser: TeamBrowser, case: Case) -> None:
    """Press « marquer comme lu » as the page offers it."""
    body = browser.get(path_of(case)).text
    seen = body.split('name="seen" value="')[1].split('"')[0]
    opened = browser.hidden(path_of(case), f"{path_of(case)}/read")
    assert browser.follow(browser.post(f"{path_of(case)}/read", {"seen": seen}, opened)) == path_of(case)


def unread(team: Team, case: Case) -> tuple[int, int, int]:
    row = team.pages.store.pathways.caseload_row(case.pathway_id)
    assert row is not None
    return row.unread_gp, row.unread_nurse, row.unread_psychiatrist


def test_a_conversation_of_three_with_its_receipts(team: Team, case: Case) -> None:
    nurse, psychiatrist, gp = (team.browser(role) for role in (Role.NURSE, Role.PSYCHIATRIST, Role.GP))
    send(nurse, case, text=SENT, to="all")
    assert unread(team, case) == (1, 0, 1)
    for browser in (psychiatrist, gp):
        body = browser.get(path_of(case)).text
        assert SENT in body
        assert "non lu" in body
    assert unread(team, case) == (1, 0, 1), "opening the page reads nothing"
    read(gp, case)
    assert unread(team, case) == (0, 0, 1)
    assert f"Lu par {acting(Role.GP).name} le 2 mars 2026" in nurse.get(path_of(case)).text
    send(psychiatrist, case, text="D'accord", to="nurse")
    assert unread(team, case) == (0, 1, 1)
    assert "Marquer le message comme lu" in nurse.get(path_of(case)).text
    assert "accord</p>" in psychiatrist.get(path_of(case)).text, "one's own"
    for page in (path_of(case), f"/p/{case.pathway_id}"):
        assert "accord</" not in gp.get(page).text, "it is addressed to the nurse"
    assert team.pages.delivered[-1] == case.pathway_id


@pytest.mark.parametrize(
    "fields",
    [{"text": "", "to": "all"}, {"text": " \r\n ", "to": "nurse"}, {"text": SENT, "to": "patient"},
     {"text": SENT, "to": "coordinator"}, {"text": "x" * 2001, "to": "all"}, {}],
    ids=lambda f: str(f)[:40],
)  # fmt: skip
def test_a_bad_message_comes_back_filled_in(team: Team, case: Case, fields: dict[str, str]) -> None:
    nurse = team.browser(Role.NURSE)
    answer = nurse.post(path_of(case), fields, nurse.hidden(path_of(case), path_of(case)))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert fields.get("text", "").strip() in answer.text
    assert case.pathway.messages == ()


def test_two_nurses_mark_and_write_at_once_and_nothing_is_lost(team: Team, case: Case) -> None:
    case.write("Du médecin")
    nurse = team.browser(Role.NURSE)
    write = nurse.hidden(path_of(case), path_of(case))
    mark = nurse.hidden(path_of(case), f"{path_of(case)}/read")
    case.write("Encore du médecin").mark()
    first = case.pathway.messages[0].message_id
    assert nurse.follow(nurse.post(f"{path_of(case)}/read", {"seen": first}, mark)) == path_of(case)
    assert nurse.follow(nurse.post(path_of(case), {"text": SENT, "to": "gp"}, write)) == path_of(case)
    reader = acting(Role.NURSE).actor_id
    assert [reader in m.read for m in case.pathway.messages] == [True, False, False]
    assert nurse.follow(nurse.post(f"{path_of(case)}/read", {"seen": first}, mark)) == path_of(case)
    kinds = [event.kind for event in team.pages.store.pathways.history(case.pathway_id)]
    assert kinds.count("MessageRead") == 1


def test_a_message_and_a_contact_at_once(team: Team, case: Case) -> None:
    """The form comes back with what changed, the message still in it; sent again, it goes."""
    nurse = team.browser(Role.NURSE)
    opened = nurse.hidden(path_of(case), path_of(case))
    case.hold()
    late = nurse.post(path_of(case), {"text": SENT, "to": "all"}, opened)
    assert late.status_code == 409
    assert SENT in late.text
    assert "contact de suivi" in late.text
    send(nurse, case, text=SENT, to="all")
    assert len(case.pathway.messages) == 1


def test_what_is_typed_survives(team: Team, case: Case) -> None:
    nurse = team.browser(Role.NURSE)
    opened = nurse.hidden(path_of(case), path_of(case))
    assert nurse.post(f"{path_of(case)}/draft", {"text": "À demi", "to": "gp"}, opened).status_code == 204
    assert ">À demi</textarea>" in nurse.get(path_of(case)).text
    team.pages.clock.move(minutes=31)
    late = nurse.post(path_of(case), {"text": SENT, "to": "gp"}, opened)
    assert late.headers["Location"].endswith("kept=1")
    assert f">{SENT}</textarea>" in team.browser(Role.NURSE).get(path_of(case)).text


@pytest.mark.parametrize("role", [Role.SITE_REFERENT, Role.FRONT_DESK, Role.COORDINATOR, Role.ADMINISTRATOR])
def test_who_gives_no_care_reads_no_message(team: Team, case: Case, role: Role) -> None:
    case.write(SENT)
    answer = team.browser(role).get(path_of(case))
    assert answer.status_code == 403
    assert SENT not in answer.text


def test_a_command_that_finds_nothing_left_to_do_changes_nothing(team: Team, case: Case) -> None:
    """Two tabs say « lu » at once: what the second one looked at is done when its turn comes."""
    before = case.pathway
    after = team.deps.engine.run(case.pathway_id, case.command(Role.NURSE), "read-message", lambda _pathway: ())
    assert after == before == case.pathway
