"""Scopes: one syntax per request, letters in order, nothing that was not wanted."""

import re

import pytest

from smart_app.launch.scopes import DEFAULT_SCOPES, Scopes, scopes_to_request

V2 = re.compile(r"(patient|user)/\w+\.c?r?u?d?s?")


@pytest.mark.parametrize("ehr_launch", [True, False])
@pytest.mark.parametrize("v2", [True, False])
def test_the_default_in_either_syntax(*, v2: bool, ehr_launch: bool) -> None:
    asked = scopes_to_request(None, v2=v2, ehr_launch=ehr_launch).split()
    resources = [s for s in asked if s.startswith(("patient/", "user/"))]
    assert len(asked) == len(set(asked))
    assert {"openid", "fhirUser", "online_access"} <= set(asked)
    assert ("launch" in asked) is ehr_launch
    assert ("launch/patient" in asked) is not ehr_launch
    assert all(bool(V2.fullmatch(s)) is v2 for s in resources)
    assert all(s.endswith((".read", ".write")) is not v2 for s in resources)
    for kind in ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "DocumentReference"):
        assert Scopes.parse(" ".join(asked)).allows(kind, "c")
    assert not Scopes.parse(" ".join(asked)).allows("Patient", "u")


@pytest.mark.parametrize(
    ("registered", "v2", "v1"),
    [
        ("patient/Observation.rs", "patient/Observation.rs", "patient/Observation.read"),
        ("patient/Observation.read", "patient/Observation.rs", "patient/Observation.read"),
        ("patient/Observation.write", "patient/Observation.cud", "patient/Observation.write"),
        ("patient/*.*", "patient/*.cruds", "patient/*.read patient/*.write"),
        ("patient/Task.cu", "patient/Task.cu", "patient/Task.write"),
        ("patient/Task.read user/Task.cruds", "patient/Task.rs user/Task.cruds",
         "patient/Task.read user/Task.read user/Task.write"),
        ("patient/Observation.rs?category=survey", "patient/Observation.rs?category=survey",
         "patient/Observation.read"),
        ("openid launch offline_access", "openid offline_access", "openid offline_access"),
        ("patient/Task.rs patient/Task.rs", "patient/Task.rs", "patient/Task.read"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_a_registration_is_written_in_the_syntax_of_the_server(registered: str, v2: str, v1: str) -> None:
    for wanted, modern in ((v2, True), (v1, False)):
        asked = scopes_to_request(registered, v2=modern, ehr_launch=True).split()
        assert sorted(asked) == sorted([*wanted.split(), "launch"])


@pytest.mark.parametrize(
    "text", ["patient/Observation.sr", "patient/Observation.x", "Observation.rs", "patient/.rs", "/"]
)
def test_what_is_no_scope_allows_nothing(text: str) -> None:
    scopes = Scopes.parse(text)
    assert scopes.others == (text,)
    assert not any(scopes.allows("Observation", letter) for letter in "cruds")


def test_letters_and_types() -> None:
    scopes = Scopes.parse(DEFAULT_SCOPES)
    assert scopes.allows("Observation", "s")
    assert not scopes.allows("Observation", "d")
    assert not scopes.allows("AllergyIntolerance", "r")
