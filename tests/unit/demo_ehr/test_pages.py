"""The demo EHR's pages: what is shown, and that nothing of a name becomes markup."""

import re
from datetime import timedelta

import pytest

from sesame_fhir.fhir.json_types import Json
from smart_app.demo_ehr.seed.staff import STAFF
from tests.unit.demo_ehr.stage import BASE, COOKIE, OURS, Stage

PATIENT = {"reference": "Patient/patient-01"}
HOSTILE = "<script>alert(1)</script>\"'&"


def page(stage: Stage, path: str, staff: str = "gp-1") -> str:
    answer = stage.client(staff).get(path, base_url=BASE)
    assert answer.status_code == 200
    return answer.text


def test_the_list_has_the_thirty_consultations_in_order_of_time() -> None:
    text = page(Stage(), "/")
    times = re.findall(r'class="time">(\d+) h (\d+)<', text)
    assert len(times) == 30
    assert times == sorted(times, key=lambda pair: (int(pair[0]), pair[1]))
    assert len(re.findall(r'class="tab"><a href="[^"]+" target="_blank" rel="noopener"', text)) == 30
    assert 'href="http://localhost:8000/app/team/"' in text


def test_the_list_keeps_the_last_day_when_today_has_none() -> None:
    stage = Stage()
    stage.clock.move(days=3)
    assert len(re.findall(r'class="time"', page(stage, "/"))) == 30


def test_a_consultation_planned_later_is_not_today_s() -> None:
    stage = Stage()
    period = {"start": "2027-01-04T09:00:00+01:00"}
    later: Json = {
        "resourceType": "Encounter",
        "id": "later",
        "status": "planned",
        "subject": PATIENT,
        "period": period,
    }
    stage.receive(later, 0)
    assert len(re.findall(r'class="time"', page(stage, "/"))) == 30
    assert "23/11/2026 à 8 h 30" in page(stage, "/patients/patient-01")


@pytest.mark.parametrize(
    "partial",
    [{}, {"subject": PATIENT}, {"period": {"start": "2026-11-23"}}, {"subject": {"display": "?"}, "period": {}}],
)
def test_an_encounter_that_says_too_little_breaks_nothing(partial: Json) -> None:
    stage = Stage()
    stage.receive({"resourceType": "Encounter", "id": "partial", "status": "planned", **partial}, 0)
    assert len(re.findall(r'class="time"', page(stage, "/"))) == 30


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("zephyrin", ["patient-21"]),
        ("elodie TOURNEMER", ["patient-19"]),
        ("12/03/1984", ["patient-01"]),
        ("l'hermine", ["patient-26"]),
        ("ecumelle", ["patient-05"]),
        ("personne", []),
    ],
)
def test_search_ignores_case_and_accents(query: str, expected: list[str]) -> None:
    stage = Stage()
    client = stage.client("gp-1")
    answer = client.post("/", data={"q": query, "token": stage.token()}, base_url=BASE, headers=OURS)
    assert re.findall(r'<th scope="row"><a href="/patients/([^"]+)"', answer.text) == expected


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("patient-01", ("AUBEPINE Jeanne", "42 ans", "2 84 03 95 018 901 71", "PHQ-2, score total", "Fatigue")),
        ("patient-05", ("VAGUE Simone", "née ECUMELLE", "Metformine 1 000 mg", "Diabète de type 2")),
        ("patient-07", ("Suivi psychiatrique : Dr Paul EXEMPLAIRE", "Venlafaxine", "<strong>13</strong>")),
        ("patient-10", ("Pas d’INS", "Aucun problème noté", "Aucun traitement en cours")),
    ],
)
def test_the_record_view_shows_what_the_record_knows(patient: str, expected: tuple[str, ...]) -> None:
    text = page(Stage(), f"/patients/{patient}")
    assert [part for part in expected if part not in text] == []
    assert "<iframe" not in text


@pytest.mark.parametrize("path", ["/patients/nobody", "/patients/nobody/received", "/patients/%3Cscript%3E"])
def test_unknown_patients_get_a_french_page(path: str) -> None:
    answer = Stage().client("gp-1").get(path, base_url=BASE)
    assert answer.status_code == 404
    assert "Page inconnue" in answer.text
    assert "script>" not in answer.text


def test_received_resources_come_newest_first_without_the_record_s_own() -> None:
    stage = Stage()
    assert "Rien n’est encore arrivé" in page(stage, "/patients/patient-01/received")
    stage.receive(ANSWERS, 1)
    stage.receive(SCORE, 2)
    stage.receive({**SCORE, "status": "amended"}, 3)
    stage.receive({**SCORE, "id": "other", "subject": {"reference": "Patient/patient-02"}}, 4)
    text = page(stage, "/patients/patient-01/received")
    assert re.findall(r'class="type">(\w+)<', text) == ["Observation", "QuestionnaireResponse"]
    assert "PHQ-2, score total : 5 (Dépistage positif)" in text
    assert "statut : modifié · version 2" in text
    assert "PHQ-2, 2 réponses" in text
    assert "(2)" in page(stage, "/patients/patient-01")


def test_the_fingerprint_moves_with_each_arrival() -> None:
    stage = Stage()
    seen = set()
    for minutes in range(3):
        seen.add(re.findall(r'data-version="([^"]+)"', page(stage, "/patients/patient-01/received"))[0])
        stage.receive(SCORE, minutes)
    assert len(seen) == 3


def test_long_contents_are_cut_in_the_json() -> None:
    stage = Stage()
    attachment = {"contentType": "application/pdf", "title": "Synthèse", "data": "QUJD" * 2000}
    stage.receive(
        {
            "resourceType": "DocumentReference",
            "id": "doc",
            "status": "current",
            "subject": PATIENT,
            "content": [{"attachment": attachment}],
        },
        1,
    )
    text = page(stage, "/patients/patient-01/received")
    assert "(8000 caractères)" in text
    assert len(text) < 8000
    assert "<p>Synthèse</p>" in text


@pytest.mark.parametrize("path", ["/", "/patients/patient-01", "/patients/patient-01/received"])
def test_names_never_become_markup(path: str) -> None:
    stage = Stage()
    body = stage.record.read("Patient", "patient-01")
    assert body is not None
    stage.receive(
        {
            "resourceType": "Patient",
            "id": "patient-01",
            "name": [{"family": HOSTILE, "given": [HOSTILE]}],
            "telecom": [{"system": "phone", "value": HOSTILE, "use": "mobile"}],
        },
        1,
    )
    stage.receive({**SCORE, "code": {"text": HOSTILE}, "status": HOSTILE}, 2)
    stage.receive({"resourceType": "Condition", "id": "c", "subject": PATIENT, "code": {"text": HOSTILE}}, 3)
    text = page(stage, path)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_cookie_for_cross_site_frames_and_the_right_colleague() -> None:
    stage = Stage()
    client = stage.client()
    answer = client.post("/sign-in", data={"staff": "nurse-1"}, base_url=BASE, headers=OURS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=session-1;")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=None", "Path=/"))
    assert stage.sessions == {"session-1": "Practitioner/nurse-1"}


def test_sign_in_offers_every_colleague_and_says_all_is_invented() -> None:
    text = Stage().client().get("/sign-in", base_url=BASE).text
    assert re.findall(r'name="staff" value="([^"]+)"', text) == list(STAFF)
    assert "fictifs" in text


@pytest.mark.parametrize("path", ["/", "/patients/patient-01", "/patients/patient-01/received"])
@pytest.mark.parametrize("staff", ["psychiatrist-1", "front-desk-1", "admin-1"])
def test_whoever_opens_no_record_is_led_to_the_team(staff: str, path: str) -> None:
    stage = Stage()
    client = stage.client(staff)
    answer = client.get(path, base_url=BASE)
    assert (answer.status_code, "Votre compte n’ouvre pas de dossier" in answer.text) == (403, True)
    assert 'href="http://localhost:8000/app/team/"' in answer.text
    assert "VALDORME" not in answer.text
    token = {"token": stage.token()}
    assert client.post("/patients/patient-01/launch", data=token, base_url=BASE, headers=OURS).status_code == 403
    assert stage.launches == []
    assert client.post("/sign-out", data=token, base_url=BASE, headers=OURS).headers["Location"] == "/sign-in"


def test_signing_out_ends_the_session() -> None:
    stage = Stage()
    client = stage.client("gp-1")
    answer = client.post("/sign-out", data={"token": stage.token()}, base_url=BASE, headers=OURS)
    assert answer.headers["Location"] == "/sign-in"
    assert stage.sessions == {}
    assert client.get("/", base_url=BASE).status_code == 303


def test_age_follows_the_clock() -> None:
    stage = Stage()
    stage.clock.move(days=timedelta(days=365).days)
    assert "43 ans" in page(stage, "/patients/patient-01")


ANSWERS: Json = {
    "resourceType": "QuestionnaireResponse",
    "id": "answers",
    "status": "completed",
    "questionnaire": "https://sesame-fhir.fr/ig/Questionnaire/phq-2|1.0.0",
    "subject": PATIENT,
    "item": [
        {"linkId": "44250-9", "answer": [{"valueCoding": {"code": "LA6570-1"}}]},
        {"linkId": "44255-8", "answer": [{"valueCoding": {"code": "LA6571-9"}}]},
    ],
}
SCORE: Json = {
    "resourceType": "Observation",
    "id": "score",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "55758-7"}], "text": "PHQ-2, score total"},
    "subject": PATIENT,
    "valueQuantity": {"value": 5, "unit": "{score}"},
    "interpretation": [{"text": "Dépistage positif"}],
}
