"""Bad input by every way in: refused, each problem with its place, nothing stored; good input comes back whole."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sesame_fhir.fhir.writer import write_json
from sesame_fhir.fhir.xml import from_xml
from sesame_fhir.storage import Store, open_store
from tests.contract.api.bad_inputs import BAD, DOCUMENTS, GOOD, KEPT_XML, Bad
from tests.contract.api.conftest import KEY
from tests.contract.api.harness import FHIR_JSON, World

FHIR_XML = "application/fhir+xml"
JSON_PATCH = "application/json-patch+json"


class Door:
    """A facade in which one good resource of each type waits to be replaced; nothing may change in it."""

    def __init__(self, store: Store, path: Path) -> None:
        self.world = World(store)
        self.token = self.world.token("user/*.cruds")
        self._path = path
        for kind in sorted({one.type for one in BAD}):
            self.world.put({"resourceType": kind, "id": "x1"})
        self.before = self.count()

    def count(self) -> int:
        """Versions of resources that are stored."""
        with sqlite3.connect(self._path) as found:
            return int(found.execute("SELECT count(*) FROM resource_version").fetchone()[0])

    def call(self, method: str, path: str, body: bytes, media: str) -> TestResponse:
        headers = {"Content-Type": media, "Accept": FHIR_JSON}
        return self.world.call(method, f"/fhir{path}", self.token, data=body, headers=headers)


@pytest.fixture(scope="module")
def door(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    path = tmp_path_factory.mktemp("bad") / "record.db"
    path.write_bytes(migrated.read_bytes())
    with open_store(f"sqlite:///{path}", KEY) as store:
        yield Door(store, path)


def as_json(row: Bad) -> bytes:
    return f'{{"resourceType":"{row.type}","id":"x1",{row.json}}}'.encode("utf-8", "surrogateescape")


def as_xml(row: Bad) -> bytes:
    inner = f'<id value="x1"/>{row.xml}'
    return f'<{row.type} xmlns="http://hl7.org/fhir">{inner}</{row.type}>'.encode("utf-8", "surrogateescape")


def transaction(kind: str, body: bytes) -> bytes:
    entry = b'{"request":{"method":"POST","url":"%s"},"resource":%s}' % (kind.encode(), body)
    return b'{"resourceType":"Bundle","type":"transaction","entry":[%s]}' % entry


def transaction_xml(kind: str, body: bytes) -> bytes:
    request = b'<request><method value="POST"/><url value="%s"/></request>' % kind.encode()
    entry = b'<type value="transaction"/><entry><resource>%s</resource>%s</entry>' % (body, request)
    return b'<Bundle xmlns="http://hl7.org/fhir">%s</Bundle>' % entry


WAYS: dict[str, Callable[[Door, str, bytes], TestResponse]] = {
    "create": lambda door, kind, body: door.call("POST", f"/{kind}", body, FHIR_JSON),
    "update": lambda door, kind, body: door.call("PUT", f"/{kind}/x1", body, FHIR_JSON),
    "patch": lambda door, kind, body: door.call(
        "PATCH", f"/{kind}/x1", b'[{"op":"replace","path":"","value":%s}]' % body, JSON_PATCH
    ),
    "transaction": lambda door, kind, body: door.call("POST", "", transaction(kind, body), FHIR_JSON),
    "$validate": lambda door, kind, body: door.call("POST", f"/{kind}/$validate", body, FHIR_JSON),
    "create XML": lambda door, kind, body: door.call("POST", f"/{kind}", body, FHIR_XML),
    "update XML": lambda door, kind, body: door.call("PUT", f"/{kind}/x1", body, FHIR_XML),
    "transaction XML": lambda door, kind, body: door.call("POST", "", transaction_xml(kind, body), FHIR_XML),
    "$validate XML": lambda door, kind, body: door.call("POST", f"/{kind}/$validate", body, FHIR_XML),
}


def errors_of(answer: TestResponse) -> list[dict[str, Any]]:
    said = json.loads(answer.data)
    assert said["resourceType"] == "OperationOutcome", said
    return [issue for issue in said["issue"] if issue["severity"] in ("error", "fatal")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("row", BAD, ids=lambda row: row.name)
def test_bad_input(door: Door, row: Bad, way: str) -> None:
    if (row.xml if way.endswith("XML") else row.json) is None:
        return
    answer = WAYS[way](door, row.type, as_xml(row) if way.endswith("XML") else as_json(row))
    judged = way.startswith("$validate") and row.places
    assert answer.status_code == (200 if judged else row.status), answer.data
    errors = errors_of(answer)
    assert errors
    assert all(issue["diagnostics"] for issue in errors)
    named = {place for issue in errors for place in issue.get("expression", ())}
    root = "Bundle.entry[0].resource" if way.startswith("transaction") else row.type
    assert {f"{root}.{place}".rstrip(".") for place in row.places} <= named
    assert door.count() == door.before


@pytest.mark.parametrize("prolog", DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("way", ["create XML", "update XML", "$validate XML"])
def test_documents_that_declare_something(door: Door, prolog: str, way: str) -> None:
    inner = f'<Observation xmlns="http://hl7.org/fhir">{KEPT_XML}<valueString value="&a9;"/></Observation>'
    answer = WAYS[way](door, "Observation", f"{prolog}{inner}".encode())
    assert answer.status_code == 400
    assert errors_of(answer)[0]["severity"] == "fatal"
    assert b"root:" not in answer.data
    assert door.count() == door.before


def content(body: bytes) -> dict[str, Any]:
    """A resource without what the server says of it; every number is the text that it was."""
    read = json.loads(body, parse_float=str, parse_int=str)
    return {name: value for name, value in read.items() if name not in ("id", "meta")}


def writes(row: Bad) -> Iterator[tuple[str, str, bytes, str]]:
    """A good resource by every way in: method, address, body, media type."""
    address, body = f"/{row.type}/x1", as_json(row)
    yield "POST", f"/{row.type}", body, FHIR_JSON
    yield "PUT", address, body, FHIR_JSON
    yield "PATCH", address, b'[{"op":"replace","path":"","value":%s}]' % body, JSON_PATCH
    yield "POST", "", transaction(row.type, body), FHIR_JSON
    if row.xml is not None:
        yield "PUT", address, as_xml(row), FHIR_XML
        yield "POST", "", transaction_xml(row.type, as_xml(row)), FHIR_XML


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row.name)
def test_good_input_comes_back_with_the_same_characters(world: World, row: Bad) -> None:
    token, sent = world.token("user/*.cruds"), content(as_json(row))
    world.put({"resourceType": row.type, "id": "x1"})
    for method, path, body, media in writes(row):
        headers = {"Content-Type": media, "Accept": FHIR_JSON}
        answer = world.call(method, f"/fhir{path}", token, data=body, headers=headers)
        assert answer.status_code in (200, 201), answer.data
        where = answer.headers.get("Location") or json.loads(answer.data).get("entry", [{}])[0].get("response", {}).get(
            "location"
        )
        found = (where or "x/fhir/" + path[1:]).partition("/fhir/")[2].partition("/_history")[0]
        for address in (found, f"{found}/_history"):
            told = world.call("GET", f"/fhir/{address}", token).data
            assert sent in (content(told), *_resources(told)), address
        kind, key = found.split("/")
        assert sent in _resources(world.call("GET", f"/fhir/{kind}?_id={key}", token).data)
        in_xml = world.call("GET", f"/fhir/{found}?_format=xml", token).data
        assert content(write_json(from_xml(in_xml))) == sent
    judged = world.call(
        "POST", f"/fhir/{row.type}/$validate", token, data=as_json(row), headers={"Content-Type": FHIR_JSON}
    )
    assert (judged.status_code, errors_of(judged)) == (200, [])


def _resources(bundle: bytes) -> list[dict[str, Any]]:
    entries = json.loads(bundle, parse_float=str, parse_int=str).get("entry", [])
    kept = (entry.get("resource", {}) for entry in entries)
    return [{name: value for name, value in one.items() if name not in ("id", "meta")} for one in kept]
