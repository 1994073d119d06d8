"""What the OperationDefinitions say is what the table of operations says; standard ones are named as published."""

from pathlib import Path

import pytest

from mappings.conformance import load_conformance
from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.api.operations.registry import Operation
from sesame_fhir.fhir.canonical import ROOT
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.validation import validate

DEFINED: dict[str, Json] = {
    one["url"]: one for one in load_conformance() if one["resourceType"] == "OperationDefinition"
}
OURS = [one for one in OPERATIONS if one.definition.startswith(ROOT)]


def test_each_of_ours_is_defined() -> None:
    assert {one.definition for one in OURS} <= set(DEFINED)


@pytest.mark.parametrize("operation", OURS, ids=lambda one: one.name)
def test_the_definition_agrees(operation: Operation) -> None:
    defined = DEFINED[operation.definition]
    assert validate(defined, "OperationDefinition") == []
    assert (defined["code"], tuple(defined["resource"])) == (operation.name, operation.types)
    assert {level for level in ("system", "type", "instance") if defined[level]} == set(operation.levels)
    assert defined["affectsState"] is operation.affects_state
    taken = {one["name"]: (one["type"], one["min"]) for one in defined["parameter"] if one["use"] == "in"}
    assert taken == {one.name: (one.kind, int(one.required)) for one in operation.parameters}


def test_names_are_unique_at_each_address() -> None:
    addresses = [(one.name, kind, level) for one in OPERATIONS for kind in one.types for level in one.levels]
    assert len(addresses) == len(set(addresses))


def test_standard_operations_are_named_by_their_publisher() -> None:
    for one in OPERATIONS:
        if one not in OURS:
            assert one.definition.startswith(("http://hl7.org/fhir/OperationDefinition/", "http://hl7.org/fhir/uv/"))
            assert one.definition.endswith(f"-{one.name}")


def test_every_operation_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "operations.md").read_text(encoding="utf-8")
    assert [one.name for one in OPERATIONS if f"/${one.name}`" not in page] == []
