"""HTTP around the interactions: HEAD, conditions of a read, compression, request ids, cross-origin calls."""

import gzip
import json
from typing import Any

import pytest

from sesame_fhir.api.facade.responses import COMPRESSED_FROM
from tests.contract.api.harness import FHIR_JSON, ORIGIN, World, assert_outcome
from tests.contract.api.test_reading import observation

ALL = "user/*.cruds"
LONG = {**observation("long"), "note": [{"text": "Texte. " * 300}]}
ADDRESSES = ("Observation/long", "Observation?_id=long", "Observation/long/_history", "metadata")


@pytest.fixture
def record(world: World) -> World:
    world.put(observation("o1"))
    world.put(LONG)
    return world


@pytest.mark.parametrize("path", ["Observation/o1", "Observation/o1/_history/1", "Observation", "metadata", "Nothing"])
def test_head_is_get_without_a_body(record: World, path: str) -> None:
    token = record.token(ALL)
    got, head = (record.call(method, f"/fhir/{path}", token) for method in ("GET", "HEAD"))
    assert head.data == b""
    assert head.status_code == got.status_code
    for answer in (got, head):
        answer.headers.pop("X-Request-Id", None)
    assert sorted(head.headers) == sorted(got.headers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Modified-Since": "Mon, 02 Mar 2026 09:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Mon, 02 Mar 2026 10:00:00 GMT"}, 304),
        ({"If-Modified-Since": "Mon, 02 Mar 2026 08:59:59 GMT"}, 200),
        ({"If-Modified-Since": "nonsense"}, 200),
        ({"If-Modified-Since": "Mon, 02 Mar 2026 10:00:00 GMT", "If-None-Match": 'W/"7"'}, 200),
        ({"If-Modified-Since": "Mon, 02 Mar 2026 08:00:00 GMT", "If-None-Match": 'W/"1"'}, 304),
    ],
)
def test_conditional_read(record: World, headers: dict[str, str], status: int) -> None:
    answer = record.call("GET", "/fhir/Observation/o1", record.token(ALL), headers=headers)
    assert answer.status_code == status
    assert (answer.data == b"") == (status == 304)


@pytest.mark.parametrize("path", ADDRESSES)
def test_long_answers_are_compressed_for_who_accepts_it(record: World, path: str) -> None:
    token = record.token(ALL)
    plain = record.call("GET", f"/fhir/{path}", token)
    small = record.call("GET", f"/fhir/{path}", token, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data)
    assert gzip.decompress(small.data) == plain.data
    assert "Accept-Encoding" in small.headers["Vary"]


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("deflate, gzip ; q=1.0", True),
        ("gzip;q=0", False),
        ("gzip;q=0.0", False),
        ("identity", False),
        ("x-gzip2", False),
        ("", False),
    ],
)
def test_who_accepts_gzip(record: World, accepted: str, *, compressed: bool) -> None:
    for path in ("Observation/long", "Observation/long?_format=json"):
        answer = record.call("GET", f"/fhir/{path}", record.token(ALL), headers={"Accept-Encoding": accepted})
        assert ("Content-Encoding" in answer.headers) == compressed


def test_short_answers_are_not_worth_it(record: World) -> None:
    answer = record.call("GET", "/fhir/Observation/o1", record.token(ALL), headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) < COMPRESSED_FROM
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", ["Observation/o1", "Observation/o1?_format=json", "Observation/nothing", "Nothing"])
def test_every_answer_has_an_id_and_gives_the_client_s_back(record: World, path: str) -> None:
    token = record.token(ALL)
    assert record.call("GET", f"/fhir/{path}", token).headers["X-Request-Id"]
    named = record.call("GET", f"/fhir/{path}", token, headers={"X-Request-Id": "theirs-1"})
    assert named.headers["X-Correlation-Id"] == "theirs-1"
    assert named.headers["X-Request-Id"] != "theirs-1"


@pytest.mark.parametrize("theirs", ["x" * 65, "a b", "<script>", ""])
def test_what_is_no_request_id_is_not_given_back(record: World, theirs: str) -> None:
    answer = record.call("GET", "/fhir/Observation/o1", record.token(ALL), headers={"X-Request-Id": theirs})
    assert answer.status_code == 200
    assert "X-Correlation-Id" not in answer.headers


def test_pretty_is_for_people(record: World) -> None:
    token = record.token(ALL)
    plain = record.call("GET", "/fhir/Observation/o1", token)
    pretty = record.call("GET", "/fhir/Observation/o1?_pretty=true", token)
    assert pretty.data.count(b"\n") > 10
    assert json.loads(pretty.data) == json.loads(plain.data)
    xml = record.call("GET", "/fhir/Observation/o1?_pretty=true&_format=xml", token)
    assert xml.data.count(b"\n") > 10


PREFLIGHTS = [
    ("Observation/o1", method) for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE")
] + [("Observation", "POST"), ("", "POST"), ("Patient/p1/$everything", "GET")]  # fmt: skip


@pytest.mark.parametrize(("path", "method"), PREFLIGHTS)
def test_preflights_of_registered_origins(record: World, path: str, method: str) -> None:
    wanted = "authorization, content-type, if-match, if-none-exist, prefer"
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted}
    answer = record.call("OPTIONS", f"/fhir/{path}", headers={"Origin": ORIGIN, **asked})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = {one.lower() for one in answer.headers["Access-Control-Allow-Headers"].split(", ")}
    assert set(wanted.split(", ")) <= allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers
    other = record.call("OPTIONS", f"/fhir/{path}", headers={"Origin": "https://evil.example", **asked})
    assert not [name for name in dict(other.headers) if name.startswith("Access-Control-Allow")]


def test_a_browser_can_read_the_headers_that_matter(record: World) -> None:
    body = {name: value for name, value in observation("x").items() if name != "id"}
    answer = record.call("POST", "/fhir/Observation", record.token(ALL), json=body, headers={"Origin": ORIGIN})
    exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    assert {"ETag", "Location", "Last-Modified", "X-Request-Id"} <= exposed
    refused = record.call("PUT", "/fhir/CarePlan/1", record.token(ALL), json={}, headers={"Origin": ORIGIN})
    assert_outcome(refused, 405)
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_content_location_is_where_the_content_is(record: World) -> None:
    body = {name: value for name, value in observation("x").items() if name != "id"}
    for preference, shown in (("representation", True), ("minimal", False), ("OperationOutcome", False)):
        headers = {"Prefer": f"return={preference}"}
        answer = record.call("POST", "/fhir/Observation", record.token(ALL), json=body, headers=headers)
        assert (answer.headers.get("Content-Location") == answer.headers["Location"]) == shown


@pytest.mark.parametrize("media", [FHIR_JSON, "application/json", "text/json"])
def test_json_by_its_other_names(record: World, media: str) -> None:
    body: dict[str, Any] = observation("o1")
    headers = {"Content-Type": media}
    answer = record.call("PUT", "/fhir/Observation/o1", record.token(ALL), json=body, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("media", ["application/fhir+xml", "application/xml", "text/xml"])
def test_xml_in_and_out(record: World, media: str) -> None:
    token = record.token(ALL)
    xml = record.call("GET", "/fhir/Observation/o1", token, headers={"Accept": media}).data
    changed = xml.replace(b'value="final"', b'value="amended"')
    headers = {"Content-Type": media, "Accept": media}
    answer = record.call("PUT", "/fhir/Observation/o1", token, data=changed, headers=headers)
    assert answer.status_code == 200, answer.data
    assert b'<status value="amended"/>' in answer.data
    stored = json.loads(record.call("GET", "/fhir/Observation/o1", token).data)
    assert stored["status"] == "amended"
