"""How we prove who we are to a token endpoint: nothing (public), our secret (Basic), or a signed assertion.

The assertion is ours and not Authlib's: that one defaults to RS256 and an hour, SMART asks for RS384 or ES384 and at
most five minutes.
"""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import timedelta

from authlib.common.urls import add_params_to_qs
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from sesame_fhir.services.ports import Vault
from sesame_fhir.services.records import ClientKind, EhrRegistration
from smart_app.deps import AppDeps
from smart_app.launch.keys import ALGORITHMS, active_key

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = timedelta(seconds=240)

Headers = MutableMapping[str, str]
AuthMethod = Callable[[object, str, str, Headers, str], tuple[str, Headers, str]]
"""Authlib's shape of a client authentication method: (client, method, uri, headers, body) -> (uri, headers, body)."""


@dataclass(frozen=True, slots=True)
class ClientAuth:
    """What Authlib's session takes: a method by name or as a function, and the secret if there is one."""

    method: str | AuthMethod
    secret: str | None = None


def seal_client_secret(vault: Vault, issuer: str, secret: str) -> bytes:
    """Seal the secret of a symmetric client for its registration (``EhrRegistration.secret``)."""
    return vault.seal(secret.encode(), _context(issuer))


def client_auth(deps: AppDeps, registration: EhrRegistration, token_endpoint: str) -> ClientAuth:
    """How to authenticate to this EHR's token endpoint. Raises VaultError when the secret cannot be read."""
    if registration.kind is ClientKind.SYMMETRIC:
        sealed = registration.secret or b""
        return ClientAuth("client_secret_basic", deps.vault.unseal(sealed, _context(registration.issuer)).decode())
    if registration.kind is ClientKind.ASYMMETRIC:
        return ClientAuth(_assertion_method(deps, registration, token_endpoint))
    return ClientAuth("none")


def signed_assertion(deps: AppDeps, registration: EhrRegistration, token_endpoint: str) -> str:
    """A fresh assertion: unique ``jti``, expiry counted from now, ``aud`` the token URL exactly."""
    algorithm = registration.algorithm if registration.algorithm in ALGORITHMS else ALGORITHMS[0]
    key: ECKey | RSAKey = active_key(deps, algorithm)
    now = deps.clock.now()
    claims = {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": token_endpoint,
        "iat": int(now.timestamp()),
        "exp": int((now + ASSERTION_LIFETIME).timestamp()),
        "jti": deps.ids.secret(),
    }
    header = {"alg": algorithm, "typ": "JWT", "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[algorithm])


def _assertion_method(deps: AppDeps, registration: EhrRegistration, token_endpoint: str) -> AuthMethod:
    def add_assertion(_client: object, _method: str, uri: str, headers: Headers, body: str) -> tuple[str, Headers, str]:
        params = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", signed_assertion(deps, registration, token_endpoint)),
        ]
        body = str(add_params_to_qs(body, params))
        headers["Content-Length"] = str(len(body))
        return uri, headers, body

    return add_assertion


def _context(issuer: str) -> str:
    return f"ehr-secret:{issuer}"
