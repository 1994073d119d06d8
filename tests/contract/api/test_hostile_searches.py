"""Searches that try to break out, to cost without end, or to see what they may not: an answer, never a fault."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from sesame_fhir.fhir.search_query import MAX_COUNT
from tests.contract.api.harness import World, assert_outcome
from tests.contract.api.test_reading import observation

SECRET = "Secretissime"


@pytest.fixture
def record(world: World) -> World:
    r"""Somebody else's data says so; ``100% _sûr\\`` is a name with everything that LIKE reads."""
    world.put({"resourceType": "Patient", "id": "p2", "name": [{"family": SECRET}], "birthDate": "1990-01-01"})
    world.put({"resourceType": "Patient", "id": "p1", "name": [{"family": "100% _sûr\\"}], "gender": "female"})
    world.put({**observation("o1", "p1"), "identifier": [{"system": "urn:x", "value": "it's|a,b$c\\d"}]})
    world.put({**observation("o2", "p2"), "note": [{"text": SECRET}]})
    return world


def asked(record: World, query: str, kind: str = "Patient", token: str | None = None) -> TestResponse:
    token = token or record.token("patient/*.cruds", "p1")
    return record.call("GET", f"/fhir/{kind}?{query}", token)


def found(answer: TestResponse) -> list[str]:
    body = json.loads(answer.data)
    return sorted(e["resource"]["id"] for e in body.get("entry", ()) if e.get("search", {}).get("mode") != "outcome")


REDOS = (
    "(a+)+$",
    "(a|aa)*b" * 50,
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "a" * 5_000 + "!",
    ".*" * 2_000,
    "%" * 5_000,
    "_%" * 2_500,
)
INJECTIONS = (
    *("' OR '1'='1", "'; DROP TABLE resource; --", '" OR ""="', "1) OR (1=1", "') UNION SELECT content FROM body --"),
    *("\\' OR 1=1 --", "?", "$1", ":1", "%s", "{r}", "{}", "i.text", "*", "NULL", "0x31", "' || (SELECT 1) || '"),
    *("p1' --", "x\x00' OR 1=1", "\u02bc OR 1=1", "\uff07 OR 1=1", "\u202e1=1", "😀" * 1_000, "é" * 5_000, "\x00"),
)
TEXTS = (
    "family",
    "family:contains",
    "family:exact",
    "name",
    "_id",
    "identifier",
    "gender",
    "birthdate",
    "_lastUpdated",
)
MORE = ("_sort", "_count", "_cursor", "_include", "_revinclude", "_elements", "_summary", "_total", "_profile", "_tag")


@pytest.mark.parametrize("name", [*TEXTS, *MORE, "_has:Observation:patient:code", "general-practitioner.name", "x'--"])
def test_injections_find_nothing_of_others(record: World, name: str) -> None:
    own = record.token("patient/*.cruds", "p1")
    with capture_logs() as logs:
        for value in (*INJECTIONS, *REDOS):
            answer = asked(record, urlencode({name: value}), token=own)
            assert answer.status_code in (200, 400), value
            assert SECRET.encode() not in answer.data
            if answer.status_code == 200:
                assert set(found(answer)) <= {"p1", "o1", "gp1"}
            else:
                assert_outcome(answer, 400)
    assert logs == []
    with_all = record.token("user/*.rs")
    assert found(asked(record, "", token=with_all)) == ["p1", "p2"]


LITERAL = [
    ("family:contains=%25", ["p1"]),
    ("family:contains=_", ["p1"]),
    ("family:contains=\\\\", ["p1"]),
    ("family:contains=%25%25", []),
    ("family:contains=1%25", []),
    ("family:contains=__", []),
    ("family=100%25", ["p1"]),
    ("family=1_0", []),
    ("family:exact=100% _sûr\\\\", ["p1"]),
    ("family:contains=.*", []),
    ("family:contains=[a-z]", []),
]


@pytest.mark.parametrize(("query", "expected"), LITERAL)
def test_what_a_pattern_means_elsewhere_is_a_character_here(record: World, query: str, expected: list[str]) -> None:
    answer = asked(record, query.replace("% ", "%25%20").replace("û", "%C3%BB"), token=record.token("user/*.rs"))
    assert answer.status_code == 200, answer.data
    assert found(answer) == expected


def test_escaped_separators_are_characters(record: World) -> None:
    value = urlencode({"identifier": "urn:x|it's\\|a\\,b\\$c\\\\d"})
    assert found(asked(record, value, "Observation")) == ["o1"]


COSTLY: list[tuple[str, list[tuple[str, str]], int]] = [
    ("10,000 values", [("_id", ",".join(f"a{n}" for n in range(10_000)))], 400),
    ("401 values of several parameters", [("_id", "a," * 200 + "b"), ("family", "a," * 200 + "b")], 400),
    ("31 parameters", [("family", "a")] * 31, 400),
    ("6 sort keys", [("_sort", "family,-family,given,-given,birthdate,gender")], 400),
    ("6 chains", [("general-practitioner.name", "a")] * 6, 400),
    ("a chain of chains", [("general-practitioner.organization.name", "a")], 400),
    ("a _has within a _has", [("_has:Observation:patient:_has:Provenance:target:agent", "a")], 400),
    ("_has on a type that is none", [("_has:Foo:patient:code", "a")], 200),
    ("11 includes", [("_include", f"Patient:general-practitioner:{kind}") for kind in "ABCDEFGHIJK"], 400),
    ("a value of 16,001 characters", [("family:contains", "a" * 16_001)], 400),
    ("a negative page", [("_count", "-1")], 400),
    ("a page of no number", [("_count", "١٠")], 400),
    ("a page of 10 digits", [("_count", "9999999999")], 400),
    ("a very large page", [("_count", "999999999")], 200),
    ("an empty page", [("_count", "0")], 200),
    ("includes that loop", [("_include", "Patient:link"), ("_include:iterate", "Patient:link")], 200),
    (
        "includes that come back",
        [("_revinclude", "Observation:patient"), ("_include:iterate", "Observation:patient")],
        200,
    ),
]


@pytest.mark.parametrize(("pairs", "status"), [one[1:] for one in COSTLY], ids=[one[0] for one in COSTLY])
def test_what_a_search_may_cost(record: World, pairs: list[tuple[str, str]], status: int) -> None:
    token = record.token("user/*.rs")
    for answer in (
        asked(record, urlencode(pairs), token=token),
        record.call("POST", "/fhir/Patient/_search", token, data=dict(_joined(pairs)), headers=FORM),
    ):
        assert answer.status_code == status, answer.data
        if status != 200:
            assert_outcome(answer, status)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _joined(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    together: dict[str, list[str]] = {}
    for name, value in pairs:
        together.setdefault(name, []).append(value)
    return together


def test_a_page_is_never_larger_than_the_largest(record: World) -> None:
    said = json.loads(asked(record, "_count=999999999").data)
    assert f"_count={MAX_COUNT}" in said["link"][0]["url"]


def test_links_in_a_circle_are_followed_once(record: World) -> None:
    for one, other in (("p1", "p3"), ("p3", "p1")):
        link = [{"other": {"reference": f"Patient/{other}"}, "type": "seealso"}]
        record.put({"resourceType": "Patient", "id": one, "link": link})
    loop = "_id=p1&_include=Patient:link&_include:iterate=Patient:link&_revinclude:iterate=Patient:link"
    assert found(asked(record, loop, token=record.token("user/*.rs"))) == ["p1", "p3"]
    assert found(asked(record, loop)) == ["p1"]


CURSORS = ("", "x", "AAAA", "eyJ9", "../..", "' OR 1=1", "%00", "9" * 400, "e30", "W10", "bnVsbA", "é")


def test_a_cursor_that_was_changed_is_refused_and_opens_nothing(record: World) -> None:
    everything = record.token("user/*.rs")
    first = json.loads(asked(record, "_count=1", token=everything).data)
    url = next(link["url"] for link in first["link"] if link["relation"] == "next")
    cursor = url.rpartition("_cursor=")[2]
    own = record.token("patient/*.cruds", "p1")
    for wrong in (*CURSORS, cursor[:-2], cursor[::-1], f"{cursor}A", cursor.swapcase()):
        answer = asked(record, urlencode({"_count": 1, "_cursor": wrong}), token=own)
        assert answer.status_code in (200, 400), wrong
        assert SECRET.encode() not in answer.data
    for query in (f"_count=1&_cursor={cursor}", f"_sort=birthdate&_cursor={cursor}"):
        answer = asked(record, query, token=own)
        assert answer.status_code in (200, 400)
        assert SECRET.encode() not in answer.data


def test_what_is_not_shown_cannot_be_asked_about(record: World) -> None:
    """A chain, a _has or a sort through somebody else's data says nothing of it."""
    own = record.token("patient/*.cruds", "p1")
    for kind, query in (
        ("Observation", f"subject:Patient.family={SECRET}"),
        ("Observation", "subject:Patient.birthdate=1990-01-01"),
        ("Observation", "subject=Patient/p2"),
        ("Patient", "_has:Observation:patient:_id=o2"),
        ("Patient", "_id=p2"),
        ("Patient", f"family={SECRET}"),
    ):
        answer = asked(record, f"{query}&_total=accurate", kind, own)
        assert answer.status_code == 200, answer.data
        said = json.loads(answer.data)
        assert (said["total"], found(answer)) == (0, []), query


def test_a_transaction_of_a_thousand_entries_and_one_more(world: World) -> None:
    body = {name: value for name, value in observation("x").items() if name != "id"}
    entry = {"request": {"method": "POST", "url": "Observation"}, "resource": body}
    bad = {**entry, "resource": {**body, "status": "done"}}
    token = world.token("user/*.cruds")

    def send(entries: list[Any]) -> TestResponse:
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        return world.call("POST", "/fhir", token, json=bundle)

    assert_outcome(send([entry] * 1001), 413, "too-costly")
    said = assert_outcome(send([*[entry] * 100, *[bad] * 900]), 400)
    assert len(said["issue"]) == 100
    assert said["issue"][0]["expression"] == ["Bundle.entry[100].resource.status"]
    assert json.loads(world.call("GET", "/fhir/Observation?_summary=count", token).data)["total"] == 0
    assert send([entry] * 1000).status_code == 200


def test_what_xml_cannot_hold_is_told_in_xml_all_the_same(record: World) -> None:
    """The name of an ignored parameter is repeated to the client."""
    answer = asked(record, urlencode({"a\x01\ufffe": "x", "_format": "xml"}))
    assert answer.status_code == 200
    assert "a\ufffd\ufffd" in answer.data.decode()
