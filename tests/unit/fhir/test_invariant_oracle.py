"""Our hand-written invariants against the published FHIRPath expressions, run by fhirpathpy: they agree, or we say why.

``invariant_expressions.json`` holds the expressions as published in the R4 4.0.1 StructureDefinitions.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from sesame_fhir.fhir.json_types import Json
from tests.unit.fhir.test_invariants import BREAKS, HOLD

PUBLISHED: dict[str, dict[str, dict[str, str]]] = json.loads(
    Path(__file__).with_name("invariant_expressions.json").read_text(encoding="utf-8")
)
NOT_COMPARED = {
    "app-4": "the oracle does not resolve a type name inside all()",
    "bdl-10": "the oracle lacks hasValue()",
    "ctm-1": "the oracle lacks resolve()",
    "dom-3": "descendants() of the oracle loses the types that as() asks for",
    "ppc-3": "the published expression compares with the system 'something'; we follow its text",
    "que-7": "the oracle does not see that answerBoolean is a Boolean",
    "rng-2": "the oracle does not compare quantities",
    "que-12": "published for more than two conditions, while its text says more than one; we follow the text",
}
RULES = [
    (resource_type, rule) for resource_type, found in PUBLISHED.items() for rule in found if rule not in NOT_COMPARED
]


def plain(value: Any) -> Any:
    """Floats for the oracle, which has its own decimals."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def holds(resource: Json, rule: str) -> bool:
    found = PUBLISHED[resource["resourceType"]][rule]
    given = plain(resource)
    expression = f"{found['path']}.all({found['expression']})"
    return bool(fhirpathpy.evaluate(given, expression, {"resource": given}, model=models["r4"]) == [True])


@pytest.mark.parametrize(("resource_type", "rule"), RULES)
def test_the_published_expression_agrees(resource_type: str, rule: str) -> None:
    sound = [resource for resource in HOLD if resource["resourceType"] == resource_type]
    broken = [resource for key, resource in BREAKS if key == rule and resource["resourceType"] == resource_type]
    assert sound
    assert all(holds(resource, rule) for resource in sound)
    assert not all(holds(resource, rule) for resource in broken)


def test_exceptions_are_about_rules_that_exist() -> None:
    assert set(NOT_COMPARED) <= {rule for found in PUBLISHED.values() for rule in found}
