"""Every resource that any story publishes is valid R4, twice: by our own validator and by the typed model."""

import pytest

from mappings.code_systems import SYSTEMS, code_system
from mappings.patient import patient
from mappings.practitioner import practitioner
from mappings.profiles import load_questionnaires
from mappings.progress_flag import PUBLISHED_RULES, progress_flag_id
from mappings.projector import PathwayProjector
from mappings.questionnaire import questionnaire
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.fhir import search_index
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.models import typed
from sesame_fhir.fhir.questionnaire_response import check_answers
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json
from tests.support.story import GP, PATHWAY, TRAITS
from tests.unit.mappings.cases import STORIES, UNKNOWN_GP, published

PROJECTOR = PathwayProjector(search_index.index)


def _check(resource: Json) -> None:
    problems = validate(read_json(write_json(resource)), resource["resourceType"])
    assert not problems, f"{resource['resourceType']}: {problems}"
    typed(resource)


@pytest.mark.parametrize("rule", sorted(PUBLISHED_RULES))
def test_a_flag_of_the_course_has_an_id_that_r4_allows(rule: Rule) -> None:
    assert len(progress_flag_id(PATHWAY, rule)) <= 64


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("interpretation", [True, False], ids=["interpreted", "raw"])
def test_published_resources_are_valid(name: str, *, interpretation: bool) -> None:
    held = published(name, PathwayProjector(search_index.index, PathwayPolicy(interpretation=interpretation)))
    assert held
    for resource in held.values():
        assert not {"versionId", "lastUpdated"} & set(resource.get("meta", {}))
        _check(resource)


@pytest.mark.parametrize("name", STORIES)
def test_every_reference_to_ours_is_published(name: str) -> None:
    held = published(name, PROJECTOR)
    for key, resource in held.items():
        elsewhere = {link["other"]["reference"] for link in resource.get("link", ())}  # another pathway's Patient
        for target in set(_references(resource)) - elsewhere:
            assert target in held, f"{key} refers to {target}"


@pytest.mark.parametrize("name", STORIES)
def test_responses_answer_their_questionnaire(name: str) -> None:
    forms = load_questionnaires()
    for key, resource in published(name, PROJECTOR).items():
        if key.startswith("QuestionnaireResponse/"):
            assert check_answers(resource, forms[resource["questionnaire"]]) == []


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda i: i.id)
def test_questionnaires_are_valid(instrument: object) -> None:
    _check(questionnaire(next(i for i in INSTRUMENTS.values() if i is instrument)))


@pytest.mark.parametrize("local", SYSTEMS, ids=lambda s: s.name)
def test_code_systems_are_valid(local: object) -> None:
    _check(code_system(next(s for s in SYSTEMS if s is local)))


@pytest.mark.parametrize("resource", [practitioner(GP, "gp"), practitioner(UNKNOWN_GP, "gp2"), patient(TRAITS, "p")])
def test_people_are_valid(resource: Json) -> None:
    _check(resource)


def _references(value: object) -> list[str]:
    if isinstance(value, list):
        return [found for inner in value for found in _references(inner)]
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [found for inner in value.values() for found in _references(inner)]
    return []
