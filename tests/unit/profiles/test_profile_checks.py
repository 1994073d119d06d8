"""Our validation holds every rule of our profiles: examples are judged as they say, invariants as their FHIRPath."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from mappings.conformance import load_conformance, load_profile_checks
from mappings.profiles import load_questionnaires
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.profiling.rules import RULES
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate

EXAMPLES = Path(__file__).parents[3] / "profiles" / "examples"
INDEX: list[dict[str, str]] = json.loads((EXAMPLES / "index.json").read_text(encoding="utf-8"))


@cache
def example(name: str) -> Json:
    return read_json((EXAMPLES / name).read_bytes())


def constraints() -> dict[str, Any]:
    return {
        one["key"]: (definition["url"], one["expression"])
        for definition in load_conformance()
        if definition["resourceType"] == "StructureDefinition"
        for element in definition["differential"]["element"]
        for one in element.get("constraint", ())
    }


def test_every_invariant_has_its_rule_and_no_rule_is_alone() -> None:
    assert set(RULES) == set(constraints())


@pytest.mark.parametrize("name", sorted({row["pass"] for row in INDEX} | {p.name for p in EXAMPLES.glob("pass-*")}))
def test_a_passing_example_passes(name: str) -> None:
    profiles = Profiles(load_profile_checks(), load_questionnaires())
    assert [issue.diagnostics for issue in validate(example(name), profiles=profiles) if issue.blocking] == []


@pytest.mark.parametrize("row", INDEX, ids=lambda row: row["rule"])
def test_a_failing_example_fails(row: dict[str, str]) -> None:
    profiles = Profiles(load_profile_checks(), load_questionnaires())
    assert any(issue.blocking for issue in validate(example(row["fail"]), profiles=profiles))


@pytest.mark.parametrize("key", sorted(constraints()))
def test_a_rule_decides_as_its_expression(key: str) -> None:
    """On every example of the profile, passing or not."""
    url, expression = constraints()[key]
    compiled = fhirpathpy.compile(expression, models["r4"])
    verdicts = set()
    for path in sorted(EXAMPLES.glob("*.json")):
        resource = json.loads(path.read_bytes())
        if not isinstance(resource, dict) or url not in resource["meta"]["profile"]:
            continue
        told = compiled(resource, {})
        assert RULES[key](read_json(path.read_bytes())) == (told == [True]), path.name
        verdicts.add(told == [True])
    assert verdicts == {True, False}
