"""Our profiles: well-formed, each element justified, each rule shown by an example that keeps it and one that does not.

What the examples are worth is the reference validator's to say (``make conformance``); here is what needs no Java.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fhirpathpy import compile as compile_path
from fhirpathpy.models import models

from mappings.claimed import CLAIMED, FR_CORE_PARENTS
from mappings.code_systems import VERSION
from mappings.profile_reference import page
from mappings.profile_rules import Kind, Rule, elements_of, rules_of
from mappings.profiles import FOLDER
from sesame_fhir.fhir.canonical import INS_NIA, INS_NIR, fr_core_profile, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from tests.support.broken_examples import EXAMPLES, INDEX, extensions, failing, passing, profiles

GOLDEN = Path(__file__).parents[1] / "mappings" / "golden"
EVERY = {profile["id"]: profile for profile in profiles()}
RULES: dict[str, Rule] = {rule.id: rule for profile in [*EVERY.values(), *extensions()] for rule in rules_of(profile)}
ENTRIES: dict[str, Json] = {entry["rule"]: entry for entry in json.loads(INDEX.read_text(encoding="utf-8"))}
CONSTRAINTS = sorted(name for name, rule in RULES.items() if rule.kind is Kind.CONSTRAINT)
AUTHORED = sorted(path.name for path in FOLDER.glob("*.json") if path.name != "package.json")


@cache
def example(name: str) -> Json:
    return read_json((EXAMPLES / name).read_bytes())


@cache
def definition(name: str) -> Json:
    return read_json((FOLDER / name).read_bytes())


@pytest.mark.parametrize("name", AUTHORED)
def test_a_definition_is_valid_and_named_as_it_is_called(name: str) -> None:
    resource = definition(name)
    kind = resource["resourceType"]
    assert validate(resource, kind) == []
    assert name == f"{kind}-{resource['id']}.json"
    if kind != "NamingSystem":
        assert resource["url"] == own(kind, resource["id"])
        assert resource["status"] == "active"
    if kind not in {"NamingSystem", "Questionnaire"}:
        assert resource["version"] == VERSION


@pytest.mark.parametrize("name", EVERY)
def test_a_profile_asks_for_nothing_without_saying_why(name: str) -> None:
    root, *elements = elements_of(EVERY[name])
    assert root["definition"] == EVERY[name]["description"]
    for element in elements:
        assert element["mustSupport"] is True
        assert element["requirements"].endswith((".", "…", "?"))


@pytest.mark.parametrize("name", EVERY)
def test_a_profile_stands_on_r4_or_on_fr_core(name: str) -> None:
    profile = EVERY[name]
    parent = FR_CORE_PARENTS.get(name)
    expected = f"http://hl7.org/fhir/StructureDefinition/{profile['type']}"
    assert profile["baseDefinition"] == (fr_core_profile(parent).partition("|")[0] if parent else expected)
    assert profile["fhirVersion"] == "4.0.1"
    assert "snapshot" not in profile


def test_a_required_binding_is_to_a_value_set_of_ours() -> None:
    known = {definition(name)["url"] for name in AUTHORED if name.startswith("ValueSet-")}
    assert {rule.detail for rule in RULES.values() if rule.kind is Kind.BINDING} <= known


def test_constraints_have_keys_of_their_own_and_french_words() -> None:
    asked = [RULES[name].detail for name in CONSTRAINTS]
    assert len({constraint["key"] for constraint in asked}) == len(asked)
    for constraint in asked:
        assert constraint["key"].startswith("ses-")
        assert constraint["human"].endswith(".")


def test_every_rule_has_an_example_that_keeps_it_and_one_that_does_not() -> None:
    assert set(ENTRIES) == set(RULES)
    named = {entry[side] for entry in ENTRIES.values() for side in ("pass", "fail")}
    there = {path.name for path in EXAMPLES.glob("*.json")} - {INDEX.name}
    assert {name for name in there if name.startswith("fail-")} == {n for n in named if n.startswith("fail-")}
    assert named <= there


def test_failing_examples_are_what_the_rules_and_the_table_give() -> None:
    """Run ``python -m tests.support.broken_examples`` after a change of a profile or of a passing example."""
    for rule, passed, failed, resource in failing():
        assert ENTRIES[rule.id] == {"profile": rule.profile, "rule": rule.id, "pass": passed, "fail": failed}
        assert json.loads((EXAMPLES / failed).read_text(encoding="utf-8")) == {**resource, "id": "exemple-en-echec"}


@pytest.mark.parametrize("name", EVERY)
def test_a_profile_has_passing_examples_which_are_valid_r4(name: str) -> None:
    examples = passing(EVERY[name])
    assert examples
    for file in examples:
        assert validate(example(file), EVERY[name]["type"]) == []


@cache
def _constraint(name: str) -> Any:
    return compile_path(RULES[name].detail["expression"], models["r4"])


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_constraint_holds_of_what_passes_and_not_of_what_fails(name: str) -> None:
    """In an engine that is not the reference validator's; an empty answer is neither."""
    for file in passing(EVERY[RULES[name].profile]):
        assert _constraint(name)(json.loads((EXAMPLES / file).read_text(encoding="utf-8"))) == [True], file
    broken = json.loads((EXAMPLES / ENTRIES[name]["fail"]).read_text(encoding="utf-8"))
    assert _constraint(name)(broken) == [False]


def test_no_example_names_a_person_who_could_exist() -> None:
    for path in EXAMPLES.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert f'"{INS_NIR}"' not in text, path.name
        assert f'"{INS_NIA}"' not in text, path.name


def test_the_page_says_what_the_profiles_do() -> None:
    """Run ``make docs`` after a change."""
    written = FOLDER.parent / "docs" / "reference" / "profiles.md"
    assert written.read_text(encoding="utf-8") == page()


def test_what_is_claimed_exists_and_is_of_the_same_type() -> None:
    for (resource_type, _), name in CLAIMED.items():
        assert EVERY[name]["type"] == resource_type


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_published_resource_claims_a_profile_that_exists(path: Path) -> None:
    """Copies for a record claim nothing (the record is not ours); a person FR Core cannot describe neither."""
    resource = json.loads(path.read_text(encoding="utf-8"))
    claimed = resource.get("meta", {}).get("profile", [])
    outside = path.stem.endswith("in-record") or path.stem in {"DocumentReference.referral", "Practitioner.no-rpps"}
    assert bool(claimed) is not outside
    for url in claimed:
        assert url in {profile["url"] for profile in EVERY.values()} | {
            fr_core_profile(parent) for parent in FR_CORE_PARENTS.values()
        }
