"""A small FHIR server on loopback that can misbehave on order: the double of the EHRs that the writer will meet.

It keeps versions, honours If-Match and (when told so) If-None-Exist, and searches by identifier. A ``Misbehaviour``
queued for ``"POST Observation"`` is used up by the next such request.
"""

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from sesame_fhir.fhir.writer import write_json

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """Instead of (or after, ``after_write``) doing what is asked: answer otherwise, late, or not at all (``drop``)."""

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    after_write: bool = False
    drop: bool = False
    delay: float = 0.0


@dataclass(slots=True)
class FakeEhr:
    """State and manners of the server.

    ``location`` is absolute, relative or none; ``bodies`` False: bare 200/201; ``searches``
    False: the search parameter is ignored and everything is found; ``offered`` types are in the
    CapabilityStatement, None: there is no statement.
    """

    base: str = ""
    conditional_create: bool = True
    location: str = "absolute"
    bodies: bool = True
    searches: bool = True
    etags: bool = True
    offered: tuple[str, ...] | None = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task")
    tokens: set[str] = field(default_factory=lambda: {"good"})
    stored: dict[str, dict[str, list[Json]]] = field(default_factory=lambda: defaultdict(dict))
    orders: dict[str, deque[Misbehaviour]] = field(default_factory=lambda: defaultdict(deque))
    log: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def seed(self, resource: Json) -> None:
        """Put a resource in the record, at version 1."""
        kind, record_id = resource["resourceType"], resource["id"]
        self.stored[kind][record_id] = [{**resource, "meta": {"versionId": "1"}}]

    def misbehave(self, request: str, *orders: Misbehaviour) -> None:
        """Queue orders for a request such as ``"PUT Observation"``."""
        self.orders[request].extend(orders)

    def current(self, kind: str) -> list[Json]:
        """The current version of every resource of a type."""
        return [versions[-1] for versions in self.stored[kind].values()]

    def statement(self) -> Json | None:
        """The CapabilityStatement."""
        if self.offered is None:
            return None
        codes = [{"code": code} for code in ("create", "read", "update", "search-type")]
        resources = [
            {"type": kind, "interaction": codes, "conditionalCreate": self.conditional_create} for kind in self.offered
        ]
        return {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": resources}]}

    def matching(self, kind: str, condition: str) -> list[Json]:
        """Resources with the identifier of a query string."""
        token = parse_qs(condition).get("identifier", [""])[0]
        return [r for r in self.current(kind) if not self.searches or token in _tokens(r)]


def _tokens(resource: Json) -> list[str]:
    identifiers = resource.get("identifier", [])
    listed = identifiers if isinstance(identifiers, list) else [identifiers]
    return [f"{i.get('system')}|{i.get('value')}" for i in listed]


class _Handler(BaseHTTPRequestHandler):
    ehr: ClassVar[FakeEhr]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Keep the test output clean."""

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def do_PUT(self) -> None:
        self._handle("PUT")

    def _handle(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/fhir").strip("/").split("/")
        with self.ehr.lock:
            self.ehr.log.append(f"{method} {'/'.join(path)}")
            queue = self.ehr.orders[f"{method} {path[0]}"]
            order = queue.popleft() if queue else None
            if order is None or order.after_write:
                answer = self._answer(method, path, parts.query, body)
        if order is not None:
            time.sleep(order.delay)
            if order.drop:
                self.close_connection = True
                self.connection.close()
                return
            answer = (order.status, dict(order.headers), order.body)
        self._reply(*answer)

    def _reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in ({"Content-Type": "application/fhir+json"} | dict(headers)).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self, method: str, path: list[str], query: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.ehr.tokens:
            return 401, {}, b""
        if method == "POST":
            return self._create(path[0], json.loads(body, parse_float=Decimal))
        if method == "PUT":
            return self._update(self.ehr.stored[path[0]].get(path[1]), json.loads(body, parse_float=Decimal))
        if len(path) == 2:
            versions = self.ehr.stored[path[0]].get(path[1])
            return (404, {}, b"") if versions is None else (200, self._etag(versions[-1]), write_json(versions[-1]))
        return self._search(path[0], query) if path != ["metadata"] else self._metadata()

    def _metadata(self) -> tuple[int, dict[str, str], bytes]:
        statement = self.ehr.statement()
        return (404, {}, b"") if statement is None else (200, {}, write_json(statement))

    def _search(self, kind: str, query: str) -> tuple[int, dict[str, str], bytes]:
        entries = [{"resource": r} for r in self.ehr.matching(kind, query)]
        return 200, {}, write_json({"resourceType": "Bundle", "type": "searchset", "entry": entries})

    def _create(self, kind: str, resource: Json) -> tuple[int, dict[str, str], bytes]:
        condition = self.headers.get("If-None-Exist")
        if condition is not None and self.ehr.conditional_create:
            found = self.ehr.matching(kind, condition)
            if found:
                return (412, {}, b"") if len(found) > 1 else self._named(200, found[0])
        record_id = f"ehr-{sum(len(of_kind) for of_kind in self.ehr.stored.values()) + 1}"
        created = {**resource, "id": record_id, "meta": {"versionId": "1"}}
        self.ehr.stored[kind][record_id] = [created]
        return self._named(201, created)

    def _update(self, versions: list[Json] | None, resource: Json) -> tuple[int, dict[str, str], bytes]:
        if versions is None:
            return 404, {}, b""
        match = self.headers.get("If-Match")
        if match is not None and match != f'W/"{len(versions)}"':
            return 412, {}, b""
        versions.append({**resource, "meta": {"versionId": str(len(versions) + 1)}})
        return self._named(200, versions[-1])

    def _named(self, status: int, resource: Json) -> tuple[int, dict[str, str], bytes]:
        path = f"{resource['resourceType']}/{resource['id']}/_history/{resource['meta']['versionId']}"
        locations = {"absolute": {"Location": f"{self.ehr.base}/{path}"}, "relative": {"Location": path}, "none": {}}
        headers = {**self._etag(resource), **locations[self.ehr.location]}
        return status, headers, write_json(resource) if self.ehr.bodies else b""

    def _etag(self, resource: Json) -> dict[str, str]:
        return {"ETag": f'W/"{resource["meta"]["versionId"]}"'} if self.ehr.etags else {}


@contextmanager
def running(ehr: FakeEhr, port: int = 0) -> Iterator[FakeEhr]:
    """Serve until the end of the block, on a free port."""
    handler = type("Handler", (_Handler,), {"ehr": ehr})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    ehr.base = f"http://127.0.0.1:{server.server_address[1]}/fhir"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield ehr
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
