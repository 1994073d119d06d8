"""RFC 6902, operation by operation: what each does, and every refusal with the operation's index."""

import json
from decimal import Decimal
from typing import Any

import pytest

from sesame_fhir.fhir.errors import FhirError, InvalidResource, TooCostly, UnprocessableResource
from sesame_fhir.fhir.json_patch import MAX_OPERATIONS, apply_patch

DOCUMENT: dict[str, Any] = {"a": {"b": [1, 2, 3]}, "text": "x", "yes": True, "n": None, "x/y": {"~": 1}}


def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    return made


def op(kind: str, path: str, **members: Any) -> dict[str, Any]:
    return {"op": kind, "path": path, **{name.rstrip("_"): value for name, value in members.items()}}


# operations | what becomes of the members they touch
APPLIED: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([], {}),
    ([op("add", "/new", value={"c": 1})], {"new": {"c": 1}}),
    ([op("add", "/text", value="y")], {"text": "y"}),
    ([op("add", "/a/b/0", value=0)], {"a": {"b": [0, 1, 2, 3]}}),
    ([op("add", "/a/b/3", value=4)], {"a": {"b": [1, 2, 3, 4]}}),
    ([op("add", "/a/b/-", value=4)], {"a": {"b": [1, 2, 3, 4]}}),
    ([op("add", "/x~1y/~0", value=2)], {"x/y": {"~": 2}}),
    ([op("add", "/", value=1)], {"": 1}),
    ([op("remove", "/a/b/1")], {"a": {"b": [1, 3]}}),
    ([op("replace", "/a/b/2", value="z")], {"a": {"b": [1, 2, "z"]}}),
    ([op("replace", "/n", value=1)], {"n": 1}),
    ([op("move", "/a/c", from_="/text"), op("add", "/text", value=1)], {"a": {"b": [1, 2, 3], "c": "x"}, "text": 1}),
    ([op("move", "/a/b/0", from_="/a/b/2")], {"a": {"b": [3, 1, 2]}}),
    ([op("move", "/a", from_="/a")], {}),
    ([op("copy", "/c", from_="/a/b"), op("add", "/c/-", value=9)], {"c": [1, 2, 3, 9]}),
    ([op("test", "/a", value={"b": [1, 2.0, Decimal("3.00")]})], {}),
    ([op("test", "/yes", value=True), op("test", "/n", value=None), op("test", "/x~1y", value={"~": 1})], {}),
    ([op("test", "", value=DOCUMENT)], {}),
    ([op("add", "/text", value="y", comment="members that are not known do not count")], {"text": "y"}),
]


@pytest.mark.parametrize(("operations", "changed"), APPLIED, ids=range(len(APPLIED)))
def test_what_operations_do(operations: list[dict[str, Any]], changed: dict[str, Any]) -> None:
    assert apply_patch(document(), operations) == {**DOCUMENT, **changed}


def test_a_whole_document_can_be_replaced_by_an_object_only() -> None:
    assert apply_patch(document(), [op("replace", "", value={"b": 2})]) == {"b": 2}
    with pytest.raises(InvalidResource):
        apply_patch(document(), [op("add", "", value=[1])])


# the last operation is refused
REFUSED: list[list[dict[str, Any]]] = [
    [op("test", "/text", value="y")],
    [op("add", "/text", value="y"), op("test", "/text", value="x")],
    [op("test", "/yes", value=1)],
    [op("test", "/a/b/0", value=True)],
    [op("test", "/a/b/0", value="1")],
    [op("test", "/a", value={"b": [1, 2, 3], "c": 1})],
    [op("test", "/a/b", value=[1, 2])],
    [op("test", "/nothing", value=None)],
    [op("remove", "/nothing")],
    [op("remove", "")],
    [op("remove", "/a/b/3")],
    [op("remove", "/a/b/-")],
    [op("replace", "/nothing", value=1)],
    [op("replace", "/a/b/-", value=1)],
    [op("add", "/a/b/4", value=1)],
    [op("add", "/a/b/01", value=1)],
    [op("add", "/a/b/-1", value=1)],
    [op("add", "/a/b/١", value=1)],
    [op("add", "/a/b/x", value=1)],
    [op("add", "/nothing/x", value=1)],
    [op("add", "/text/x", value=1)],
    [op("copy", "/c", from_="/nothing")],
    [op("move", "/a/b/c", from_="/a")],
    [op("move", "/a/0", from_="")],
]


@pytest.mark.parametrize("operations", REFUSED, ids=range(len(REFUSED)))
def test_an_operation_that_cannot_be_applied_is_named(operations: list[dict[str, Any]]) -> None:
    last = len(operations) - 1
    with pytest.raises(UnprocessableResource) as caught:
        apply_patch(document(), operations)
    (issue,) = caught.value.issues
    assert issue.expression == (f"[{last}]",)
    assert f"[{last}] ({operations[last]['op']})" in issue.diagnostics


MALFORMED: list[Any] = [
    None,
    [],
    "remove",
    {},
    {"op": "remove"},
    {"op": "Remove", "path": "/text"},
    {"op": ["add"], "path": "/text", "value": 1},
    {"op": "add", "path": "/text"},
    {"op": "move", "path": "/text"},
    {"op": "test", "path": "/text"},
    {"op": "remove", "path": "text"},
    {"op": "remove", "path": 1},
    {"op": "remove", "path": "/~2"},
    {"op": "remove", "path": "/x~"},
    {"op": "copy", "path": "/text", "from": None},
]


def test_every_malformed_operation_is_told_at_once() -> None:
    with pytest.raises(InvalidResource) as caught:
        apply_patch(document(), [op("remove", "/text"), *MALFORMED])
    assert {issue.expression[0] for issue in caught.value.issues} == {f"[{n + 1}]" for n in range(len(MALFORMED))}


@pytest.mark.parametrize(
    "operations",
    [
        [op("test", "/text", value="x")] * (MAX_OPERATIONS + 1),
        [op("copy", "/a/b/-", from_="/a")] * 40,
        [op("copy", "/a/c", from_="/a")] * 400,
    ],
    ids=["many", "doubling", "growing"],
)
def test_a_patch_cannot_exhaust_the_server(operations: list[dict[str, Any]]) -> None:
    with pytest.raises(TooCostly):
        apply_patch(document(), operations)


def test_values_of_the_patch_are_not_shared() -> None:
    value: dict[str, Any] = {"deep": []}
    patched = apply_patch(document(), [op("add", "/one", value=value), op("add", "/one/deep/-", value=1)])
    assert patched["one"] == {"deep": [1]}
    assert value == {"deep": []}


def test_nothing_of_the_document_is_repeated() -> None:
    with pytest.raises(FhirError) as caught:
        apply_patch({"name": "Zorglub"}, [op("test", "/name", value="Zorglube")])
    assert "Zorg" not in str(caught.value.issues)
