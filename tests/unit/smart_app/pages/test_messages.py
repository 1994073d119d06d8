"""Messages from the record: sent once, read when somebody says so, never lost; the list of a GP's own patients."""

import pytest

from sesame_fhir.domain.actors import Actor, Role
from smart_app.pages import mine
from tests.support.app_pages import Pages, record_of
from tests.support.story import GP, NURSE
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import OTHER_SITE, Team

SENT = "Peut-on avancer le rendez-vous ?"


@pytest.fixture
def case(pages: Pages) -> Case:
    return followed_case(Team(pages))


def read_ids(case: Case, who: Actor) -> list[bool]:
    return [who.actor_id in message.read for message in case.pathway.messages]


def test_a_message_to_the_nurse_is_sent_once_and_shown_unread(pages: Pages, case: Case) -> None:
    opened = pages.hidden("/messages")
    for _ in range(2):
        assert pages.follow(pages.post("/messages", {"text": SENT, "to": "nurse"}, opened)) == "/messages"
    assert [(m.text, m.to, m.by.name) for m in case.pathway.messages] == [(SENT, Role.NURSE, GP.name)]
    body = pages.get("/messages").text
    for text in (SENT, "Pas encore lu", "Infirmière"):
        assert text in body
    assert "Marquer" not in body, "nobody reads their own message"
    row = pages.store.pathways.caseload_row(case.pathway_id)
    assert row is not None
    assert (row.unread_gp, row.unread_nurse, row.unread_psychiatrist) == (0, 1, 0)


BAD_MESSAGES: list[dict[str, str]] = [
    {"text": "", "to": "nurse"},
    {"text": "   \n ", "to": "nurse"},
    {"text": SENT, "to": "patient"},
    {"text": SENT, "to": "administrator"},
    {"text": SENT, "to": "<b>"},
    {"text": "y" * 1999 + " z", "to": "nurse"},
    {},
]


@pytest.mark.parametrize("fields", BAD_MESSAGES, ids=lambda f: str(f)[:40])
def test_a_message_that_says_nothing_or_goes_nowhere_is_refused_and_kept(
    pages: Pages, case: Case, fields: dict[str, str]
) -> None:
    assert pages.post("/messages", fields).status_code == 422
    assert case.pathway.messages == ()
    assert f">{fields.get('text', '').strip()}</textarea>" in pages.get("/messages").text.replace("   \n ", "")


def test_a_form_that_this_launch_did_not_make_is_refused(pages: Pages, case: Case) -> None:
    opened = pages.hidden("/messages")
    assert pages.post("/messages", {"text": SENT}, opened | {"csrf": "AQID"}).status_code == 403
    assert pages.post("/messages", {"text": SENT}, opened | {"patient": "Patient/p2"}).status_code == 409
    assert case.pathway.messages == ()


def test_what_is_typed_survives_a_reload_and_the_end_of_the_launch(pages: Pages, case: Case) -> None:
    opened = pages.hidden("/messages")
    assert pages.post("/messages/draft", {"text": "Le patient"}, opened).status_code == 204
    assert ">Le patient</textarea>" in pages.get("/messages").text
    pages.clock.move(hours=3)
    late = pages.post("/messages", {"text": SENT}, opened)
    assert late.status_code == 403 or "gard" in late.text
    pages.come_back(minutes=1)
    assert f">{SENT}</textarea>" in pages.get("/messages").text
    assert case.pathway.messages == ()


def test_opening_the_page_reads_nothing_saying_so_does(pages: Pages, case: Case) -> None:
    case.write("Je l'appelle demain.", Role.NURSE)
    for path in ("/pathway", "/messages"):
        assert "Je l&#39;appelle demain." in pages.get(path).text
    assert read_ids(case, GP) == [False]
    opened = pages.hidden("/messages")
    seen = {"seen": case.pathway.messages[0].message_id}
    for _ in range(2):
        assert pages.follow(pages.post("/messages/read", seen, opened)) == "/messages"
    assert read_ids(case, GP) == [True]
    body = pages.get("/messages").text
    assert f"Lu par {GP.name} le 2 mars 2026 à 10 h 00" in body
    assert "non lu" not in body.replace("Pas encore lu", "")


def test_a_message_that_came_after_the_page_was_opened_is_not_read(pages: Pages, case: Case) -> None:
    case.write("Premier", Role.NURSE)
    opened = pages.hidden("/messages")
    seen = {"seen": case.pathway.messages[0].message_id}
    case.write("Second, pas encore à l'écran", Role.NURSE)
    assert pages.follow(pages.post("/messages/read", seen, opened)) == "/messages"
    assert read_ids(case, GP) == [True, False]
    assert "Second, pas encore" in pages.get("/pathway").text


@pytest.mark.parametrize("seen", ["", "unknown", "' OR 1=1", "a b c"])
def test_reading_what_is_not_there_is_nothing(pages: Pages, case: Case, seen: str) -> None:
    case.write("Bonjour", Role.NURSE)
    before = case.pathway.version
    assert pages.follow(pages.post("/messages/read", {"seen": seen}, pages.hidden("/messages"))) == "/messages"
    assert case.pathway.version == before


def test_two_people_who_write_at_once_are_not_in_conflict(pages: Pages, case: Case) -> None:
    opened = pages.hidden("/messages")
    case.write("En même temps", Role.NURSE)
    case.mark()
    assert pages.follow(pages.post("/messages", {"text": SENT, "to": "all"}, opened)) == "/messages"
    assert [m.text for m in case.pathway.messages] == ["En même temps", SENT]


def test_a_contact_noted_meanwhile_is_told_and_the_message_is_kept(pages: Pages, case: Case) -> None:
    opened = pages.hidden("/messages")
    case.hold()
    late = pages.post("/messages", {"text": SENT, "to": "nurse"}, opened)
    assert late.status_code == 409
    assert "contact de suivi" in late.text
    assert f">{SENT}</textarea>" in pages.get("/messages").text


def test_own_patients_are_listed_and_lead_nowhere(pages: Pages) -> None:
    team = Team(pages)
    followed_case(team, 0).join().advise().write("Bonjour", Role.NURSE)
    referred_case(team, 1)
    followed_case(team, 2, OTHER_SITE)
    followed_case(team, 3).leave()
    body = pages.get("/mine").text
    listed = body[body.index('<ul class="mine">') : body.index("</ul>", body.index('<ul class="mine">'))]
    for text in ("FICTIVE Jeanne", "BIDON", "1 recommandation à décider", "1 message non lu", NURSE.name, "adressé"):
        assert text in listed
    assert "DUMMY" not in listed, "who has left is not followed any more"
    assert "<a " not in listed


def test_somebody_elses_patients_are_not_listed(pages: Pages) -> None:
    followed_case(Team(pages))
    other = Actor("ehr-test|Practitioner/gp2", Role.GP, "Dr Solène Fictive")
    pages.open_launch("launch-two", record_of(author=other))
    pages.launch_id = "launch-two"
    body = pages.get("/mine").text
    assert "Aucun patient suivi" in body
    assert NURSE.name not in body


def test_the_list_goes_on_page_by_page_and_an_invented_page_is_not_found(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mine, "_PER_PAGE", 2)
    team = Team(pages)
    for number in range(5):
        referred_case(team, number)
    found: list[str] = []
    path = "/mine"
    for _ in range(3):
        body = pages.get(path).text
        found += [line for line in body.splitlines() if line.startswith("<p><strong>") and line.endswith("<br>")]
        if 'rel="next"' not in body:
            break
        path = "/mine?" + body.split('rel="next" href="')[1].split('"')[0].partition("?")[2].replace("&amp;", "&")
    assert len(found) == len(set(found)) == 5
    for invented in ("x", "'; DROP TABLE", "é" * 500):
        assert pages.get("/mine", query_string={"cursor": invented}).status_code == 404
