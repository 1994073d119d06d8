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
    issuer = _checked_url(described["issuer"])
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


def _checked_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise RegistrationError(f"{text}: not a FHIR base URL; expected https://host/path without query")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise RegistrationError(f"{text}: tokens may not travel without TLS; use the EHR's https:// address")
    return text.rstrip("/")


def _origin(text: str) -> str:
    parts = urlsplit(_checked_url(text))
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
    path = Path(described["secret_file"])
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RegistrationError(f"{path}: cannot be read; check the path and its rights") from error
    if not secret:
        raise RegistrationError(f"{path}: empty; put the client secret in it")
    return seal_client_secret(vault, issuer, secret)
