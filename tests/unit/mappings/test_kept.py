"""What another system wrote beside a resource: what is kept of it, and that it never speaks for the pathway."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.kept import OWNED, kept_of, kept_still, with_kept
from sesame_fhir.fhir.json_types import Json

GOLDEN = Path(__file__).parent / "golden"
KEPT_TYPES = sorted(path.stem for path in GOLDEN.glob("*.json") if path.stem.partition(".")[0] in OWNED)
OURS = {"system": "https://sesame-fhir.fr/ig/CodeSystem/sesame-contact-mode", "code": "phone"}
THEIRS = {"system": "https://example.org/codes", "code": "tel"}


def golden(name: str) -> Json:
    return dict(json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")))


def kept(resource: Json, **known: Json) -> Json:
    return dict(json.loads(kept_of(resource, **known)))  # type: ignore[arg-type]


# what comes | what is kept of it
KEPT: list[tuple[Json, Json]] = [
    ({"resourceType": "Appointment", "id": "c1", "status": "booked", "priority": 3}, {"priority": 3}),
    ({"resourceType": "Appointment", "_status": {"id": "s"}, "_priority": {"id": "p"}}, {"_priority": {"id": "p"}}),
    ({"resourceType": "Appointment", "comment": "Salle 2", "description": "Suivi"}, {"description": "Suivi"}),
    (
        {"resourceType": "Appointment", "appointmentType": {"coding": [OURS, THEIRS]}},
        {"appointmentType": {"coding": [THEIRS]}},
    ),
    ({"resourceType": "Appointment", "appointmentType": {"coding": [OURS]}}, {}),
    (
        {"resourceType": "Appointment", "meta": {"versionId": "3", "lastUpdated": "x", "tag": [THEIRS]}},
        {"meta": {"tag": [THEIRS]}},
    ),
    (
        {
            "resourceType": "Task",
            "meta": {"profile": ["https://sesame-fhir.fr/ig/StructureDefinition/other", "https://example.org/task"]},
        },
        {"meta": {"profile": ["https://example.org/task"]}},
    ),
    (
        {
            "resourceType": "Appointment",
            "participant": [
                {"actor": {"reference": "Patient/p"}, "status": "accepted"},
                {"actor": {"reference": "https://example.org/fhir/Practitioner/n"}, "status": "accepted"},
                {"actor": {"type": "Practitioner", "identifier": {"value": "1"}}, "status": "accepted"},
                {"actor": {"reference": "Location/2"}, "status": "accepted"},
            ],
        },
        {"participant": [{"actor": {"reference": "Location/2"}, "status": "accepted"}]},
    ),
    (
        {
            "resourceType": "ServiceRequest",
            "identifier": [{"system": "https://sesame-fhir.fr/ig/identifier/x", "value": "1"}],
        },
        {},
    ),
    (
        {"resourceType": "ServiceRequest", "identifier": [{"value": "42"}], "note": [{"text": "x"}]},
        {"identifier": [{"value": "42"}]},
    ),
    (
        {
            "resourceType": "QuestionnaireResponse",
            "item": [{"linkId": "1", "id": "i", "text": "T", "answer": [{"valueInteger": 1}]}],
        },
        {"item": [{"linkId": "1", "id": "i"}]},
    ),
    (
        {
            "resourceType": "ServiceRequest",
            "contained": [{"resourceType": "Location", "id": "a"}, {"resourceType": "Patient", "id": "b"}],
            "locationReference": [{"reference": "#a"}],
            "requester": {"reference": "#b"},
        },
        {"contained": [{"resourceType": "Location", "id": "a"}], "locationReference": [{"reference": "#a"}]},
    ),
    (
        {"resourceType": "Task", "text": {"status": "generated", "div": "<div/>"}},
        {"text": {"status": "generated", "div": "<div/>"}},
    ),
]


@pytest.mark.parametrize(("resource", "expected"), KEPT)
def test_kept(resource: Json, expected: Json) -> None:
    assert kept(resource) == expected


def test_an_extension_that_a_command_has_read_is_not_kept() -> None:
    resource = {
        "resourceType": "ServiceRequest",
        "extension": [{"url": "urn:read", "valueBoolean": True}, {"url": "urn:x"}],
    }
    assert json.loads(kept_of(resource, frozenset({"urn:read"}))) == {"extension": [{"url": "urn:x"}]}


def test_decimals_keep_their_digits() -> None:
    text = kept_of({"resourceType": "ServiceRequest", "quantityQuantity": {"value": Decimal("1.50")}})
    assert "1.50" in text
    assert str(with_kept({"resourceType": "ServiceRequest"}, text)["quantityQuantity"]["value"]) == "1.50"


@pytest.mark.parametrize("name", KEPT_TYPES)
def test_a_resource_sent_back_as_it_was_published_keeps_nothing_new(name: str) -> None:
    published = golden(name)
    assert kept_still(published, published, "{}") == "{}"
    beside = '{"extension":[{"url":"urn:x","valueString":"y"}]}'
    again = with_kept(published, beside)
    assert kept_still(again, again, beside) == beside


@pytest.mark.parametrize("name", KEPT_TYPES)
def test_what_is_published_never_changes_by_what_another_version_of_it_left(name: str) -> None:
    """Every other published resource of the type, as if a client had sent it: no mapped element comes through."""
    built, kind = golden(name), name.partition(".")[0]
    for other in KEPT_TYPES:
        if other.partition(".")[0] == kind:
            merged = with_kept(built, kept_of(golden(other)))
            assert {element: merged[element] for element in built} == built | _listed(merged, built)
            assert set(merged) - set(built) <= {"meta", "encounter"}


def _listed(merged: Json, built: Json) -> Json:
    """Lists that got longer, and begin as they were."""
    return {
        name: merged[name]
        for name, value in built.items()
        if isinstance(value, list) and merged[name][: len(value)] == value and name == "category"
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(categories=["L", "N", "P"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=3),
    max_leaves=10,
)


@given(
    built=st.dictionaries(st.sampled_from("abc"), JSON, max_size=3),
    beside=st.dictionaries(st.sampled_from("bcd"), JSON, max_size=3),
)
def test_a_built_value_always_wins(built: Json, beside: Json) -> None:
    merged = with_kept({"resourceType": "Task", **built}, json.dumps(beside))
    assert _covers(merged, built)


def _covers(merged: object, built: object) -> bool:
    """Everything built is there, as it was; only lists may be longer and objects fuller."""
    if isinstance(built, dict):
        return isinstance(merged, dict) and all(
            name in merged and _covers(merged[name], v) for name, v in built.items()
        )
    if isinstance(built, list):
        return isinstance(merged, list) and all(_covers(m, b) for m, b in zip(merged, built, strict=False))
    return merged == built
