"""A value of another JSON type in the place of any element: issues, never an exception, whatever profile is claimed."""

import copy
from collections.abc import Iterator

import pytest

from mappings.conformance import load_profile_checks
from mappings.profiles import load_questionnaires
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.validation import validate
from tests.conformance.mutants.places import Place, places
from tests.hostile.attacks import sources
from tests.unit.fhir.samples import changed

JUNK: tuple[object, ...] = (
    True,
    7,
    "x",
    [],
    {},
    [[]],
    [{"url": []}],
    {"coding": {}},
    {"coding": [7]},
    {"reference": []},
)


def _first_of_each(resources: tuple[Json, ...]) -> Iterator[tuple[Json, Place]]:
    """Every element of every profile once, wherever it stands first."""
    met = set()
    for resource in resources:
        claimed = (resource["resourceType"], *resource.get("meta", {}).get("profile", ()))
        for place in places(resource):
            name = (claimed, *(step for step in place.path if isinstance(step, str)))
            if name not in met:
                met.add(name)
                yield resource, place


def test_no_value_of_another_type_stops_the_validation() -> None:
    known = Profiles(load_profile_checks(), load_questionnaires())
    spots = list(_first_of_each(sources()))
    assert len(spots) > 1000
    for number, (resource, place) in enumerate(spots):
        # Which three is a matter of turn: over the elements of a type each has every one of them.
        for value in (JUNK[(number * 3 + turn) % len(JUNK)] for turn in range(3)):
            validate(changed(resource, (place.path, copy.deepcopy(value))), profiles=known)


@pytest.mark.parametrize("junk", JUNK, ids=str)
def test_nor_where_two_elements_meet(junk: object) -> None:
    """What a rule compares with a list of codes is a code, or nothing."""
    known = Profiles(load_profile_checks(), load_questionnaires())
    item = {"linkId": "a", "type": junk, "maxLength": 3, "answerOption": [], "initial": []}
    entry = {"resource": {"resourceType": "Patient"}, "request": {}, "response": {}}
    for resource in (
        {"resourceType": "Questionnaire", "status": "active", "item": [item]},
        {"resourceType": "Appointment", "status": junk, "cancelationReason": {"text": "x"}},
        {"resourceType": "Bundle", "type": junk, "total": 1, "entry": [entry]},
        {"resourceType": "QuestionnaireResponse", "status": junk, "questionnaire": next(iter(known.questionnaires))},
        {"resourceType": "Bundle", "type": "document", "entry": [{"resource": {"resourceType": junk}}]},
    ):
        assert validate(resource, profiles=known)
