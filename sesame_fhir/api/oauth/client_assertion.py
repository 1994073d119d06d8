"""Client authentication by signed JWT, as SMART 2.2 profiles it (client-confidential-asymmetric).

Authlib's own class verifies with the system clock, leaves the algorithms open and gives one minute of leeway on top of
any expiry; SMART wants RS384 or ES384, at most five minutes, one use per ``jti``. So the verification is ours, on
joserfc, and Authlib only calls it.
"""

import json
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.oauth.jwks_source import JwksUnavailable
from sesame_fhir.api.oauth.models import ClientView
from sesame_fhir.services.authorization import OAuthClient

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS384", "ES384"]
MAX_SECONDS = 300
_MAX_LENGTH = 8192


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
        kid = extract_compact(assertion.encode()).headers()["kid"]
        claimed = _unverified_subject(assertion)
        view: ClientView | None = query_client(claimed)
        if view is None:
            raise ValueError("unknown client")
        key = self._keys(view.client, kid).get_by_kid(kid)
        claims = jwt.decode(assertion, key, ALGORITHMS).claims
        self._check(claims, claimed)
        return claims

    def _keys(self, client: OAuthClient, kid: str) -> KeySet:
        if client.jwks is not None:
            return KeySet.import_key_set({"keys": list(client.jwks["keys"])})
        if client.jwks_uri is None:
            raise ValueError("no keys registered")
        return KeySet.import_key_set({"keys": list(self._deps.find_jwks(client.jwks_uri, kid)["keys"])})

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
