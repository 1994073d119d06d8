"""The table of search parameters against the published expressions, run by fhirpathpy over one sample of each type.

``search_expressions.json`` holds type and expression of each parameter as published with R4 4.0.1, by resource type.
"""

import json
import re
from pathlib import Path
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from sesame_fhir.fhir.dates import date_range
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_index import index, split_reference
from sesame_fhir.fhir.search_parameters import COMMON, SEARCH_PARAMETERS
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services.search import IndexEntry
from tests.unit.fhir.samples import SAMPLES, SEARCHABLE
from tests.unit.fhir.test_schema import DEFINITIONS, published

PUBLISHED: dict[str, dict[str, dict[str, str]]] = json.loads(
    Path(__file__).with_name("search_expressions.json").read_text(encoding="utf-8")
)
_COMMON = {parameter.name for parameter in COMMON}
ROWS = [
    *(("Patient", name) for name in sorted(_COMMON)),
    *((kind, name) for kind, found in SEARCH_PARAMETERS.items() for name in found if name not in _COMMON),
]
_PLACE = ("city", "state", "postalCode", "country")
_RESOLVE = re.compile(r"where\(resolve\(\) is (\w+)\)")


def expression(resource_type: str, name: str) -> str:
    """As published; ``resolve()``, which the oracle lacks, is told by the reference's own text."""
    return _RESOLVE.sub(r"where(reference.startsWith('\1/'))", PUBLISHED[resource_type][name]["expression"])


def keys(kind: str, node: Any) -> set[Any]:
    """What a value found by the oracle is searched by, told the short way."""
    match kind:
        case "token":
            plain = {"code": str(node).lower() if isinstance(node, bool) else node}
            codings = node.get("coding", [node]) if isinstance(node, dict) else [plain]
            return {(one.get("system", ""), one.get("code") or one.get("value")) for one in codings}
        case "string" if isinstance(node, dict):
            return {node["family"], *node["given"]} if "family" in node else {*node["line"], *map(node.get, _PLACE)}
        case "quantity":
            return {(node["value"], node["value"], node["system"], node["code"], node["unit"])}
        case "date":
            return {date_range(str(node)) if not isinstance(node, dict) else (low(node), high(node))}
        case "reference":
            return {split_reference(node["reference"])}
    return {node, node.partition("|")[0]} if "|" in node else {node}


def low(period: Json) -> Any:
    return (date_range(period["start"]) or (None,))[0]


def high(period: Json) -> Any:
    return (date_range(period["end"]) or (None, None))[1] if "end" in period else None


def told(entry: IndexEntry) -> Any:
    """The same of one of our entries."""
    match entry.kind:
        case "token":
            return entry.system, entry.code
        case "date":
            return entry.low, entry.high if entry.high and entry.high.year < 9000 else None
        case "reference":
            return entry.ref_type, entry.ref_id
        case "quantity":
            return float(str(entry.least)), float(str(entry.most)), entry.system, entry.code, entry.text
    return entry.text


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample['resourceType']}-{sample['id']}")
def test_samples_are_valid(sample: Json) -> None:
    assert validate(sample) == []


def test_every_searchable_type_has_a_sample() -> None:
    assert set(SEARCHABLE) == set(SEARCH_PARAMETERS)


@pytest.mark.parametrize(("resource_type", "name"), ROWS)
def test_the_published_expression_finds_the_same(resource_type: str, name: str) -> None:
    parameter, anything = SEARCH_PARAMETERS[resource_type][name], False
    for sample in (one for one in SAMPLES if one["resourceType"] == resource_type):
        nodes = fhirpathpy.evaluate(sample, expression(resource_type, name), model=models["r4"])
        expected = set().union(*(keys(parameter.kind, node) for node in nodes))
        found = [told(entry) for entry in index(sample) if entry.param == name]
        assert set(found) == expected
        assert len(found) == len(expected)
        anything = anything or bool(found)
    assert anything


@pytest.mark.parametrize(("resource_type", "name"), ROWS)
def test_type_and_target_are_the_published_ones(resource_type: str, name: str) -> None:
    """``patient`` is limited to patients wherever it stands: the patient compartment rests on it."""
    parameter, row = SEARCH_PARAMETERS[resource_type][name], PUBLISHED[resource_type][name]
    resolved = _RESOLVE.search(row["expression"])
    assert parameter.published_type == row["type"]
    assert parameter.target == (resolved[1] if resolved else "Patient" if name == "patient" else None)


def _published_rows() -> dict[str, dict[str, dict[str, str]]]:
    """``search_expressions.json`` made again from the definitions."""
    text = (Path(DEFINITIONS) / "search-parameters.json").read_text(encoding="utf-8")
    resources = [entry["resource"] for entry in json.loads(text)["entry"]]
    rows: dict[str, dict[str, dict[str, str]]] = {}
    for resource_type, name in ROWS:
        base = "Resource" if name in _COMMON else resource_type
        (found,) = [one for one in resources if one["code"] == name and base in one["base"]]
        parts = [part.strip() for part in found["expression"].split("|")]
        own = " | ".join(part for part in parts if re.match(rf"\(?{base}\.", part)).replace("Resource.", "")
        rows.setdefault(resource_type, {})[name] = {"type": found["type"], "expression": own}
    return rows


@published
def test_the_committed_expressions_are_the_published_ones() -> None:
    assert _published_rows() == PUBLISHED


@published
def test_the_committed_invariants_are_the_published_ones() -> None:
    constraints = {
        (rule["key"], rule["expression"])
        for name in ("profiles-resources.json", "profiles-types.json")
        for entry in json.loads((Path(DEFINITIONS) / name).read_text(encoding="utf-8"))["entry"]
        for element in entry["resource"].get("snapshot", {}).get("element", [])
        for rule in element.get("constraint", [])
    }
    held = json.loads(Path(__file__).with_name("invariant_expressions.json").read_text(encoding="utf-8"))
    assert {(key, rule["expression"]) for found in held.values() for key, rule in found.items()} <= constraints
