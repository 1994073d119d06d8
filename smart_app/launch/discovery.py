"""How an EHR says where its authorization server is: ``.well-known/smart-configuration`` under its FHIR base URL.

Only registered issuers are ever asked. What they answer is checked before it is used: https (plain http between
loopback addresses only, for the demo), no credentials or fragment in a URL, and no way from a remote EHR to a service
of this machine. The endpoints may live on another host than the FHIR server: several vendors do so.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from sesame_fhir.fhir.json_types import Json
from smart_app.deps import AppDeps
from smart_app.ehr.cache import ShortCache
from smart_app.ehr.public_json import fetch_json
from smart_app.ehr.transport import Fault, TransportError, is_loopback
from smart_app.errors import AppError

_CACHE: ShortCache["SmartConfiguration"] = ShortCache(timedelta(minutes=5))
DISCOVERY_CODES = {
    Fault.TIMEOUT: "discovery-timeout",
    Fault.UNREACHABLE: "discovery-unreachable",
    Fault.TOO_LARGE: "discovery-invalid",
    Fault.NOT_JSON: "discovery-invalid",
}
"""What a server that does not answer as it should is called on our pages."""


@dataclass(frozen=True, slots=True)
class SmartConfiguration:
    """What we use of a server's configuration; URLs are absolute and checked.

    ``issuer`` and ``jwks_uri`` are None where the server leaves them to OpenID Connect discovery. ``names_itself``:
    the server promises its ``iss`` in every authorization response (RFC 9207).
    """

    authorization_endpoint: str
    token_endpoint: str
    issuer: str | None
    jwks_uri: str | None
    capabilities: frozenset[str]
    names_itself: bool

    @property
    def scopes_v2(self) -> bool:
        """True when the server understands version 2 scopes."""
        return "permission-v2" in self.capabilities


def discover(deps: AppDeps, issuer: str) -> SmartConfiguration:
    """The configuration of a registered issuer, remembered for five minutes.

    Raises:
        AppError: discovery-timeout, discovery-unreachable, discovery-invalid.
    """
    return _CACHE.get(issuer, deps.clock.now(), lambda: _ask(issuer, deps.http_timeout))


def checked_url(base: str, value: object) -> str:
    """Resolve a URL that an EHR gave, against its base, and check it. Raises AppError(discovery-invalid)."""
    if not isinstance(value, str) or not value or any(c.isspace() or c == "\\" for c in value):
        raise AppError("discovery-invalid")
    try:
        url = urljoin(f"{base}/", value)
        parts = urlsplit(url)
        local = is_loopback(url)
        clean = parts.hostname and not (parts.username or parts.password or parts.fragment) and parts.port != 0
    except ValueError:
        raise AppError("discovery-invalid") from None
    if (
        not clean
        or (local and not is_loopback(base))
        or not (parts.scheme == "https" or (parts.scheme == "http" and local))
    ):
        raise AppError("discovery-invalid")
    return url


def _ask(issuer: str, timeout: float) -> SmartConfiguration:
    url = checked_url(issuer, f"{issuer}/.well-known/smart-configuration")
    try:
        document = fetch_json(url, timeout)
    except TransportError as broken:
        raise AppError(DISCOVERY_CODES[broken.fault]) from None
    return _configuration(issuer, document)


def _configuration(issuer: str, document: Json) -> SmartConfiguration:
    capabilities = document.get("capabilities")
    named = document.get("issuer")
    return SmartConfiguration(
        authorization_endpoint=checked_url(issuer, document.get("authorization_endpoint")),
        token_endpoint=checked_url(issuer, document.get("token_endpoint")),
        issuer=named if isinstance(named, str) and named else None,
        jwks_uri=checked_url(issuer, document["jwks_uri"]) if document.get("jwks_uri") else None,
        capabilities=frozenset(c for c in capabilities if isinstance(c, str))
        if isinstance(capabilities, list)
        else frozenset(),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )
