"""Look-up, expansion, checking and translation of our codes over HTTP."""

from typing import Any

import pytest

from mappings.code_systems import EXIT_REASONS, PHASES, SYSTEMS
from sesame_fhir.fhir.terminology import Concept, NotExpandableError, Terminology
from tests.contract.api.operations.asking import Asking, given, parameters, values

COLOURS: dict[str, Any] = {
    "resourceType": "CodeSystem",
    "url": "urn:x:colours",
    "version": "2",
    "status": "active",
    "content": "complete",
    "concept": [
        {
            "code": "warm",
            "display": "Chaud",
            "concept": [
                {"code": "red", "display": "Rouge", "designation": [{"language": "en", "value": "Red"}]},
                {"code": "pink", "display": "Rose", "definition": "Rouge clair."},
            ],
        },
        {"code": "cold", "display": "Froid", "concept": [{"code": "blue", "display": "Bleu"}]},
    ],
}


def value_set(*include: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "status": "active", "compose": {"include": list(include), **more}}


def codes(found: Any) -> list[str]:
    return [one["code"] for one in found["expansion"].get("contains", ())]


@pytest.mark.parametrize("local", SYSTEMS, ids=lambda one: one.name)
def test_every_code_of_ours_is_looked_up(asking: Asking, local: Any) -> None:
    code, display = next(iter(local.concepts.items()))
    found = asking.ok(
        "CodeSystem/$lookup", parameters(given("system", valueUri=local.url), given("code", valueCode=code))
    )
    assert values(found, "display") == [display]
    assert values(found, "version") == ["1.0.0"]


def test_a_coding_is_looked_up(asking: Asking) -> None:
    coding = {"system": PHASES.url, "code": "care", "version": "1.0.0"}
    found = asking.ok("CodeSystem/$lookup", parameters(given("coding", valueCoding=coding)))
    assert values(found, "display") == ["Prise en charge"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        (f"system={PHASES.url}&code=nothing", 404, "not-found"),
        ("system=http://loinc.org&code=44261-6", 404, "not-found"),
        (f"system={PHASES.url}&code=care&version=9", 404, "not-found"),
        ("code=care", 400, "required"),
        (f"system={PHASES.url}", 400, "required"),
    ],
)
def test_what_cannot_be_looked_up(asking: Asking, query: str, status: int, code: str) -> None:
    assert asking.refused(f"CodeSystem/$lookup?{query}")[:2] == (status, [code])


@pytest.mark.parametrize(
    ("query", "result"),
    [
        (f"url={PHASES.url}&code=care", True),
        (f"url={PHASES.url}&code=care&display=prise en charge", True),
        (f"url={PHASES.url}&code=care&display=Autre chose", False),
        (f"url={PHASES.url}&code=nothing", False),
    ],
)
def test_codes_of_a_system_are_checked(asking: Asking, query: str, result: bool) -> None:  # noqa: FBT001  a table
    assert values(asking.ok(f"CodeSystem/$validate-code?{query}"), "result") == [result]


def test_a_system_sent_along_is_checked(asking: Asking) -> None:
    body = parameters(given("codeSystem", resource=COLOURS), given("code", valueCode="red"))
    found = asking.ok("CodeSystem/$validate-code", body)
    assert (values(found, "result"), values(found, "display")) == ([True], ["Rouge"])


@pytest.mark.parametrize(
    ("compose", "expected"),
    [
        (value_set({"system": "urn:x:colours"}), ["warm", "red", "pink", "cold", "blue"]),
        (value_set({"system": "urn:x:colours", "concept": [{"code": "blue"}, {"code": "red"}]}), ["blue", "red"]),
        (
            value_set({"system": "urn:x:colours", "filter": [{"property": "concept", "op": "is-a", "value": "warm"}]}),
            ["warm", "red", "pink"],
        ),
        (
            value_set(
                {"system": "urn:x:colours", "filter": [{"property": "concept", "op": "descendent-of", "value": "warm"}]}
            ),
            ["red", "pink"],
        ),
        (
            value_set(
                {"system": "urn:x:colours"}, exclude=[{"system": "urn:x:colours", "concept": [{"code": "cold"}]}]
            ),
            ["warm", "red", "pink", "blue"],
        ),
        (value_set({"system": "http://loinc.org", "concept": [{"code": "44261-6", "display": "PHQ-9"}]}), ["44261-6"]),
        (
            value_set({"valueSet": ["urn:x:some"]}, {"system": "urn:x:colours", "concept": [{"code": "red"}]}),
            ["blue", "red"],
        ),
        (value_set({"system": "urn:x:colours", "valueSet": ["urn:x:some|1"]}), ["blue"]),
    ],
)
def test_a_value_set_is_expanded(compose: dict[str, Any], expected: list[str]) -> None:
    some = {
        **value_set({"system": "urn:x:colours", "concept": [{"code": "blue"}]}),
        "url": "urn:x:some",
        "version": "1",
    }
    assert [one.code for one in Terminology((COLOURS, some)).expand(compose)] == expected


@pytest.mark.parametrize(
    "compose",
    [
        value_set({"system": "http://loinc.org"}),
        value_set({"valueSet": ["urn:x:nobody"]}),
        value_set({"valueSet": ["urn:x:itself"]}),
        value_set(*[{"system": "urn:x:colours"}] * 201),
        value_set({"system": "urn:x:colours", "valueSet": ["urn:x:some"] * 200}),
        value_set({"system": "urn:x:colours", "filter": [{"property": "display", "op": "regex", "value": "(a+)+$"}]}),
    ],
)
def test_what_cannot_be_expanded(compose: dict[str, Any]) -> None:
    itself = {**value_set({"valueSet": ["urn:x:itself"]}), "url": "urn:x:itself"}
    some = {**value_set({"system": "urn:x:colours"}), "url": "urn:x:some"}
    with pytest.raises(NotExpandableError):
        Terminology((COLOURS, itself, some)).expand(compose)


def test_displays_by_language() -> None:
    red = Terminology((COLOURS,)).expand(value_set({"system": "urn:x:colours"}))[1]
    assert [red.shown(language) for language in (None, "en", "en-GB,fr;q=0.5", "de")] == [
        "Rouge",
        "Red",
        "Red",
        "Rouge",
    ]
    assert red == Concept("urn:x:colours", "red", "Rouge", None, "2", {"en": "Red"}, ("warm",))


def test_expansion_by_pages_and_words(asking: Asking) -> None:
    whole = value_set({"system": EXIT_REASONS.url})
    every = asking.ok("ValueSet/$expand", whole)
    assert codes(every) == list(EXIT_REASONS.concepts)
    assert every["expansion"]["total"] == len(EXIT_REASONS.concepts)
    pages = [
        codes(asking.ok(f"ValueSet/$expand?count=4&offset={offset}", parameters(given("valueSet", resource=whole))))
        for offset in (0, 4, 8, 12)
    ]
    assert [len(page) for page in pages] == [4, 4, 1, 0]
    assert [code for page in pages for code in page] == codes(every)
    found = asking.ok("ValueSet/$expand?filter=REMISSION", parameters(given("valueSet", resource=whole)))
    assert codes(found) == ["remission"]
    nothing = asking.ok("ValueSet/$expand?count=0", parameters(given("valueSet", resource=whole)))
    assert "contains" not in nothing["expansion"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("url=urn:x:nobody", 404, "not-found"),
        ("", 400, "required"),
        ("url=urn:x:nobody&count=-1", 400, "value"),
        ("url=urn:x:nobody&count=many", 400, "value"),
        ("url=urn:x:nobody&offset=-1", 400, "value"),
    ],
)
def test_what_expansion_refuses(asking: Asking, query: str, status: int, code: str) -> None:
    assert asking.refused(f"ValueSet/$expand?{query}")[:2] == (status, [code])


def test_a_foreign_system_as_a_whole_is_refused(asking: Asking) -> None:
    assert asking.refused("ValueSet/$expand", value_set({"system": "http://loinc.org"}))[:2] == (422, ["too-costly"])


def test_every_published_value_set_is_expanded_or_refused_with_a_reason(asking: Asking) -> None:
    """Those over our own systems are; a refusal may only concern a system that is not ours."""
    for one in asking.world.deps.terminology.resources:
        if one["resourceType"] != "ValueSet":
            continue
        answer = asking.call(f"ValueSet/$expand?url={one['url']}")
        systems = {part.get("system", "") for part in one["compose"]["include"]}
        ours = all(system.startswith("https://sesame-fhir.fr/") for system in systems)
        assert answer.status_code == (200 if ours else answer.status_code), one["url"]
        assert answer.status_code in (200, 422), one["url"]


@pytest.mark.parametrize(
    ("entries", "result"),
    [
        ([given("code", valueCode="remission"), given("system", valueUri=EXIT_REASONS.url)], True),
        ([given("code", valueCode="remission")], True),
        ([given("coding", valueCoding={"system": EXIT_REASONS.url, "code": "remission"})], True),
        ([given("coding", valueCoding={"system": PHASES.url, "code": "remission"})], False),
        (
            [
                given(
                    "codeableConcept",
                    valueCodeableConcept={
                        "coding": [{"system": "urn:x", "code": "y"}, {"system": EXIT_REASONS.url, "code": "death"}]
                    },
                )
            ],
            True,
        ),
    ],
)
def test_codes_of_a_value_set_are_checked(asking: Asking, entries: list[Any], result: bool) -> None:  # noqa: FBT001
    body = parameters(given("valueSet", resource=value_set({"system": EXIT_REASONS.url})), *entries)
    assert values(asking.ok("ValueSet/$validate-code", body), "result") == [result]


def test_translation(asking: Asking) -> None:
    """By a map of our own making: which ones are published is the profiles' business."""
    concept_map = {
        "resourceType": "ConceptMap",
        "url": "urn:x:map",
        "group": [
            {
                "source": "urn:x:colours",
                "target": "urn:x:tones",
                "element": [{"code": "red", "target": [{"code": "r", "equivalence": "equivalent", "display": "R"}]}],
            }
        ],
    }
    known = Terminology((COLOURS, concept_map))
    (found,) = known.translate("urn:x:colours", "red")
    assert (found.code, found.equivalence, found.source) == ("r", "equivalent", "urn:x:map")
    assert list(known.translate("urn:x:colours", "blue")) == []
    assert list(known.translate("urn:x:colours", "red", target="urn:x:other")) == []
    refused = asking.refused("ConceptMap/$translate?url=urn:x:nobody&code=a&system=b")
    assert refused == (404, ["not-found"], ["url"])


def test_every_published_map_translates_its_own_codes(asking: Asking) -> None:
    for one in asking.world.deps.terminology.resources:
        if one["resourceType"] != "ConceptMap":
            continue
        group = one["group"][0]
        query = f"url={one['url']}&system={group['source']}&code={group['element'][0]['code']}"
        found = asking.ok(f"ConceptMap/$translate?{query}")
        assert any(entry["name"] == "match" for entry in found["parameter"]), one["url"]
