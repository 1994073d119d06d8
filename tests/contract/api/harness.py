"""A facade with its authorization server over a real SQLite store, driven through Flask's test client."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey
from werkzeug.test import TestResponse

from mappings.profiles import load_questionnaires
from sesame_fhir.api.blueprints import create_blueprints
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.launches import SESSION_COOKIE, issue_launch, sign_in
from sesame_fhir.api.oauth.client_assertion import ASSERTION_TYPE
from sesame_fhir.api.oauth.keys import PURPOSE
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.authorization import OAuthClient, TokenGrant
from sesame_fhir.services.records import ClientKind, Origin, ResourceWrite, SigningKey
from sesame_fhir.storage import Store
from tests.support.fakes import CountingIds, HandClock
from tests.support.quick_flask import QuickFlask
from tests.support.story import SITE, START

HOST = "http://127.0.0.1:8000"
BASE = f"{HOST}/fhir"
TOKEN_URL = f"{HOST}/oauth/token"
REDIRECT = "http://localhost:8000/app/callback"
ORIGIN = "http://localhost:8000"
FHIR_JSON = "application/fhir+json"
DOCTOR = "Practitioner/gp1"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
SECRET = "a-client-secret-of-the-test-0123456789"

SCOPES = (
    *("openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter"),
    *("online_access", "offline_access", "patient/*.cruds", "user/*.cruds"),
)


@cache
def private_key(kind: str) -> Key:
    """Keys cost a quarter of a second: one of each kind for the whole run."""
    if kind == "RS384":
        return RSAKey.generate_key(2048, {"kid": "rsa-1", "alg": "RS384", "use": "sig"})
    if kind == "ES384":
        return ECKey.generate_key("P-384", {"kid": "ec-1", "alg": "ES384", "use": "sig"})
    return RSAKey.generate_key(2048, {"kid": "server-1", "alg": "RS256", "use": "sig"})


def clients() -> tuple[OAuthClient, ...]:
    jwks = {"keys": [private_key(kind).as_dict(private=False) for kind in ("RS384", "ES384")]}
    public = OAuthClient("public-app", "App", ClientKind.PUBLIC, (REDIRECT,), f"{ORIGIN}/app/launch", SCOPES)
    return (
        public,
        replace(public, client_id="other-app"),
        replace(public, client_id="narrow-app", scopes=("launch", "patient/Observation.rs", "openid")),
        replace(public, client_id="secret-app", kind=ClientKind.SYMMETRIC, secret_hash=secret_hash(SECRET)),
        replace(public, client_id="key-app", kind=ClientKind.ASYMMETRIC, jwks=jwks),
        replace(public, client_id="remote-app", kind=ClientKind.ASYMMETRIC, jwks_uri=f"{ORIGIN}/app/jwks.json"),
        replace(
            public,
            client_id="service",
            kind=ClientKind.ASYMMETRIC,
            jwks=jwks,
            redirect_uris=(),
            scopes=("system/*.rs",),
        ),
    )


@dataclass
class World:
    """Everything a test touches."""

    store: Store
    clock: HandClock = field(default_factory=HandClock)
    ids: CountingIds = field(default_factory=CountingIds)
    changes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.deps = self._deps()
        self.app = QuickFlask("facade-under-test")
        for blueprint in create_blueprints(self.deps):
            self.app.register_blueprint(blueprint)
        self.client: FlaskClient = self.app.test_client()

    def _deps(self) -> ApiDeps:
        def find_jwks(_url: str, _kid: str | None) -> Mapping[str, Any]:
            return {"keys": [private_key("ES384").as_dict(private=False)]}

        deps = ApiDeps(
            resources=self.store.resources,
            authorization=self.store.authorization,
            keys=self.store.keys,
            audit=self.store.audit,
            vault=self.store.vault,
            clock=self.clock,
            ids=self.ids,
            base_url=BASE,
            oauth_base=f"{HOST}/oauth",
            site=SITE,
            questionnaires=load_questionnaires(),
            sign_in_url=f"{HOST}/sign-in",
            frame_origins=(HOST,),
            allowed_origins=(ORIGIN,),
            find_jwks=find_jwks,
        )
        return replace(deps, **self.changes)

    def token(self, scope: str, patient: str | None = None, **changes: Any) -> str:
        """A token as the authorization server would have stored it."""
        value, now = self.ids.secret(), self.clock.now()
        context = {"patient": patient} if patient else {}
        grant = TokenGrant(
            secret_hash(value),
            None,
            self.ids.new(),
            "public-app",
            DOCTOR,
            scope,
            context,
            now,
            now + timedelta(hours=1),
            None,
        )
        self.store.authorization.save_grant(replace(grant, **changes))
        return value

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> TestResponse:
        """One request; ``json`` is sent as FHIR JSON."""
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if "json" in options:
            options["data"] = json.dumps(options.pop("json"))
            headers.setdefault("Content-Type", FHIR_JSON)
        return self.client.open(path, method=method, base_url=HOST, headers=headers, **options)

    def put(self, body: dict[str, Any], origin: Origin = Origin.RECORD) -> None:
        """Store a resource directly, as the record's other software would."""
        write = ResourceWrite(body["resourceType"], body["id"], body, index(body), SITE, origin)
        self.store.resources.update(write, self.clock.now())

    def register(self, client: OAuthClient, **changes: Any) -> None:
        """Change a client's registration."""
        self.store.authorization.save_client(replace(client, **changes))

    # -- authorization ------------------------------------------------------------------------------------------

    def sign_in(self, subject: str = DOCTOR) -> None:
        self.client.set_cookie(SESSION_COOKIE, sign_in(self.deps, subject), domain="127.0.0.1")

    def launch(self, client_id: str = "public-app", subject: str = DOCTOR, **context: Any) -> str:
        return issue_launch(self.deps, client_id, subject, context or {"patient": "p1", "encounter": "e1"})

    def authorize(self, method: str = "GET", /, **changes: str | None) -> TestResponse:
        """An authorization request that is right but for ``changes`` (None: left out)."""
        values: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "public-app",
            "redirect_uri": REDIRECT,
            "scope": "launch openid fhirUser patient/*.rs online_access",
            "state": "state-of-the-test",
            "aud": BASE,
            "nonce": "nonce-of-the-test",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        sent = {name: value for name, value in values.items() if value is not None}
        if method == "GET":
            return self.client.get("/oauth/authorize", query_string=sent, base_url=HOST)
        return self.client.post("/oauth/authorize", data=sent, base_url=HOST)

    def code(self, client_id: str = "public-app", /, **changes: str | None) -> str:
        """A fresh code of an EHR launch."""
        self.sign_in()
        answer = self.authorize(client_id=client_id, launch=self.launch(client_id), **changes)
        return returned(answer)["code"]

    def exchange(self, issued: str, /, **changes: str | None) -> TestResponse:
        """Token request of the public client, right but for ``changes``."""
        return self.tokens(
            {
                "grant_type": "authorization_code",
                "code": issued,
                "redirect_uri": REDIRECT,
                "code_verifier": VERIFIER,
                "client_id": "public-app",
                **changes,
            }
        )

    def tokens(self, values: Mapping[str, str | None], **headers: str) -> TestResponse:
        """POST to the token endpoint."""
        sent = {name: value for name, value in values.items() if value is not None}
        return self.client.post("/oauth/token", data=sent, headers=headers, base_url=HOST)

    def assertion(self, client_id: str = "key-app", alg: str = "ES384", **changes: Any) -> dict[str, str | None]:
        """Form fields of private_key_jwt; ``kid``, ``key`` and any claim can be changed (None: left out)."""
        kid, jku = changes.pop("kid", None), changes.pop("jku", None)
        key = changes.pop("key", None) or private_key(alg)
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": TOKEN_URL,
            "exp": now + 240,
            "jti": self.ids.new(),
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": alg, "kid": kid or key.kid, "typ": "JWT", **({"jku": jku} if jku else {})}
        signed = jwt.encode(header, kept, key, [alg])
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed, "client_id": None}


def seed(store: Store) -> None:
    """Clients, a signing key, two synthetic patients and a doctor."""
    for client in clients():
        store.authorization.save_client(client)
    key = private_key("RS256")
    sealed = store.vault.seal(json.dumps(key.as_dict(private=True)).encode(), "signing-key:server-1")
    store.keys.add(SigningKey("server-1", PURPOSE, "RS256", sealed, key.as_dict(private=False), START))
    world = World(store)
    for patient, family in (("p1", "FICTIVE"), ("p2", "EXEMPLE")):
        world.put({"resourceType": "Patient", "id": patient, "name": [{"family": family, "given": ["Test"]}]})
    world.put({"resourceType": "Practitioner", "id": "gp1", "name": [{"family": "FICTIF"}]})


def returned(answer: TestResponse) -> dict[str, str]:
    """Query parameters of a redirect to the app."""
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert answer.location.startswith(REDIRECT), answer.location
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def assert_outcome(answer: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """The one shape of every error."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == FHIR_JSON
    body: dict[str, Any] = json.loads(answer.data)
    assert body["resourceType"] == "OperationOutcome"
    assert body["issue"]
    assert all(issue["diagnostics"] for issue in body["issue"])
    if code is not None:
        assert body["issue"][0]["code"] == code, body
    return body


def basic(client_id: str, secret: str) -> str:
    """Value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
