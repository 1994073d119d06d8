"""Parts of resources: what is kept, that it is kept as written, and that what is mandatory stays."""

import json
from decimal import Decimal

import pytest

from sesame_fhir.fhir.errors import InvalidSearch
from sesame_fhir.fhir.subsetting import View, read_view, subset
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json
from tests.unit.fhir.samples import SAMPLES

OBSERVATION = b"""{"resourceType":"Observation","id":"a","meta":{"versionId":"1","tag":[{"code":"x"}]},
"language":"fr","text":{"status":"generated"},"status":"final","_status":{"id":"s"},"code":{"text":"x"},
"valueQuantity":{"value":1.50},"note":[{"text":"n"}],
"component":[{"code":{"text":"y"},"interpretation":[{"text":"z"}],"valueInteger":3}]}"""
DOCUMENT = b"""{"resourceType":"DocumentReference","id":"d","status":"current",
"content":[{"attachment":{"contentType":"text/plain","data":"QQ==","title":"T"}},{"attachment":{"url":"u:x"}}]}"""

PARTS = [
    (View("true"), {"status", "_status", "code", "valueQuantity", "component"}),
    (View("text"), {"text", "status", "_status", "code"}),
    (View("data"), {"language", "status", "_status", "code", "valueQuantity", "note", "component"}),
    (View(elements=frozenset({"value"})), {"status", "_status", "code", "valueQuantity"}),
    (View(elements=frozenset({"note", "colour"})), {"status", "_status", "code", "note"}),
]


@pytest.mark.parametrize(("view", "kept"), PARTS)
def test_what_is_kept(view: View, kept: set[str]) -> None:
    part = json.loads(subset(OBSERVATION, view))
    assert part.keys() == {"resourceType", "id", "meta"} | kept
    assert [tag["code"] for tag in part["meta"]["tag"]] == ["x", "SUBSETTED"]


def test_a_summary_cuts_inside_too() -> None:
    assert json.loads(subset(OBSERVATION, View("true")))["component"] == [{"code": {"text": "y"}, "valueInteger": 3}]
    content = json.loads(subset(DOCUMENT, View("true")))["content"]
    assert content == [{"attachment": {"contentType": "text/plain", "title": "T"}}, {"attachment": {"url": "u:x"}}]


def test_decimals_keep_their_digits() -> None:
    assert b'"value":1.50' in subset(OBSERVATION, View("true"))


def test_the_tag_is_there_once() -> None:
    once = subset(DOCUMENT, View("data"))
    assert subset(once, View("data")) == once


@pytest.mark.parametrize("view", [View("true"), View("text"), View("data"), View(elements=frozenset({"identifier"}))])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample['resourceType']}-{sample['id']}")
def test_a_part_of_something_valid_is_valid(sample: dict[str, object], view: View) -> None:
    part = json.loads(subset(write_json(sample), view), parse_float=Decimal)
    assert [issue for issue in validate(part) if issue.blocking and issue.rule is None] == []


@pytest.mark.parametrize(
    ("pairs", "view"),
    [
        ([], None),
        ([("_format", "json"), ("_summary", "false")], None),
        ([("_summary", "true")], View("true")),
        ([("_elements", "name")], View(elements=frozenset({"name"}))),
    ],
)
def test_what_a_read_asks_for(pairs: list[tuple[str, str]], view: View | None) -> None:
    assert read_view(pairs) == view


@pytest.mark.parametrize(
    "pairs",
    [
        [("_summary", "count")],
        [("_summary", "oui")],
        [("_elements", "a,,b")],
        [("_elements", "a.b")],
        [("_elements", "é")],
        [("_elements", ",".join(["a"] * 101))],
        [("_summary", "true"), ("_elements", "name")],
        [("_summary", "true"), ("_summary", "data")],
    ],
)
def test_what_a_read_cannot_be_asked_for(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidSearch):
        read_view(pairs)
