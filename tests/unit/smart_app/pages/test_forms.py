"""Questionnaires: filled in, partly filled in, wrongly filled in, kept as drafts, corrected."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from sesame_fhir.domain.events import Sex
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.services.snapshot import EarlierScore
from sesame_fhir.storage.session import Session
from tests.support.app_pages import Pages, form_of, record_of
from tests.support.story import GP, START, TRAITS

USUAL = {"psychiatric_follow_up": "no", "masters_french": "yes", "common_mental_disorder": "yes"}
PHQ_2, PHQ_9 = InstrumentId.PHQ_2, InstrumentId.PHQ_9
FULL = {
    PHQ_2: "21",
    PHQ_9: "111111110",
    InstrumentId.GAD_2: "12",
    InstrumentId.GAD_7: "1111111",
    InstrumentId.AUDIT_C: "111",
}


@pytest.mark.parametrize("instrument", list(InstrumentId))
def test_every_instrument_is_filled_in_through_the_same_page(pages: Pages, instrument: InstrumentId) -> None:
    body = pages.get(f"/form/{instrument.value}").text
    for item in INSTRUMENTS[instrument].items:
        for answer in item.answers:
            assert f'name="q-{item.link_id}" value="{answer.code}"' in body
    weights = FULL[instrument]
    assert pages.screen(weights, instrument).startswith("/result/")
    assert pages.pathway is not None
    assert pages.pathway.screenings[-1].total == sum(map(int, weights))


def test_partial_answers_come_back_with_what_is_missing_marked_and_nothing_lost(pages: Pages) -> None:
    given = form_of(PHQ_9, "012301230")
    missing = ["44259-0", "44260-8"]
    answer = pages.post("/form/phq-9", {k: v for k, v in given.items() if k.removeprefix("q-") not in missing})
    path = pages.follow(answer)
    body = pages.get(path).text
    assert body.count("Réponse manquante") == 2
    assert "Il manque 2 réponses." in body
    assert body.index('id="missing"') < body.index('name="q-44259-0"') < body.index('name="q-44254-1"')
    assert body.count(" checked>") == 7
    assert pages.pathway is None
    # Completing what is missing records the whole.
    assert pages.follow(pages.post("/form/phq-9", given)).startswith("/result/")


BAD_ANSWERS = [
    ({"q-44250-9": "LA6571-9", "q-44255-8": "LA9999-9"}, "Réponse absente de la liste proposée."),
    ({"q-44250-9": "LA6571-9", "q-44255-8": "LA6571-9", "q-00000-0": "LA6571-9"}, "Question inconnue"),
    ({"q-44250-9": "'; DROP TABLE", "q-44255-8": "LA6571-9"}, "Réponse absente de la liste proposée."),
    ({"q-44250-9": "LA6571-9", "q-44255-8": "LA6571-9", "q-44259-0": "LA6571-9"}, "Question inconnue"),
]


@pytest.mark.parametrize(("fields", "text"), BAD_ANSWERS)
def test_unknown_answers_are_refused_by_name_and_not_recorded(pages: Pages, fields: dict[str, str], text: str) -> None:
    answer = pages.post("/form/phq-2", fields)
    assert answer.status_code == 422
    assert text in answer.text
    assert "DROP" not in answer.text
    assert pages.pathway is None


@pytest.mark.parametrize("path", ["/form/phq-3", "/form/PHQ-2", "/result/nothing", "/correct/nothing", "/safety/x"])
def test_an_unknown_address_is_a_page_with_a_way_on(pages: Pages, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 404
    assert "Continuer" in answer.text
    assert "FICTIVE" in answer.text


def test_a_draft_survives_a_reload_a_new_launch_and_disappears_once_sent(pages: Pages) -> None:
    half = {"q-44250-9": "LA6570-1"}
    assert pages.post("/form/phq-2/draft", half, pages.hidden("/form/phq-2")).status_code == 204
    for launch in ("launch-one", "launch-two"):
        if launch == "launch-two":
            pages.open_launch(launch, record_of())
            pages.launch_id = launch
        body = pages.get("/form/phq-2").text
        assert 'value="LA6570-1" data-w="2" checked>' in body
        assert "reprises" in body
    pages.screen("22")
    pages.come_back(days=1)
    assert " checked>" not in pages.get("/form/phq-2").text


def test_a_draft_that_arrives_after_the_answers_were_sent_is_dropped(pages: Pages) -> None:
    opened = pages.hidden("/form/phq-2")
    pages.post("/form/phq-2", form_of(PHQ_2, "33"), opened)
    assert pages.post("/form/phq-2/draft", {"q-44250-9": "LA6570-1"}, opened).status_code == 204
    assert " checked>" not in pages.get("/form/phq-2").text


@pytest.mark.parametrize("drafted", [False, True])
def test_answers_are_in_an_event_or_in_a_draft_whatever_fails(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, *, drafted: bool
) -> None:
    opened = pages.hidden("/form/phq-2")
    if drafted:
        pages.post("/form/phq-2/draft", {"q-44250-9": "LA6570-1"}, opened)

    def disk_full(*_given: object) -> bool:
        raise OSError(28, "disk full")

    pages.app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as broken:
        broken.setattr(type(pages.store.pathways), "commit", disk_full)
        assert pages.post("/form/phq-2", form_of(PHQ_2, "33"), opened).status_code == 500
    assert pages.get("/form/phq-2").text.count('value="LA6571-9" data-w="3" checked>') == 2
    assert pages.follow(pages.post("/form/phq-2", form_of(PHQ_2, "33"), opened)).startswith("/result/")
    pages.come_back(days=1)
    assert " checked>" not in pages.get("/form/phq-2").text


def test_a_post_is_one_durable_write(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    posts: list[tuple[str, Mapping[str, str]]] = [
        ("/form/phq-2", form_of(PHQ_2, "33")),
        ("/eligibility", USUAL | {"consent": "given"}),
        ("/referral", {"note": "Préfère le matin"}),
    ]
    database = pages.store._database
    write, writes = database.write, list[object]()

    def counted(job: Callable[[Session], object]) -> object:
        writes.append(job)
        return write(job)

    monkeypatch.setattr(database, "write", counted)
    for path, fields in posts:
        writes.clear()
        pages.follow(pages.post(path, fields))
        assert len(writes) == 1, path


def test_another_author_does_not_see_the_draft(pages: Pages) -> None:
    pages.post("/form/phq-2/draft", {"q-44250-9": "LA6570-1"}, pages.hidden("/form/phq-2"))
    pages.open_launch("launch-two", record_of(author=replace(GP, actor_id="10000000017")))
    pages.launch_id = "launch-two"
    assert " checked>" not in pages.get("/form/phq-2").text


def test_todays_phq_2_answers_are_carried_into_the_phq_9(pages: Pages) -> None:
    pages.screen("31")
    body = pages.get("/form/phq-9").text
    assert body.count(" checked>") == 2
    assert "Réponses déjà données aujourd" in body
    pages.come_back(days=1)
    assert " checked>" not in pages.get("/form/phq-9").text


def test_item_10_is_left_out_when_no_problem_opens_it(pages: Pages) -> None:
    pages.post("/form/phq-9", form_of(PHQ_9, "000000000") | {"q-69722-7": "LA6575-0"})
    assert pages.pathway is not None
    assert "69722-7" not in pages.pathway.screenings[0].answers
    pages.post("/form/phq-9", form_of(PHQ_9, "100000000") | {"q-69722-7": "LA6575-0"})
    assert pages.pathway.screenings[-1].answers["69722-7"] == "LA6575-0"


def test_the_previous_score_is_shown_from_the_record_and_from_sesame(build: Callable[..., Pages]) -> None:
    earlier = EarlierScore(PHQ_2, 5, START - timedelta(days=30))
    pages = build(record=record_of(earlier=(earlier,)))
    assert "5 / 6, le 31 janvier 2026" in pages.get("/form/phq-2").text
    path = pages.screen("11")
    assert "5 / 6, le 31 janvier 2026" in pages.get(path).text
    pages.come_back(days=30)
    assert "2 / 6, le 2 mars 2026" in pages.get("/form/phq-2").text


def test_a_correction_replaces_the_answers_and_never_adds_a_screening(pages: Pages) -> None:
    path = pages.screen("33")
    correct = path.replace("/result/", "/correct/")
    assert pages.get(correct).text.count(" checked>") == 2
    assert pages.follow(pages.post(correct, {"q-44250-9": "LA6568-5"})).startswith(correct)
    assert pages.follow(pages.post(correct, form_of(PHQ_2, "01"))) == path
    assert pages.pathway is not None
    (screening,) = pages.pathway.screenings
    assert (screening.total, screening.amended) == (1, True)
    assert "Dépistage négatif" in pages.get(path).text


def test_a_form_already_filled_today_offers_the_correction(pages: Pages) -> None:
    path = pages.screen("33")
    body = pages.get("/form/phq-2").text
    assert path.replace("/result/", "/correct/") in body
    assert "6 / 6" in body


@pytest.mark.parametrize(
    ("sex", "weights", "label"),
    [
        (Sex.MALE, "111", "Dépistage négatif"),
        (Sex.FEMALE, "111", "Dépistage positif"),
        (Sex.UNKNOWN, "111", "Dépistage positif"),
        (Sex.MALE, "211", "Dépistage positif"),
    ],
)
def test_audit_c_is_read_by_sex(build: Callable[..., Pages], sex: Sex, weights: str, label: str) -> None:
    pages = build(record=record_of(replace(TRAITS, sex=sex)))
    assert label in pages.get(pages.screen(weights, InstrumentId.AUDIT_C)).text


def test_the_score_can_be_followed_without_the_script(pages: Pages) -> None:
    pages.post("/form/phq-9/draft", {"q-44250-9": "LA6571-9", "q-44255-8": "LA6569-3"}, pages.hidden("/form/phq-9"))
    body = pages.get("/form/phq-9").text
    assert "<b>4 / 27</b><span>2 sur 9 réponses</span>" in body
