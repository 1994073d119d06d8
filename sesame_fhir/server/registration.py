"""From a described EHR (command line, TOML, environment) to a checked registration."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sesame_fhir.domain.ids import EhrId, SiteId
from sesame_fhir.services.ports import EhrRegistry, Vault
from sesame_fhir.services.records import ClientKind, EhrRegistration
from smart_app.launch.client_auth import seal_client_secret

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class RegistrationError(Exception):
    """The description cannot be registered; the message says why and what to do."""


def registration_from(described: Mapping[str, Any], site: str, vault: Vault) -> EhrRegistration:
    """Check a description (the fields of ``[[ehr]]``) and seal its secret.

    Raises:
        RegistrationError: not HTTPS outside loopback, not a base URL, both kinds of credentials, unreadable secret.
    """
    issuer = _base_url(described["issuer"])
    kind, algorithm = _kind(described)
    return EhrRegistration(
        ehr_id=EhrId(hashlib.sha256(issuer.encode()).hexdigest()[:16]),
        issuer=issuer,
        client_id=described["client_id"],
        kind=kind,
        site=SiteId(site),
        frame_origins=tuple(map(_origin, described.get("frame_origins") or [issuer])),
        secret=_secret(described, issuer, vault),
        algorithm=algorithm,
        scopes=described.get("scopes"),
        authorize_method=described.get("authorize_method", "get"),
    )


def register_all(described: tuple[Mapping[str, Any], ...], site: str, vault: Vault, registry: EhrRegistry) -> None:
    """Register the EHRs of the settings. Raises RegistrationError as ``registration_from``."""
    for one in described:
        registry.add(registration_from(one, site, vault))


def safe_url(text: str, *, query: bool = False) -> str:
    """The text, when it is an absolute HTTPS address (HTTP on loopback) without credentials, fragment or ``query``.

    Raises:
        RegistrationError: it is not; credentials in it are not repeated.
    """
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise RegistrationError(f"{text!r}: not a URL; expected https://host/path") from error
    if parts.username or parts.password:
        raise RegistrationError("a URL with a user name or password: give it without")
    if parts.scheme not in {"http", "https"} or not host or parts.fragment or (parts.query and not query):
        wanted = "https://host/path" if query else "https://host/path without query"
        raise RegistrationError(f"{text!r}: not a usable URL; expected {wanted}")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise RegistrationError(f"{text!r}: tokens may not travel without TLS; use its https:// address")
    return text


def _base_url(text: str) -> str:
    return safe_url(text).rstrip("/")


def _origin(text: str) -> str:
    parts = urlsplit(safe_url(text))
    return f"{parts.scheme}://{parts.netloc}"


def _kind(described: Mapping[str, Any]) -> tuple[ClientKind, str | None]:
    if described.get("secret_file") and described.get("private_key_jwt"):
        raise RegistrationError("give either a secret file or private_key_jwt, not both")
    if described.get("private_key_jwt"):
        return ClientKind.ASYMMETRIC, described["private_key_jwt"]
    return (ClientKind.SYMMETRIC if described.get("secret_file") else ClientKind.PUBLIC), None


def _secret(described: Mapping[str, Any], issuer: str, vault: Vault) -> bytes | None:
    if not described.get("secret_file"):
        return None
    return seal_client_secret(vault, issuer, read_secret(Path(described["secret_file"])))


def read_secret(path: Path) -> str:
    """The one secret that a file holds, without the white space around it.

    Raises:
        RegistrationError: unreadable or empty.
    """
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RegistrationError(f"{path}: cannot be read; check the path and its rights") from error
    if not secret:
        raise RegistrationError(f"{path}: empty; put the client secret in it")
    return secret
