"""From a described client of our own authorization server (command line) to a checked registration."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.scopes import PLAIN_SCOPES, parse_scope
from sesame_fhir.server.registration import RegistrationError, read_secret, safe_url
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.records import ClientKind

# Only a hash of it rests in the database, and a plain one: it must be too long to guess.
_SECRET_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class DescribedClient:
    """What an operator says of a client; ``scopes`` are separated by spaces."""

    client_id: str
    name: str
    scopes: str
    redirect_uris: Sequence[str] = ()
    launch_uri: str | None = None
    jwks_uri: str | None = None
    secret_file: Path | None = None


def client_from(described: DescribedClient) -> OAuthClient:
    """Check a description and hash its secret.

    Raises:
        RegistrationError: unsafe address, both kinds of credentials, short secret, unknown scope, or nothing that the
            client could do with it.
    """
    kind = _kind(described)
    scopes = _scopes(described)
    if not described.redirect_uris and not (kind is ClientKind.ASYMMETRIC and _has_system(scopes)):
        raise RegistrationError(
            "without --redirect-uri only a backend service can be served: it needs --jwks-uri and a system/ scope"
        )
    return OAuthClient(
        client_id=described.client_id,
        name=described.name,
        kind=kind,
        redirect_uris=tuple(safe_url(uri, query=True) for uri in described.redirect_uris),
        launch_uri=safe_url(described.launch_uri) if described.launch_uri else None,
        scopes=scopes,
        secret_hash=secret_hash(_secret(described.secret_file)) if described.secret_file else None,
        jwks_uri=safe_url(described.jwks_uri, query=True) if described.jwks_uri else None,
    )


def _kind(described: DescribedClient) -> ClientKind:
    if described.jwks_uri and described.secret_file:
        raise RegistrationError("give either --jwks-uri or --secret-file, not both")
    if described.jwks_uri:
        return ClientKind.ASYMMETRIC
    return ClientKind.SYMMETRIC if described.secret_file else ClientKind.PUBLIC


def _scopes(described: DescribedClient) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(described.scopes.split()))
    unknown = [scope for scope in scopes if scope not in PLAIN_SCOPES and parse_scope(scope) is None]
    if unknown or not scopes:
        raise RegistrationError(f"scopes that cannot be granted: {' '.join(unknown) or '(none given)'}")
    return scopes


def _has_system(scopes: Sequence[str]) -> bool:
    return any(scope is not None and scope.compartment == "system" for scope in map(parse_scope, scopes))


def _secret(path: Path) -> str:
    secret = read_secret(path)
    if len(secret) < _SECRET_CHARACTERS:
        raise RegistrationError(f"{path}: shorter than {_SECRET_CHARACTERS} characters; try `openssl rand -base64 32`")
    return secret
