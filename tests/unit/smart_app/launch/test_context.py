"""What comes with the token, and the EHR's style: checked, reduced, never trusted."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from smart_app.launch.context import read_context
from smart_app.launch.style import safe_style
from tests.unit.smart_app.launch.launch_ehr import Answer, LaunchEhr
from tests.unit.smart_app.launch.stage import Stage, launched

PHQ_9 = "https://sesame-fhir.fr/ig/Questionnaire/phq-9"


@pytest.mark.parametrize(
    ("answer", "name", "value"),
    [
        ({}, "encounter", None),
        ({"encounter": "Encounter/e-2"}, "encounter", "Encounter/e-2"),
        ({"encounter": "e 2"}, "encounter", None),
        ({"encounter": 2}, "encounter", None),
        ({}, "need_patient_banner", True),
        ({"need_patient_banner": False}, "need_patient_banner", False),
        ({"need_patient_banner": "false"}, "need_patient_banner", True),
        ({"need_patient_banner": None}, "need_patient_banner", True),
        ({"intent": "screening"}, "intent", "screening"),
        ({"intent": "reconcile-medications"}, "intent", None),
        ({"intent": ["screening"]}, "intent", None),
        ({"patient": "Patient/p-1"}, "patient", "Patient/p-1"),
        ({"fhirContext": "x"}, "fhir_context", ()),
        ({"fhirContext": [{"reference": "https://evil.example/Task/1"}, 7, {}]}, "fhir_context", ()),
        ({"fhirContext": [{"reference": "Task/1"}]}, "fhir_context", ({"reference": "Task/1", "role": "launch"},)),
        ({"fhirContext": [{"reference": "Task/1", "role": "other"}]}, "fhir_context",
         ({"reference": "Task/1", "role": "other"},)),
        ({"fhirContext": [{"canonical": "javascript:alert(1)"}]}, "fhir_context", ()),
    ],
)  # fmt: skip
def test_context_parameters(answer: dict[str, Any], name: str, value: object) -> None:
    assert getattr(read_context({"patient": "p-1", **answer}), name) == value


@pytest.mark.network
@pytest.mark.parametrize(
    ("entries", "form"),
    [
        ([], None),
        ([{"canonical": PHQ_9, "type": "Questionnaire"}], "phq-9"),
        ([{"canonical": f"{PHQ_9}|1.0.0"}], "phq-9"),
        ([{"canonical": "https://example.org/Questionnaire/x"}], None),
        ([{"canonical": PHQ_9, "role": "https://example.org/role"}], None),
        ([{"reference": "Questionnaire/local"}], "phq-9"),
        ([{"reference": "Questionnaire/unknown"}, {"canonical": PHQ_9}], "phq-9"),
        ([{"reference": "Task/1"}], None),
    ],
)
def test_a_questionnaire_in_the_context_opens_its_form(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, entries: list[dict[str, str]], form: str | None
) -> None:
    ehr.record["Questionnaire/local"] = {"resourceType": "Questionnaire", "id": "local", "url": PHQ_9}
    ehr.token = {"fhirContext": entries}
    assert launched(stage, browser, ehr)[1].context["form"] == form


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("color_background", "#edeae3", True),
        ("color_text", "#123", True),
        ("color_highlight", "rgb(10, 20, 30)", True),
        ("color_error", "rgba(10,20,30,0.5)", True),
        ("color_background", "red", False),
        ("color_background", "url(https://evil.example/x)", False),
        ("color_background", "#fff;}body{display:none", False),
        ("color_background", "#ffff1", False),
        ("color_background", "expression(alert(1))", False),
        ("color_background", "var(--x)", False),
        ("color_background", 7, False),
        ("color_background", "#fff</style><script>", False),
        ("dim_font_size", "16px", True),
        ("dim_font_size", "1.2rem", True),
        ("dim_font_size", "2px", False),
        ("dim_font_size", "90px", False),
        ("dim_font_size", "16", False),
        ("dim_border_radius", "0px", True),
        ("dim_spacing_size", "calc(1px)", False),
        ("font_family_body", "Comic Sans", False),
        ("anything", "#fff", False),
    ],
)
def test_only_plain_tokens_of_a_style_pass(key: str, value: object, *, kept: bool) -> None:
    assert safe_style({key: value}) == ({key: value} if kept else {})


@pytest.mark.network
@pytest.mark.parametrize(
    ("reply", "address", "kept"),
    [
        (Answer(200, b'{"color_text": "#112233", "font_family_body": "x"}'), "{base}/style.json", True),
        (Answer(200, b"<html>"), "{base}/style.json", False),
        (Answer(404, b""), "{base}/style.json", False),
        (Answer(302, b"", headers={"Location": "https://evil.example/"}), "{base}/style.json", False),
        (Answer(200, b'{"color_text": "#112233"}'), "https://evil.example/style.json", False),
        (Answer(200, b'{"color_text": "#112233"}'), "http://127.0.0.1:1/style.json", False),
        (Answer(200, b'{"color_text": "#112233"}'), "http://evil@{host}/style.json", False),
        (Answer(200, b'{"color_text": "#112233"}'), "file:///etc/passwd", False),
        (Answer(200, b'{"color_text": "#112233"}'), "http://[", False),
        (Answer(200, b'{"color_text": "#112233"}'), 7, False),
    ],
)
def test_a_style_comes_from_the_ehr_itself(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, reply: Answer, address: object, *, kept: bool
) -> None:
    ehr.answers["style.json"] = reply
    host = ehr.origin.removeprefix("http://")
    url = address.replace("{base}", ehr.base).replace("{host}", host) if isinstance(address, str) else address
    ehr.token = {"smart_style_url": url}
    assert launched(stage, browser, ehr)[1].context["style"] == ({"color_text": "#112233"} if kept else {})
    asked = [line for line in ehr.requests if "style.json" in line]
    assert bool(asked) is (isinstance(address, str) and address.startswith("{base}"))
