"""A tiny FHIR server on loopback whose answers a test writes down, path by path."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from smart_app.ehr.client import EhrClient
from smart_app.errors import LaunchExpired

Json = dict[str, Any]
NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@dataclass(slots=True)
class Tokens:
    """A token provider that remembers what was asked of it."""

    tokens: list[str] = field(default_factory=lambda: ["first", "second"])
    renewals: int = 0

    def current(self) -> str:
        return self.tokens[0]

    def renewed(self, rejected: str) -> str:
        self.renewals += 1
        self.tokens.remove(rejected)
        if not self.tokens:
            raise LaunchExpired
        return self.tokens[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; ``drip`` sends the body byte by byte with that pause, ``cut`` closes before the end."""

    status: int = 200
    body: bytes = b'{"resourceType": "Patient", "id": "p-1"}'
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    cut: bool = False


def json_reply(body: Json, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(body).encode(), headers)


@dataclass(slots=True)
class Seen:
    """One request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Loopback:
    """``replies`` by path and query below the base, in turn; the last one stays. ``rejects`` lists dead tokens."""

    base: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    rejects: set[str] = field(default_factory=set)
    seen: list[Seen] = field(default_factory=list)

    def answer(self, path: str, *replies: Reply) -> None:
        self.replies[path] = list(replies)

    def reset(self) -> None:
        """Forget what the last test wrote down."""
        self.replies, self.rejects, self.seen = {}, set(), []

    def reply(self, path: str) -> Reply:
        queue = self.replies.get(path) or self.replies.get(path.partition("?")[0]) or [Reply(404, b"{}")]
        return queue.pop(0) if len(queue) > 1 else queue[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: ClassVar[Loopback]

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
        """Quiet."""

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        state = self.server_state
        state.seen.append(Seen(self.command, self.path, dict(self.headers), body))
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        reply = Reply(401, b"{}") if token in state.rejects else state.reply(self.path.removeprefix("/fhir/"))
        time.sleep(reply.delay)
        try:
            self._send(reply)
        except OSError:
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/fhir+json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + (1 if reply.cut else 0)))
        self.end_headers()
        if reply.drip:
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(reply.drip)
        else:
            self.wfile.write(reply.body)
        self.close_connection = reply.cut


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gives up is what some tests want."""


@contextmanager
def running() -> Iterator[Loopback]:
    handler = type("Handler", (_Handler,), {})
    server = _QuietServer(("127.0.0.1", 0), handler)
    state = Loopback(f"http://127.0.0.1:{server.server_address[1]}/fhir")
    handler.server_state = state  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def client_of(server: Loopback, tokens: Tokens | None = None, timeout: float = 2.0) -> EhrClient:
    return EhrClient(server.base, tokens or Tokens(), timeout, StoppedClock())
