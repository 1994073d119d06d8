"""Client authentication by signed JWT, as SMART 2.2 profiles it (client-confidential-asymmetric).

Authlib's own class verifies with the system clock, leaves the algorithms open and gives one minute of leeway on top of
any expiry; SMART wants RS384 or ES384, at most five minutes, one use per ``jti``. So the verification is ours, on
joserfc, and Authlib only calls it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from joserfc.jws import extract_compact

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.oauth.jwks_source import JwksUnavailable
from sesame_fhir.api.oauth.models import ClientView
from sesame_fhir.services.authorization import OAuthClient

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS384", "ES384"]
MAX_SECONDS = 300
_MAX_LENGTH = 8192
_KEY_TYPES = {"RS384": "RSA", "ES384": "EC"}


class ClientAssertion:
    """Authlib's ``private_key_jwt`` method: called with the way to find clients and the request."""

    def __init__(self, deps: ApiDeps) -> None:
        self._deps = deps

    def __call__(self, query_client: Any, request: Any) -> ClientView | None:
        """The authenticated client; None when the request holds no assertion.

        Raises:
            InvalidClientError: the assertion does not prove who calls.
        """
        if "client_assertion_type" not in request.form:
            return None
        assertion = request.form.get("client_assertion", "")
        if request.form["client_assertion_type"] != ASSERTION_TYPE or not 0 < len(assertion) <= _MAX_LENGTH:
            raise InvalidClientError(description="client_assertion_type or client_assertion is not valid")
        try:
            claims = self._verified(query_client, assertion)
        except (JoseError, JwksUnavailable, ValueError, TypeError, KeyError):
            # One answer for all of them: which check failed is nobody's business before authentication.
            raise InvalidClientError(description="The client assertion is not valid") from None
        client: ClientView = query_client(claims["sub"])
        if request.form.get("client_id", client.client_id) != client.client_id:
            raise InvalidClientError(description="client_id is not the assertion's")
        return client

    def _verified(self, query_client: Any, assertion: str) -> dict[str, Any]:
        header = extract_compact(assertion.encode()).headers()
        claimed = _unverified_subject(assertion)
        view: ClientView | None = query_client(claimed)
        if view is None:
            raise ValueError("unknown client")
        # One kid and one type of key may be there twice, at the address and inline: one of them signed.
        claims = self._signed(assertion, self._keys(view.client, header))
        self._check(claims, claimed)
        return claims

    def _signed(self, assertion: str, keys: Iterable[Key]) -> dict[str, Any]:
        """The claims, by whichever of the keys made the signature."""
        for key in keys:
            try:
                return jwt.decode(assertion, key, ALGORITHMS).claims
            except JoseError:
                continue
        raise ValueError("signed by none of the keys")

    def _keys(self, client: OAuthClient, header: Mapping[str, Any]) -> list[Key]:
        """SMART 2.2, "Signature Verification": a ``jku`` must be the registered address; without it, all registered."""
        kid, jku = header["kid"], header.get("jku")
        if jku is not None and jku != client.jwks_uri:
            raise ValueError("jku is not registered")
        found: list[Any] = [] if jku is not None or client.jwks is None else list(client.jwks["keys"])
        if client.jwks_uri is not None:
            found += self._deps.find_jwks(client.jwks_uri, kid)["keys"]
        matching = [key for key in found if key.get("kid") == kid and key.get("kty") == _KEY_TYPES.get(header["alg"])]
        return list(KeySet.import_key_set({"keys": matching}).keys) if matching else []

    def _check(self, claims: dict[str, Any], client_id: str) -> None:
        now = self._deps.clock.now()
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": client_id},
            sub={"essential": True, "value": client_id},
            aud={"essential": True, "value": f"{self._deps.oauth_base}/token"},
            exp={"essential": True},
            jti={"essential": True},
        )
        registry.validate(claims)
        if claims["exp"] > now.timestamp() + MAX_SECONDS:
            raise ValueError("expires too late")
        expires_at = now.fromtimestamp(claims["exp"], tz=now.tzinfo)
        if not self._deps.authorization.first_use(client_id, claims["jti"], expires_at, now):
            raise ValueError("used before")


def _unverified_subject(assertion: str) -> str:
    """The client id that the assertion claims, to find the keys that must prove it."""
    payload = extract_compact(assertion.encode()).payload
    claims = json.loads(payload)
    subject = claims["sub"]
    if not isinstance(subject, str):
        raise TypeError("sub is not a string")
    return subject
