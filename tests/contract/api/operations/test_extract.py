"""``$extract``: the same number, in the same resource, as the pathway publishes itself."""

import json
import random
from typing import Any

import pytest

from mappings.datatypes import patient_reference
from mappings.extract import extracted, extraction_bundle
from mappings.observation import observation
from mappings.questionnaire_response import questionnaire_response
from sesame_fhir.domain import scoring
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument
from sesame_fhir.domain.pathway import Screening
from sesame_fhir.domain.policy import DEFAULT_POLICY
from tests.contract.api.operations.asking import Asking, given, parameters, resources
from tests.support.story import GP, PATHWAY, START

RANDOM_SETS = 20
SUBJECT = patient_reference(PATHWAY)


def screening(instrument: Instrument, answers: dict[str, str], *, amended: bool = False) -> Screening:
    return Screening(
        screening_id=ScreeningId("01900000-0000-7000-8000-0000000000e1"),
        instrument=instrument.id,
        instrument_version=instrument.version,
        answers=answers,
        total=scoring.score(instrument, answers).total,
        safety_flag=scoring.raises_safety_flag(instrument, answers),
        authored=START,
        author=GP,
        amended=amended,
    )


def answered(instrument: Instrument, chance: random.Random) -> dict[str, str]:
    return {item.link_id: chance.choice(item.answers).code for item in instrument.items}


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda one: one.id.value)
def test_the_same_as_the_projection(asking: Asking, instrument: Instrument) -> None:
    chance = random.Random(instrument.id.value)  # noqa: S311  repeatable, nothing secret
    for number in range(RANDOM_SETS):
        told = screening(instrument, answered(instrument, chance), amended=number % 5 == 0)
        response = json.loads(json.dumps(questionnaire_response(told, SUBJECT)))
        (entry,) = asking.ok("QuestionnaireResponse/$extract", response)["entry"]
        projected = json.loads(json.dumps(observation(told, SUBJECT, policy=DEFAULT_POLICY)))
        assert entry["resource"] == {name: part for name, part in projected.items() if name != "id"}
        assert entry["request"]["method"] == "PUT"
        assert entry["request"]["url"].endswith(f"|{told.screening_id}")


def response_of(**changes: Any) -> dict[str, Any]:
    instrument = INSTRUMENTS[next(iter(INSTRUMENTS))]
    told = screening(instrument, answered(instrument, random.Random(1)))  # noqa: S311  repeatable
    whole = {**json.loads(json.dumps(questionnaire_response(told, SUBJECT))), **changes}
    return {name: part for name, part in whole.items() if part is not None}


def test_a_stored_correction_is_amended_and_does_not_move(fresh: Asking) -> None:
    first = response_of(id="q1", identifier=None)
    fresh.world.put(first)
    fresh.world.put({**first, "status": "amended", "authored": "2026-05-01T10:00:00Z"})
    (found,) = resources(fresh.ok("QuestionnaireResponse/q1/$extract"))
    assert (found["status"], found["effectiveDateTime"], found["issued"]) == (
        "amended",
        "2026-03-02T09:00:00.000Z",
        "2026-05-01T10:00:00.000Z",
    )
    assert found["derivedFrom"] == [{"reference": "QuestionnaireResponse/q1"}]


def test_a_skipped_question_measures_nothing(asking: Asking) -> None:
    """The forms require every counted question; a form in paper that was kept as it is may lack one."""
    whole = response_of()
    part = {**whole, "item": whole["item"][:1]}
    assert extraction_bundle(extracted(part, DEFAULT_POLICY)) == {"resourceType": "Bundle", "type": "transaction"}
    assert asking.refused("QuestionnaireResponse/$extract", part)[:2] == (422, ["required"])


def test_a_response_without_any_id_is_a_creation(asking: Asking) -> None:
    body = parameters(given("questionnaire-response", resource=response_of(id=None, identifier=None)))
    (entry,) = asking.ok("QuestionnaireResponse/$extract", body)["entry"]
    assert entry["request"] == {"method": "POST", "url": "Observation"}
    assert {"id", "identifier", "derivedFrom", "meta"} & entry["resource"].keys() == set()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"questionnaire": "https://example.org/Questionnaire/other"}, 422, "business-rule"),
        ({"questionnaire": None}, 422, "business-rule"),
        ({"status": "in-progress"}, 422, "business-rule"),
        ({"status": "entered-in-error"}, 422, "business-rule"),
        ({"subject": None}, 422, "required"),
        ({"authored": None}, 422, "required"),
        ({"authored": "2026-03"}, 422, "value"),
        ({"authored": "0001-01-01T00:00:00+14:00"}, 422, "value"),
        ({"authored": "9999-12-31T23:59:59-12:00"}, 422, "value"),
        ({"item": [{"linkId": "nobody", "answer": [{"valueString": "x"}]}]}, 422, None),
        ({"status": "nonsense"}, 400, "code-invalid"),
        ({"resourceType": "Patient"}, 400, None),
    ],
)
def test_what_it_refuses(asking: Asking, changes: dict[str, Any], status: int, code: str | None) -> None:
    found = asking.refused("QuestionnaireResponse/$extract", response_of(**changes))
    assert found[0] == status
    assert code is None or found[1][0] == code


def test_nothing_to_extract_from(asking: Asking) -> None:
    assert asking.refused("QuestionnaireResponse/$extract")[::2] == (400, ["questionnaire-response"])


def test_the_limits_of_the_token(fresh: Asking) -> None:
    fresh.world.put(response_of(id="q1", subject={"reference": "Patient/p2"}))
    path = "QuestionnaireResponse/q1/$extract"
    assert fresh.call(path, scope="patient/*.rs", patient="p1").status_code == 404
    assert fresh.call(path, scope="patient/*.rs", patient="p2").status_code == 200
    assert fresh.call(path, scope="user/Observation.r").status_code == 403


def test_what_was_extracted_is_valid(asking: Asking) -> None:
    (found,) = resources(asking.ok("QuestionnaireResponse/$extract", response_of()))
    outcome = asking.ok("Observation/$validate", found)
    assert {one["severity"] for one in outcome["issue"]} == {"information"}
