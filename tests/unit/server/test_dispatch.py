"""Hosts, paths, health, and the application under the blueprints."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Blueprint
from structlog.testing import capture_logs
from werkzeug.test import Client

from sesame_fhir.server.health import health_blueprint
from sesame_fhir.server.hosts import HostDispatcher, PathDispatcher
from sesame_fhir.server.web import flask_application

MARKER = "Zorglub-marqueur-7731"


def named(name: str) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{name} {environ['PATH_INFO']}".encode()]

    return answer


@pytest.mark.parametrize(
    ("host", "status", "said"),
    [
        ("127.0.0.1:8000", 200, "ehr /x"),
        ("localhost:8000", 200, "app /x"),
        ("LocalHost", 200, "app /x"),
        ("evil.example", 421, "Hôte inconnu"),
        ("localhost.evil.example:8000", 421, "Hôte inconnu"),
        ("", 421, "Hôte inconnu"),
    ],
)
def test_hosts(host: str, status: int, said: str) -> None:
    client = Client(HostDispatcher({"127.0.0.1": named("ehr"), "localhost": named("app")}))
    answer = client.get("/x", headers={"Host": host}, environ_overrides={"HTTP_HOST": host})
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/fhir/Patient", "facade /fhir/Patient"),
        ("/fhir", "facade /fhir"),
        ("//fhir/x", "facade //fhir/x"),
        ("/fhirx", "app /fhirx"),
        ("/app/fhir", "app /app/fhir"),
        ("/", "app /"),
    ],
)
def test_paths(path: str, said: str) -> None:
    client = Client(PathDispatcher(named("app"), {"fhir": named("facade")}))
    assert client.get("http://x" + path, environ_overrides={"PATH_INFO": path}).text == said


@pytest.mark.parametrize(("problems", "status"), [([], 200), (["database-unreadable"], 503)])
def test_health_and_readiness(problems: list[str], status: int) -> None:
    client = flask_application("health", [health_blueprint(lambda: problems)]).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == status
    assert answer.json == {"status": "ok" if status == 200 else "unavailable", "problems": problems}


def _blueprint() -> Blueprint:
    blueprint = Blueprint("sample", __name__)

    @blueprint.get("/things/<int:thing>/<any(one, two):part>")
    def things(thing: int, part: str) -> str:
        return f"{thing} {part}"

    @blueprint.post("/broken/<secret>")
    def broken(secret: str) -> str:
        raise RuntimeError(secret)

    return blueprint


@pytest.mark.parametrize(
    ("method", "path", "line"),
    [
        ("GET", "/things/17/one?q=Zorglub", {"route": "/things/<thing>/<part>", "status": 200}),
        ("GET", f"/{MARKER}", {"route": "(unknown)", "status": 404}),
        ("ZORGLUB", "/things/17/one", {"method": "(unknown)", "status": 405}),
        ("POST", f"/broken/{MARKER}", {"route": "/broken/<secret>", "status": 500}),
    ],
)
def test_a_request_is_one_line_without_its_values(method: str, path: str, line: dict[str, object]) -> None:
    client = flask_application("sample", [_blueprint()]).test_client()
    with capture_logs() as logs:
        client.open(path, method=method, headers={"X-Header": MARKER})
    (request,) = (entry for entry in logs if entry["event"] == "request")
    assert request.items() >= line.items()
    assert "zorglub" not in str(logs).lower()
    assert "17" not in {str(value) for value in request.values()}
    assert request["milliseconds"] >= 0


def test_a_fault_is_logged_by_type_and_place_under_the_requests_id() -> None:
    client = flask_application("sample", [_blueprint()]).test_client()
    with capture_logs() as logs:
        answer = client.post(f"/broken/{MARKER}")
    assert answer.status_code == 500
    fault, request = logs
    assert (fault["event"], fault["error_type"]) == ("unexpected-error", "RuntimeError")
    assert fault["where"].startswith("test_dispatch.py:")
    assert fault["correlation_id"] == request["correlation_id"]
    assert MARKER not in str(logs)


def test_each_request_has_its_own_id() -> None:
    client = flask_application("sample", [_blueprint()]).test_client()
    with capture_logs() as logs:
        for _ in range(3):
            client.get("/things/1/one")
    assert len({entry["correlation_id"] for entry in logs}) == 3


def test_successes_can_be_left_out() -> None:
    client = flask_application("sample", [_blueprint()], log_from=400).test_client()
    with capture_logs() as logs:
        client.get("/things/1/one")
        client.get("/things/1/three")
        client.post("/broken/x")
    assert [entry.get("status") for entry in logs] == [404, None, 500]
    assert logs[1]["correlation_id"] == logs[2]["correlation_id"] != logs[0]["correlation_id"]


def test_bodies_are_limited() -> None:
    application = flask_application("sample", [_blueprint()])
    assert application.config["MAX_CONTENT_LENGTH"] == 8 * 1024 * 1024
