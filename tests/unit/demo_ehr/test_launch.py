"""Launching the app from the demo EHR, and everything that must not be able to."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.unit.demo_ehr.stage import BASE, OURS, Stage

LAUNCH = "/patients/patient-02/launch"
STYLE = f"{BASE}/smart-style.json"
VISIT = "visit-20261123-02"


def launch(
    stage: Stage,
    *,
    staff: str | None = "gp-2",
    path: str = LAUNCH,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] = OURS,
) -> TestResponse:
    client = stage.client(staff)
    data = {"token": stage.token(), "variant": "plain"} if form is None else form
    return client.post(path, data=data, base_url=BASE, headers=headers)


def test_a_launch_frames_the_app_with_iss_and_a_fresh_launch() -> None:
    stage = Stage()
    text = launch(stage).text
    frames = re.findall(r"<iframe[^>]+>", text)
    assert len(frames) == 1
    source = urlsplit(unescape(re.findall(r'src="([^"]+)"', frames[0])[0]))
    assert f"{source.scheme}://{source.netloc}{source.path}" == "http://localhost:8000/app/launch"
    assert parse_qs(source.query) == {"iss": [f"{BASE}/fhir"], "launch": ["launch-1"]}
    assert 'sandbox="allow-forms allow-scripts allow-same-origin allow-popups allow-downloads"' in frames[0]


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("plain", {"need_patient_banner": True}),
        ("no-banner", {"need_patient_banner": False}),
        (
            "phq-9",
            {
                "need_patient_banner": True,
                "fhirContext": [
                    {"canonical": "https://sesame-fhir.fr/ig/Questionnaire/phq-9|1.0.0", "type": "Questionnaire"}
                ],
            },
        ),
    ],
)
def test_the_context_is_bound_to_user_patient_and_consultation(variant: str, expected: Mapping[str, Any]) -> None:
    stage = Stage()
    launch(stage, form={"token": stage.token(), "variant": variant})
    context = {"patient": "patient-02", "encounter": VISIT, "smart_style_url": STYLE, **expected}
    assert stage.launches == [("sesame", "Practitioner/gp-2", context)]


def test_each_click_issues_another_launch() -> None:
    stage = Stage()
    client = stage.client("gp-1")
    for _ in range(2):
        client.post(LAUNCH, data={"token": stage.token()}, base_url=BASE, headers=OURS)
    assert len(stage.launches) == 2


def test_the_form_s_own_token_is_accepted() -> None:
    stage = Stage()
    client = stage.client("gp-1")
    text = client.get("/patients/patient-02", base_url=BASE).text
    token = re.findall(r'action="/patients/patient-02/launch">\s*<input type="hidden" name="token" value="(\w+)"', text)
    answer = client.post(LAUNCH, data={"token": token[0], "variant": "plain"}, base_url=BASE, headers=OURS)
    assert answer.status_code == 200


BAD_TOKENS = {"missing": None, "empty": "", "garbage": "é" * 64, "of another session": "session-2", "of nobody": "none"}


@pytest.mark.parametrize("case", BAD_TOKENS)
def test_a_launch_needs_this_session_s_token(case: str) -> None:
    stage = Stage()
    value = BAD_TOKENS[case]
    form = {"variant": "plain"}
    if value is not None:
        form["token"] = stage.token(value) if value in ("session-2", "none") else value
    answer = launch(stage, form=form)
    assert (answer.status_code, stage.launches) == (403, [])
    assert "Demande refusée" in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Origin": BASE}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": BASE}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://localhost:8000"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_posts_come_from_our_own_pages(headers: Mapping[str, str], status: int) -> None:
    stage = Stage()
    assert launch(stage, headers=headers).status_code == status
    assert len(stage.launches) == (status == 200)


@pytest.mark.parametrize(
    ("path", "variant", "status"),
    [(LAUNCH, "anything", 400), ("/patients/nobody/launch", "plain", 404)],
)
def test_nothing_is_issued_for_a_wrong_request(path: str, variant: str, status: int) -> None:
    stage = Stage()
    answer = launch(stage, path=path, form={"token": stage.token(), "variant": variant})
    assert (answer.status_code, stage.launches) == (status, [])


def test_a_launch_s_address_opened_again_leads_to_the_record() -> None:
    answer = Stage().client("gp-1").get(LAUNCH, base_url=BASE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/patients/patient-02")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/patients/patient-01"),
        ("GET", "/patients/patient-01/received"),
        ("POST", LAUNCH),
        ("POST", "/sign-out"),
    ],
)
def test_visitors_are_sent_to_sign_in(method: str, path: str) -> None:
    stage = Stage()
    answer = stage.client().open(path, method=method, base_url=BASE, headers=OURS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert stage.launches == []


@pytest.mark.parametrize("staff", ["nobody", "", "gp-1/../gp-2"])
def test_only_the_offered_colleagues_sign_in(staff: str) -> None:
    stage = Stage()
    answer = stage.client().post("/sign-in", data={"staff": staff}, base_url=BASE, headers=OURS)
    assert (answer.status_code, stage.sessions) == (400, {})


def test_sign_in_refuses_other_sites() -> None:
    stage = Stage()
    foreign = {"Sec-Fetch-Site": "cross-site"}
    answer = stage.client().post("/sign-in", data={"staff": "gp-1"}, base_url=BASE, headers=foreign)
    assert (answer.status_code, stage.sessions) == (403, {})


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/oauth/authorize?client_id=sesame&state=x", "/oauth/authorize?client_id=sesame&state=x"),
        (f"{BASE}/oauth/authorize?state=x", "/oauth/authorize?state=x"),
        (f"{BASE}.evil.example/oauth/authorize?", "/"),
        (f"{BASE}@evil.example/oauth/authorize?", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/oauth/authorize?", "/"),
        ("/oauth/authorize.evil?x", "/"),
        ("/patients/patient-01", "/"),
        ("", "/"),
    ],
)
def test_sign_in_returns_to_the_authorization_page_only(asked: str, location: str) -> None:
    form = {"staff": "gp-1", "next": asked}
    answer = Stage().client().post("/sign-in", data=form, base_url=BASE, headers=OURS)
    assert answer.headers["Location"] == location


@pytest.mark.parametrize("path", ["/", "/sign-in", "/patients/patient-01", "/patients/nobody", "/smart-style.json"])
def test_every_page_has_its_security_headers(path: str) -> None:
    headers = Stage().client("gp-1").get(path, base_url=BASE).headers
    policy = dict(part.partition(" ")[::2] for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-src"] == "http://localhost:8000 'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == ("public, max-age=3600" if path.endswith(".json") else "no-store")


def test_the_style_is_readable_by_any_app_without_a_session() -> None:
    answer = Stage().client().get("/smart-style.json", base_url=BASE)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert all(re.fullmatch(r"#[0-9a-f]{6}", v) for k, v in answer.get_json().items() if k.startswith("color_"))
