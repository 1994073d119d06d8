"""The EHR client against a real loopback server: every fault has its code, and the token goes nowhere else."""

import gzip
import time
from collections.abc import Iterator

import pytest

from smart_app.ehr.client import EhrClient, EhrCode, EhrError
from smart_app.errors import LaunchExpired
from tests.unit.smart_app.ehr.loopback import Loopback, Reply, StoppedClock, Tokens, client_of, json_reply, running

pytestmark = pytest.mark.network


@pytest.fixture
def server() -> Iterator[Loopback]:
    with running() as state:
        yield state


@pytest.mark.parametrize(
    ("reply", "code", "retry_after"),
    [
        (Reply(400, b"{}"), EhrCode.INVALID, None),
        (Reply(403, b"{}"), EhrCode.FORBIDDEN, None),
        (Reply(404, b"<html>"), EhrCode.NOT_FOUND, None),
        (Reply(405, b""), EhrCode.NOT_SUPPORTED, None),
        (Reply(409, b"{}"), EhrCode.CONFLICT, None),
        (Reply(410, b""), EhrCode.NOT_FOUND, None),
        (Reply(412, b"{}"), EhrCode.PRECONDITION, None),
        (Reply(418, b"{}"), EhrCode.INVALID, None),
        (Reply(422, b"{}"), EhrCode.UNPROCESSABLE, None),
        (Reply(429, b"", {"Retry-After": "17"}), EhrCode.THROTTLED, 17),
        (Reply(429, b"", {"Retry-After": "999999999999"}), EhrCode.THROTTLED, 3600),
        (Reply(429, b"", {"Retry-After": "soon"}), EhrCode.THROTTLED, None),
        (Reply(429, b"", {"Retry-After": "Sun, 29 Mar 2026 01:31:00 GMT"}), EhrCode.THROTTLED, 60),
        (Reply(429, b"", {"Retry-After": "Sun, 29 Mar 2020 01:31:00 GMT"}), EhrCode.THROTTLED, 0),
        (Reply(500, b"boom"), EhrCode.SERVER_ERROR, None),
        (Reply(501, b""), EhrCode.NOT_SUPPORTED, None),
        (Reply(503, b"<html>", {"Retry-After": "5"}), EhrCode.SERVER_ERROR, 5),
        (Reply(403, b"<html>", {"Content-Type": "text/html; charset=utf-8"}), EhrCode.NOT_FHIR, None),
        (Reply(400, b"<html>", {"Content-Type": "Text/HTML"}), EhrCode.NOT_FHIR, None),
        (Reply(422, b"<html>", {"Content-Type": "application/xhtml+xml"}), EhrCode.NOT_FHIR, None),
        (Reply(404, b"<html>", {"Content-Type": "text/html"}), EhrCode.NOT_FOUND, None),
        (Reply(302, b"", {"Location": "https://evil.example/"}), EhrCode.NOT_FHIR, None),
        (Reply(200, b"<html>Connexion</html>", {"Content-Type": "text/html"}), EhrCode.NOT_FHIR, None),
        (Reply(200, b"[]"), EhrCode.NOT_FHIR, None),
        (Reply(200, b'{"a": 1}'), EhrCode.NOT_FHIR, None),
        (Reply(200, b'{"resourceType": 7}'), EhrCode.NOT_FHIR, None),
        (Reply(200, b'{"resourceType": "Patient", "id": "a", "id": "b"}'), EhrCode.NOT_FHIR, None),
        (Reply(200, b"\xff\xfe"), EhrCode.NOT_FHIR, None),
        (Reply(200, b" " * 3_000_000), EhrCode.NOT_FHIR, None),
        (Reply(200, b'{"resourceType"', cut=True), EhrCode.UNREACHABLE, None),
    ],
)
def test_every_fault_has_its_code(server: Loopback, reply: Reply, code: EhrCode, retry_after: int | None) -> None:
    server.answer("Patient/p-1", reply)
    with client_of(server) as client, pytest.raises(EhrError) as failed:
        client.get("Patient/p-1")
    assert failed.value.code is code
    assert failed.value.retry_after == retry_after
    assert str(failed.value) == code.value


@pytest.mark.parametrize("reply", [Reply(delay=0.6), Reply(drip=0.05)], ids=["late", "drop by drop"])
def test_a_slow_answer_is_given_up_in_time(server: Loopback, reply: Reply) -> None:
    server.answer("Patient/p-1", reply)
    began = time.monotonic()
    with client_of(server, timeout=0.3) as client, pytest.raises(EhrError) as failed:
        client.get("Patient/p-1")
    assert failed.value.code is EhrCode.TIMEOUT
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("base", ["http://127.0.0.1:9/fhir", "http://nowhere.invalid/fhir", "http://[bad/fhir"])
def test_an_ehr_that_is_not_there(base: str) -> None:
    with EhrClient(base, Tokens(), 0.5, StoppedClock()) as client, pytest.raises(EhrError) as failed:
        client.get("Patient/p-1")
    assert failed.value.code in (EhrCode.UNREACHABLE, EhrCode.TIMEOUT)


@pytest.mark.parametrize(
    "reference",
    [
        "https://evil.example/fhir/Patient/1",
        "http://127.0.0.1:9/fhir/Patient/1",
        "{base}.evil.example/Patient/1",
        "{base}x/Patient/1",
        "{root}/other/Patient/1",
        "{base}/../admin",
        "{base}/%2e%2e/admin",
        "../admin",
        "Patient/../../admin",
        "Patient/%2E%2e/x",
        "./Patient/1",
        "//evil.example/Patient/1",
        "/Patient/1",
        "\\\\evil.example\\x",
        "http:\\evil.example",
        "file:///etc/passwd",
        "urn:uuid:0190",
        "http://[bad/fhir/Patient/1",
    ],
)
def test_the_token_never_leaves_the_base(server: Loopback, reference: str) -> None:
    asked = reference.replace("{base}", server.base).replace("{root}", server.base.removesuffix("/fhir"))
    with client_of(server) as client, pytest.raises(EhrError) as failed:
        client.get(asked)
    assert failed.value.code is EhrCode.FOREIGN_URL
    assert server.seen == []


@pytest.mark.parametrize("reference", ["Patient/p-1", "{base}/Patient/p-1", "{base}/Patient/p-1/_history/3"])
def test_references_under_the_base(server: Loopback, reference: str) -> None:
    server.answer("Patient/p-1", Reply())
    asked = reference.replace("{base}", server.base)
    with client_of(server) as client:
        assert client.relative(asked) == "Patient/p-1"
        if "_history" not in asked:
            assert (client.get(asked).body or {})["id"] == "p-1"


def test_a_rejected_token_is_renewed_once(server: Loopback) -> None:
    server.answer("Patient/p-1", Reply())
    server.rejects.add("first")
    tokens = Tokens()
    with client_of(server, tokens) as client:
        assert client.get("Patient/p-1").status == 200
    assert [s.headers["Authorization"] for s in server.seen] == ["Bearer first", "Bearer second"]
    assert tokens.renewals == 1


def test_a_token_rejected_again_is_an_error(server: Loopback) -> None:
    server.rejects |= {"first", "second"}
    with client_of(server) as client, pytest.raises(EhrError) as failed:
        client.get("Patient/p-1")
    assert failed.value.code is EhrCode.UNAUTHORIZED
    assert len(server.seen) == 2


def test_no_token_to_renew_ends_the_launch(server: Loopback) -> None:
    server.rejects.add("only")
    with client_of(server, Tokens(["only"])) as client, pytest.raises(LaunchExpired):
        client.get("Patient/p-1")


def test_writes_carry_their_conditions(server: Loopback) -> None:
    made = json_reply(
        {"resourceType": "Task", "id": "9"}, 201, Location=f"{server.base}/Task/9/_history/1", ETag='W/"1"'
    )
    server.answer("Task", made)
    server.answer("Task/9", json_reply({"resourceType": "Task", "id": "9"}, 200, ETag='W/"2"'))
    task = {"resourceType": "Task", "status": "requested"}
    with client_of(server) as client:
        created = client.post("Task", task, {"If-None-Exist": "identifier=a|b"})
        updated = client.put("Task/9", task, if_match='W/"1"')
        client.put("Task/9", task)
    assert (created.status, created.location, created.etag) == (201, f"{server.base}/Task/9/_history/1", 'W/"1"')
    assert updated.etag == 'W/"2"'
    posted, put, bare = server.seen
    assert posted.headers["If-None-Exist"] == "identifier=a|b"
    assert posted.headers["Content-Type"] == posted.headers["Accept"] == "application/fhir+json"
    assert posted.body == b'{"resourceType":"Task","status":"requested"}'
    assert put.headers["If-Match"] == 'W/"1"'
    assert "If-Match" not in bare.headers


def test_an_empty_success_has_no_body(server: Loopback) -> None:
    server.answer("Task", Reply(201, b"", {"Location": "Task/9"}))
    with client_of(server) as client:
        assert client.post("Task", {"resourceType": "Task"}).body is None


def test_decimals_keep_their_digits(server: Loopback) -> None:
    server.answer("Observation/1", Reply(200, b'{"resourceType": "Observation", "valueQuantity": {"value": 0.10}}'))
    with client_of(server) as client:
        body = client.get("Observation/1").body or {}
    assert str(body["valueQuantity"]["value"]) == "0.10"


def test_cookies_and_netrc_stay_out(
    server: Loopback, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password x\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer("Patient/p-1", Reply(headers={"Set-Cookie": "a=b; Path=/"}))
    with client_of(server) as client:
        client.get("Patient/p-1")
        client.get("Patient/p-1")
    assert all(s.headers["Authorization"] == "Bearer first" and "Cookie" not in s.headers for s in server.seen)


def test_nothing_of_an_exchange_reaches_the_log(server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    server.answer("Patient/p-1", Reply(422, b'{"diagnostics": "MARKER-BODY"}'))
    with client_of(server, Tokens(["MARKER-TOKEN"])) as client, pytest.raises(EhrError):
        client.put("Patient/p-1", {"resourceType": "Patient", "name": [{"family": "MARKER-NAME"}]})
    assert "MARKER" not in caplog.text


def test_a_compressed_answer_is_read_and_its_limit_is_that_of_the_text(server: Loopback) -> None:
    small = gzip.compress(b'{"resourceType": "Patient", "id": "p-1"}')
    bomb = gzip.compress(b'{"resourceType": "Patient", "x": "' + b" " * 50_000_000 + b'"}')
    zipped = {"Content-Encoding": "gzip"}
    server.answer("Patient/p-1", Reply(200, small, zipped), Reply(200, bomb, zipped))
    with client_of(server) as client:
        assert (client.get("Patient/p-1").body or {})["id"] == "p-1"
        with pytest.raises(EhrError) as failed:
            client.get("Patient/p-1")
    assert failed.value.code is EhrCode.NOT_FHIR
