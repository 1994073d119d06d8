"""Which links of a resource are replaced, by the types of R4, and which are not."""

from typing import Any

import pytest

from sesame_fhir.fhir.json_types import Path
from sesame_fhir.fhir.links import relinked

NAME = "urn:uuid:0b0b0b0b-0000-4000-8000-000000000001"
REFERENCE = {"reference": NAME}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><a href="{0}">x</a> <img src=\'{0}\' alt="{0}"/> {0}</div>'

# resource | is its value replaced
PLACES: list[tuple[dict[str, Any], bool]] = [
    ({"resourceType": "Observation", "subject": {"reference": NAME}}, True),
    ({"resourceType": "Observation", "derivedFrom": [{"reference": "Observation/1"}, {"reference": NAME}]}, True),
    ({"resourceType": "Observation", "extension": [{"url": "u", "valueReference": {"reference": NAME}}]}, True),
    ({"resourceType": "Observation", "_status": {"extension": [{"url": "u", "valueUri": NAME}]}}, True),
    ({"resourceType": "Patient", "name": [{"_given": [None, {"extension": [{"url": "u", "valueUri": NAME}]}]}]}, True),
    ({"resourceType": "DocumentReference", "content": [{"attachment": {"url": NAME}}]}, True),
    ({"resourceType": "Observation", "identifier": [{"system": NAME}]}, True),
    ({"resourceType": "Observation", "meta": {"source": NAME}}, True),
    ({"resourceType": "Observation", "contained": [{"resourceType": "Patient", "link": [{"other": REFERENCE}]}]}, True),
    ({"resourceType": "Observation", "identifier": [{"value": NAME}]}, False),
    ({"resourceType": "Observation", "meta": {"profile": [NAME]}}, False),
    ({"resourceType": "QuestionnaireResponse", "questionnaire": NAME}, False),
    ({"resourceType": "Observation", "valueString": NAME}, False),
    ({"resourceType": "Observation", "extension": [{"url": NAME, "valueString": "x"}]}, False),
    ({"resourceType": "Observation", "subject": {"display": NAME}}, False),
    ({"resourceType": "Observation", "subject": NAME}, False),
    ({"resourceType": "Nothing", "subject": {"reference": NAME}}, False),
]  # fmt: skip


def replaced(text: str, _path: Path, _reference: bool) -> str | None:  # noqa: FBT001  a callback's positions
    return "Patient/9" if text == NAME else None


@pytest.mark.parametrize(("resource", "changes"), PLACES, ids=range(len(PLACES)))
def test_which_elements_hold_links(resource: dict[str, Any], *, changes: bool) -> None:
    before = str(resource)
    after = relinked(resource, replaced)
    assert str(after) == (before.replace(NAME, "Patient/9") if changes else before)
    assert str(resource) == before


def test_links_in_the_narrative() -> None:
    resource = {"resourceType": "Observation", "text": {"status": "generated", "div": DIV.format(NAME)}}
    div = relinked(resource, replaced)["text"]["div"]
    assert div.count("Patient/9") == 2
    assert f'alt="{NAME}"' in div
    assert div.endswith(f" {NAME}</div>")


def test_the_place_of_each_link_is_told() -> None:
    told: list[tuple[str, Path, bool]] = []

    def tell(text: str, path: Path, reference: bool) -> None:  # noqa: FBT001
        told.append((text, path, reference))

    resource = {
        "resourceType": "Observation",
        "subject": {"reference": "Patient/1"},
        "component": [{}, {"extension": [{"url": "u", "valueUri": "urn:x"}]}],
    }
    relinked(resource, tell)
    assert told == [
        ("Patient/1", ("subject", "reference"), True),
        ("urn:x", ("component", 1, "extension", 0, "valueUri"), False),
    ]
