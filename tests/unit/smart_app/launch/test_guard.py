"""Every page of a launch: the right browser, in time, for the right patient, with the rights that were granted."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from sesame_fhir.services.records import LaunchSession
from smart_app.errors import APP_ERRORS, AppError
from smart_app.session.guard import assert_same_patient, not_granted, read_only, write_allowed
from tests.unit.smart_app.launch.launch_ehr import LaunchEhr
from tests.unit.smart_app.launch.stage import Stage, launch_url, launched

pytestmark = pytest.mark.network


def test_another_browser_does_not_get_in(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    path, _ = launched(stage, browser, ehr)
    assert browser.get(path).status_code == 200
    stranger = stage.browser().get(path)
    assert (stranger.status_code, "cookie-missing" in stranger.text) == (403, True)
    assert launch_url(ehr.base) in stranger.text
    thief = stage.browser()
    thief.set_cookie("sesame_launch", "A" * 43, path=path.rstrip("/"))
    stolen = thief.get(path)
    assert (stolen.status_code, "cookie-wrong" in stolen.text) == (403, True)
    assert "p-1" not in stranger.text + stolen.text


def test_the_cookie_of_one_launch_does_not_open_another(stage: Stage, ehr: LaunchEhr) -> None:
    one, two = stage.browser(), stage.browser()
    path_one, _ = launched(stage, one, ehr)
    path_two, _ = launched(stage, two, ehr)
    cookie = one.get_cookie("sesame_launch", path=path_one.rstrip("/"))
    assert cookie is not None
    mixed = stage.browser()
    mixed.set_cookie("sesame_launch", cookie.value, path=path_two.rstrip("/"))
    assert mixed.get(path_two).status_code == 403


@pytest.mark.parametrize("path", ["/app/s/unknown/", "/app/s/" + "A" * 43 + "/"])
def test_an_unknown_launch(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == APP_ERRORS["launch-expired"].status
    assert "launch-expired" in answer.text


def test_idle_and_absolute_expiry(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    path, _ = launched(stage, browser, ehr)
    for _round in range(16):
        stage.clock.move(seconds=1700)
        assert browser.get(path).status_code == 200
    stage.clock.move(seconds=1700)
    assert browser.get(path).status_code == 401


def test_a_launch_left_alone_expires(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    path, _ = launched(stage, browser, ehr)
    stage.clock.move(seconds=1801)
    assert browser.get(path).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "null"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
    ],
)
def test_a_post_must_come_from_our_own_page(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, headers: dict[str, str], status: int
) -> None:
    path, _ = launched(stage, browser, ehr)
    assert browser.post(path, headers=headers).status_code == status
    assert browser.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_form_of_another_patient_is_refused(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    assert_same_patient(session, "Patient/p-1")
    for posted in ("Patient/p-2", "p-1", "", "patient/p-1", "Patient/p-1/"):
        with pytest.raises(AppError, match="other-patient"):
            assert_same_patient(session, posted)


@pytest.mark.parametrize(
    ("granted", "writable"),
    [
        ("patient/*.cruds", {"Observation", "Task"}),
        ("patient/*.*", {"Observation", "Task"}),
        ("user/*.write", {"Observation", "Task"}),
        ("patient/Observation.write", {"Observation"}),
        ("patient/Observation.crus", {"Observation"}),
        ("patient/Observation.c?category=survey", {"Observation"}),
        ("patient/Observation.rs", set()),
        ("patient/Observation.read patient/Task.read", set()),
        ("patient/Patient.cruds", set()),
        ("system/Observation.cruds", set()),
        ("patient/Observation.", set()),
        ("patient/Observation.sc", set()),
        ("launch openid", set()),
        ("", set()),
    ],
)
def test_writing_needs_the_granted_scope(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, granted: str, writable: set[str]
) -> None:
    session: LaunchSession = replace(launched(stage, browser, ehr)[1], granted_scopes=granted)
    assert {t for t in ("Observation", "Task") if write_allowed(session, t)} == writable
    assert read_only(session) is not bool(writable)


def test_what_was_asked_and_not_granted_is_named(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    session = launched(stage, browser, ehr)[1]
    assert not_granted(session) == ()
    less = replace(session, granted_scopes="patient/QuestionnaireResponse.cu patient/Observation.cu")
    assert not_granted(less) == ("ServiceRequest", "Task", "DocumentReference")
