"""Microseconds of the strict checks on a PHQ-9 response, layer by layer."""

import statistics
import timeit
from collections.abc import Callable
from typing import Any

import orjson

from mappings.profiles import load_questionnaires
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.structure import structure_problems
from sesame_fhir.fhir.validation import validate


def layers(response: dict[str, Any], *, repeat: int = 9, number: int = 300) -> dict[str, float]:
    """Name -> microseconds (median of ``repeat`` runs of ``number`` calls) for a valid response."""
    body = orjson.dumps(response)
    resource = read_json(body)
    profiles = Profiles(questionnaires=load_questionnaires())
    if problems := validate(resource, "QuestionnaireResponse", profiles=profiles):
        raise RuntimeError(f"the sample is not valid: {problems}")

    def micros(call: Callable[[], object]) -> float:
        return statistics.median(timeit.repeat(call, repeat=repeat, number=number)) / number * 1e6

    return {
        "strict reading of the JSON": micros(lambda: read_json(body)),
        "R4 structure (schema)": micros(lambda: list(structure_problems(resource, "QuestionnaireResponse"))),
        "all layers": micros(lambda: validate(resource, "QuestionnaireResponse")),
        "all layers and the questionnaire": micros(
            lambda: validate(resource, "QuestionnaireResponse", profiles=profiles)
        ),
    }
