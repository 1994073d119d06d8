"""Makes a WSGI application answer badly on purpose: one rule at a time, by method and path, and counted.

What the faulty EHR says carries ``MARKER``, so that a test sees at once when its words travel further than they should.
"""

import json
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event
from urllib.parse import unquote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MARKER = "Zorglub-7731"
_OUTCOME = f'{{"resourceType":"OperationOutcome","issue":[{{"severity":"error","diagnostics":"{MARKER}"}}]}}'
_HTML = f"<!doctype html><title>{MARKER}</title><h1>Portail {MARKER}</h1>"
_TOKENS = ("access_token", "refresh_token", "id_token")
_LONGEST_SILENCE = 20.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to answer badly: a ``status``, or silence, or a connection that ends; ``after`` the work was done."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: str = _OUTCOME
    silent: bool = False
    drop: bool = False
    after: bool = False


def refusal(status: int, **headers: str) -> Fault:
    """An HTTP error with an OperationOutcome; ``Retry_After="60"`` is the header Retry-After."""
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Fault(status, (("Content-Type", "application/fhir+json"), *given))


SILENCE = Fault(silent=True)
HTML = Fault(200, (("Content-Type", "text/html"),), _HTML)
DROP = Fault(drop=True)


@dataclass(slots=True)
class Rule:
    """Where a fault strikes. ``path`` is a pattern of the whole path; ``hits`` counts; ``lifted`` ends silences."""

    method: str
    path: str
    fault: Fault
    hits: int = 0
    lifted: Event = field(default_factory=Event)

    def strikes(self, environ: WSGIEnvironment) -> bool:
        """True for a request of this method and path."""
        return environ["REQUEST_METHOD"] == self.method and bool(re.fullmatch(self.path, environ["PATH_INFO"]))


@dataclass(slots=True)
class FaultInjector:
    """The application, with the rules in force before it; remembers every address that was asked for."""

    application: WSGIApplication
    rules: list[Rule] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Strike, or pass on."""
        self.asked.append(unquote(f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"))
        self.tokens.update(environ.get("HTTP_AUTHORIZATION", "").split()[1:])
        rule = next((rule for rule in self.rules if rule.strikes(environ)), None)
        if rule is None:
            return self._watched(environ, start_response)
        rule.hits += 1
        return self._strike(rule, environ, start_response)

    @contextmanager
    def broken(self, method: str, path: str, fault: Fault) -> Iterator[Rule]:
        """A rule in force for a block."""
        rule = Rule(method, path, fault)
        self.rules.append(rule)
        try:
            yield rule
        finally:
            self.rules.remove(rule)
            rule.lifted.set()

    def _watched(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass on, and remember the tokens that are given out."""
        if environ["PATH_INFO"] != "/oauth/token":
            return self.application(environ, start_response)
        body = b"".join(self.application(environ, start_response))
        answer = json.loads(body)
        self.tokens.update(answer[name] for name in _TOKENS if name in answer)
        return [body]

    def _strike(self, rule: Rule, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        fault = rule.fault
        if fault.after:
            b"".join(self.application(environ, lambda *_: lambda _data: None))
        if fault.silent:
            rule.lifted.wait(_LONGEST_SILENCE)
        if fault.silent or fault.drop:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            # Werkzeug takes this for a client that has gone, and says nothing.
            raise ConnectionResetError
        start_response(f"{fault.status} {HTTPStatus(fault.status).phrase}", list(fault.headers))
        return [fault.body.encode()]
