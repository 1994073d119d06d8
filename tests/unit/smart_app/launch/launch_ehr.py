"""An EHR on loopback for launches: discovery, token endpoint, keys and a small record, each of which can be spoilt.

The token endpoint is strict (code once, PKCE, client authentication, refresh token rotation with reuse detection), so
that a test which passes has spoken the protocol. What is to go wrong is set on the object before the launch.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from sesame_fhir.domain.ids import EhrId, SiteId
from sesame_fhir.services.ports import Clock
from sesame_fhir.services.records import ClientKind, EhrRegistration

Json = dict[str, Any]

SERVER_KEY = RSAKey.generate_key(2048, {"kid": "server-1", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "server-1", "use": "sig", "alg": "RS256"})
EC_KEY = ECKey.generate_key("P-256", {"kid": "server-ec", "use": "sig"})
ALL_SCOPES = (
    "patient/Patient.rs patient/QuestionnaireResponse.cu patient/Observation.cu patient/ServiceRequest.cu "
    "patient/Task.cu patient/DocumentReference.cu user/Practitioner.rs openid fhirUser launch online_access"
)
"""All that is written, and no search: reading the record has its own tests."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A raw answer in place of the right one; ``delay`` in seconds."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class LaunchEhr:
    """State and manners of the server."""

    base: str
    clock: Clock
    client_id: str = "sesame"
    secret: str = "s3cret"
    kind: ClientKind = ClientKind.PUBLIC
    client_keys: Json = field(default_factory=dict)
    discovery: Json = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    token: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    id_token: str | None = None
    signing_key: RSAKey | ECKey | OctKey = field(default_factory=lambda: SERVER_KEY)
    algorithm: str = "RS256"
    header: Json = field(default_factory=lambda: {"kid": "server-1"})
    access_prefix: str = "access"
    record: dict[str, Json] = field(default_factory=dict)
    codes: dict[str, Json] = field(default_factory=dict)
    live: str = ""
    refresh: str = ""
    refreshes: int = 0
    revoked: bool = False
    requests: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    auth_headers: list[str | None] = field(default_factory=list)
    jtis: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def origin(self) -> str:
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.base))

    @property
    def token_endpoint(self) -> str:
        return f"{self.base}/oauth/token"

    def registration(self, **changes: Any) -> EhrRegistration:
        """How SÉSAME knows this EHR."""
        known: dict[str, Any] = {
            "ehr_id": EhrId(f"ehr-{self.base[-40:]}"),
            "issuer": self.base,
            "client_id": self.client_id,
            "kind": self.kind,
            "site": SiteId("site-1"),
            "frame_origins": (self.origin,),
        }
        return EhrRegistration(**{**known, **changes})

    def configuration(self) -> Json:
        standard = {
            "issuer": self.base,
            "jwks_uri": f"{self.base}/jwks",
            "authorization_endpoint": f"{self.base}/oauth/authorize",
            "token_endpoint": self.token_endpoint,
            "capabilities": ["launch-ehr", "permission-v2", "sso-openid-connect"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
        }
        return {name: value for name, value in {**standard, **self.discovery}.items() if value is not None}

    def grant(self, params: Mapping[str, str]) -> str:
        """What the authorization endpoint does when the user agrees: a code for these parameters."""
        code = f"code-{secrets.token_hex(8)}"
        self.codes[code] = dict(params)
        return code

    def signed(self, nonce: str) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.base,
            "sub": "dr-1",
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "fhirUser": "Practitioner/gp-1",
            "name": "Dr Test",
        }
        kept = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        return jwt.encode({"alg": self.algorithm, **self.header}, kept, self.signing_key, algorithms=[self.algorithm])

    def issue(self, nonce: str | None) -> Json:
        """Fresh tokens, rotated."""
        number = secrets.token_hex(6)
        self.live, self.refresh = f"{self.access_prefix}-{number}", f"refresh-{number}"
        answer: Json = {
            "access_token": self.live,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": ALL_SCOPES,
            "refresh_token": self.refresh,
        }
        if nonce is not None:
            id_token = self.id_token if self.id_token is not None else self.signed(nonce)
            answer |= {"patient": "p-1", "encounter": "e-1", "id_token": id_token}
        return {name: value for name, value in {**answer, **self.token}.items() if value is not None}

    def exchange(self, form: Mapping[str, str], authorization: str | None) -> tuple[int, Json]:
        """The token endpoint."""
        if not self._authenticated(form, authorization):
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form)
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or form.get("grant_type") != "authorization_code"
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return 400, {"error": "invalid_grant"}
        return 200, self.issue(asked["nonce"])

    def _refresh(self, form: Mapping[str, str]) -> tuple[int, Json]:
        with self.lock:
            if self.revoked or form.get("refresh_token") != self.refresh:
                self.revoked = True  # an old refresh token came twice: the whole grant is over
                return 400, {"error": "invalid_grant"}
            self.refreshes += 1
            return 200, self.issue(None)

    def _authenticated(self, form: Mapping[str, str], authorization: str | None) -> bool:
        if self.kind is ClientKind.PUBLIC:
            return authorization is None and form.get("client_id") == self.client_id
        if "client_id" in form:
            return False
        if self.kind is ClientKind.SYMMETRIC:
            expected = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
            return authorization == f"Basic {expected}"
        token = jwt.decode(form["client_assertion"], KeySet.import_key_set({"keys": self.client_keys["keys"]}),
                           algorithms=["ES384", "RS384"])  # fmt: skip
        claims, now = token.claims, self.clock.now().timestamp()
        fresh = claims["jti"] not in self.jtis
        self.jtis.add(claims["jti"])
        return bool(
            fresh
            and token.header["typ"] == "JWT"
            and claims["iss"] == claims["sub"] == self.client_id
            and claims["aud"] == self.token_endpoint
            and now < claims["exp"] <= now + 300
            and form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        )


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gives up is what some tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ehr: ClassVar[LaunchEhr]

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
        """Quiet."""

    def _handle(self) -> None:
        ehr = self.ehr
        path = urlsplit(self.path).path.removeprefix(urlsplit(ehr.base).path + "/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        ehr.requests.append(f"{self.command} {self.path}")
        forced = ehr.answers.get(path)
        if forced is not None:
            self._send(forced)
        elif path in (".well-known/smart-configuration", ".well-known/openid-configuration"):
            self._json(200, ehr.configuration())
        elif path == "jwks":
            public = [SERVER_KEY.as_dict(private=False), EC_KEY.as_dict(private=False)]
            self._json(200, {"keys": public})
        elif path == "oauth/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            ehr.forms.append(form)
            ehr.auth_headers.append(self.headers.get("Authorization"))
            self._json(*ehr.exchange(form, self.headers.get("Authorization")))
        else:
            self._record(path)

    def _record(self, path: str) -> None:
        if self.headers.get("Authorization") != f"Bearer {self.ehr.live}":
            self._json(401, {"resourceType": "OperationOutcome"})
        elif path in self.ehr.record:
            self._json(200, self.ehr.record[path])
        elif "/" in path:
            self._json(404, {"resourceType": "OperationOutcome"})
        else:
            self._json(200, {"resourceType": "Bundle", "type": "searchset", "entry": []})

    def _json(self, status: int, body: Json) -> None:
        self._send(Answer(status, json.dumps(body).encode()))

    def _send(self, answer: Answer) -> None:
        time.sleep(answer.delay)
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
        except OSError:
            self.close_connection = True  # the client gave up waiting, as the test wants


def gp() -> Json:
    """The practitioner who launches."""
    return {
        "resourceType": "Practitioner",
        "id": "gp-1",
        "identifier": [{"system": "https://rpps.esante.gouv.fr", "value": "10003461034"}],
        "name": [{"family": "MARTIN", "given": ["Claire"], "prefix": ["Dr"]}],
    }


def patient() -> Json:
    """The patient in context, with a test matricule."""
    return {
        "resourceType": "Patient",
        "id": "p-1",
        "identifier": [
            {"use": "official", "system": "urn:oid:1.2.250.1.213.1.4.10", "value": "2 80 01 75 116 023 71"},
        ],
        "name": [{"use": "official", "family": "TEST-DUBOIS", "given": ["Marie", "Anne"]}],
        "gender": "female",
        "birthDate": "1980-01-15",
        "telecom": [{"system": "phone", "use": "home", "value": "0100000000"},
                    {"system": "phone", "use": "mobile", "value": "0600000000"}],
    }  # fmt: skip


@contextmanager
def running_ehr(clock: Clock) -> Iterator[LaunchEhr]:
    """Start one on a free port; its base URL is never used twice, so caches cannot mix two tests."""
    handler = type("Handler", (_Handler,), {})
    server = _QuietServer(("127.0.0.1", 0), handler)
    base = f"http://127.0.0.1:{server.server_address[1]}/{secrets.token_hex(6)}/fhir"
    ehr = LaunchEhr(base=base, clock=clock)
    ehr.record |= {"Patient/p-1": patient(), "Practitioner/gp-1": gp()}
    handler.ehr = ehr  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield ehr
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
