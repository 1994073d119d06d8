"""A system that is told of changes: a real HTTP listener that keeps what it got and answers as it is told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def resource(self) -> dict[str, Any]:
        """The body as JSON."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def numbers(self) -> list[str]:
        """Event numbers of a notification Bundle."""
        status = self.resource["entry"][0]["resource"]["parameter"]
        events = [one["part"] for one in status if one["name"] == "notification-event"]
        return [part["valueString"] for parts in events for part in parts if part["name"] == "event-number"]


@dataclass
class Subscriber:
    """``answers`` are the next statuses, then 200; ``/token`` gives out ``token``.

    While ``answering`` is cleared, what comes is kept and its answer held back, ten seconds at most.
    """

    origin: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    token: str = "token-1"
    answering: threading.Event = field(default_factory=threading.Event)


@contextmanager
def listening() -> Iterator[Subscriber]:
    """Listen on a free port until the end of the block."""
    heard = Subscriber()
    heard.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heard.received.append(Received(self.path, dict(self.headers.items()), body))
            if self.path == "/token":
                said = json.dumps({"access_token": heard.token, "token_type": "bearer", "expires_in": 300}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
                return
            heard.answering.wait(10)
            self.send_response(heard.answers.pop(0) if heard.answers else 200)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        heard.origin = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield heard
        server.shutdown()
