"""The registry of clients of our own authorization server, for the command line and the administrator's page."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.scopes import PLAIN_SCOPES, parse_scope
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.registration import RegistrationError, safe_url
from sesame_fhir.services.authorization import AuthorizationStore, OAuthClient
from sesame_fhir.services.clients import ACTION, ClientProblem, ClientRefused, DescribedClient, Found
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.ports import AuditLog, Clock, Ids
from sesame_fhir.services.records import AuditEntry, ClientKind

# Only a hash of it rests in the database, and a plain one: it must be too long to guess.
SECRET_CHARACTERS = 32
_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")  # characters that need no escape in an address nor in HTTP Basic
_LONGEST_NAME = 100
_PRIVATE = frozenset({"d", "p", "q", "k"})


@dataclass(frozen=True, slots=True)
class Clients:
    """``ClientRegistry`` over the authorization server's store; ``sites`` are those of this deployment."""

    store: AuthorizationStore
    audit: AuditLog
    clock: Clock
    ids: Ids
    sites: frozenset[SiteId]

    def all(self) -> tuple[OAuthClient, ...]:
        """Every client, by id."""
        return self.store.clients()

    def find(self, client_id: str) -> OAuthClient | None:
        """One client."""
        return self.store.client(client_id)

    def save(self, described: DescribedClient, by: Actor, *, new: bool) -> str | None:
        """Register a client, or change it; returns the secret that it was given. Raises ClientRefused."""
        before = self.store.client(described.client_id)
        taken = [(ClientProblem.ID_TAKEN, described.client_id)] if new and before is not None else []
        problems = (*taken, *_problems(described, self.sites))
        if problems:
            raise ClientRefused(*problems)
        client, secret = self._with_secret(_client(described), described.secret, before)
        self.store.save_client(client)
        self.store.revoke_client(client.client_id)
        self._trace(by, "create" if before is None else "change", client.client_id)
        return secret

    def set_active(self, client_id: str, by: Actor, *, active: bool) -> None:
        """Close a client, or open it again. Raises NotFound."""
        self.store.save_client(replace(self._known(client_id), active=active))
        self.store.revoke_client(client_id)
        self._trace(by, "activate" if active else "deactivate", client_id)

    def new_secret(self, client_id: str, by: Actor) -> str:
        """Give a symmetric client another secret. Raises NotFound, also for a client of another kind."""
        client = self._known(client_id)
        if client.kind is not ClientKind.SYMMETRIC:
            raise NotFound(client_id)
        secret = self.ids.secret()
        self.store.save_client(replace(client, secret_hash=secret_hash(secret)))
        self._trace(by, "secret", client_id)
        return secret

    def remove(self, client_id: str, by: Actor) -> None:
        """Forget a client. Raises NotFound."""
        if not self.store.remove_client(client_id):
            raise NotFound(client_id)
        self._trace(by, "remove", client_id)

    def _with_secret(
        self, client: OAuthClient, agreed: str | None, before: OAuthClient | None
    ) -> tuple[OAuthClient, str | None]:
        active = before is None or before.active
        if client.kind is not ClientKind.SYMMETRIC:
            return replace(client, active=active), None
        if agreed is None and before is not None and before.secret_hash is not None:
            return replace(client, active=active, secret_hash=before.secret_hash), None
        secret = agreed or self.ids.secret()
        return replace(client, active=active, secret_hash=secret_hash(secret)), None if agreed else secret

    def _known(self, client_id: str) -> OAuthClient:
        client = self.store.client(client_id)
        if client is None:
            raise NotFound(client_id)
        return client

    def _trace(self, by: Actor, what: str, client_id: str) -> None:
        self.audit.record(
            AuditEntry(
                at=self.clock.now(),
                actor_id=by.actor_id,
                role=by.role.value,
                action=ACTION,
                outcome="done",
                detail=what,
                extra={"client": client_id},
            )
        )


def _client(described: DescribedClient) -> OAuthClient:
    kind = ClientKind(described.kind)
    signs = kind is ClientKind.ASYMMETRIC
    return OAuthClient(
        client_id=described.client_id,
        name=" ".join(described.name.split()),
        kind=kind,
        redirect_uris=tuple(dict.fromkeys(described.redirect_uris)),
        launch_uri=described.launch_uri or None,
        scopes=tuple(dict.fromkeys(described.scopes.split())),
        jwks=_key_set(described.jwks) if signs and described.jwks else None,
        jwks_uri=(described.jwks_uri or None) if signs else None,
        sites=tuple(SiteId(site) for site in dict.fromkeys(described.sites)),
        origins=tuple(dict.fromkeys(described.origins)),
        notify_origins=tuple(dict.fromkeys(described.notify_origins)),
        may_assert_professionals=described.may_assert_professionals,
    )


def _problems(described: DescribedClient, sites: frozenset[SiteId]) -> Iterator[Found]:
    """Everything that is wrong, in the order of the form."""
    name = " ".join(described.name.split())
    if not _ID.fullmatch(described.client_id):
        yield ClientProblem.ID_INVALID, described.client_id
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        yield ClientProblem.NAME_MISSING, ""
    if described.kind not in {kind.value for kind in ClientKind}:
        yield ClientProblem.KIND_UNKNOWN, described.kind
    yield from _scope_problems(described.scopes.split())
    yield from _address_problems(described)
    yield from _key_problems(described)
    for site in described.sites:
        if site not in sites:
            yield ClientProblem.SITE_UNKNOWN, site
    for origin in (*described.origins, *described.notify_origins):
        if not _is_origin(origin):
            yield ClientProblem.ORIGIN_INVALID, origin


def _scope_problems(scopes: Sequence[str]) -> Iterator[Found]:
    unknown = [scope for scope in scopes if scope not in PLAIN_SCOPES and parse_scope(scope) is None]
    if not scopes:
        yield ClientProblem.SCOPES_MISSING, ""
    if unknown:
        yield ClientProblem.SCOPES_UNKNOWN, " ".join(unknown)


def _address_problems(described: DescribedClient) -> Iterator[Found]:
    # A launch address gets our own query, so that it may have none.
    given = [
        *((uri, True) for uri in described.redirect_uris),
        (described.launch_uri, False),
        (described.jwks_uri, True),
    ]
    for uri, query in given:
        if not uri:
            continue
        try:
            safe_url(uri, query=query)
        except RegistrationError as error:
            yield ClientProblem.ADDRESS_UNSAFE, str(error)
    backend = described.kind == ClientKind.ASYMMETRIC.value and _has_system(described.scopes.split())
    if not described.redirect_uris and not backend:
        yield ClientProblem.REDIRECT_MISSING, ""


def _key_problems(described: DescribedClient) -> Iterator[Found]:
    if described.kind == ClientKind.ASYMMETRIC.value:
        if not described.jwks_uri and not described.jwks:
            yield ClientProblem.KEYS_MISSING, ""
        if described.jwks and _key_set(described.jwks) is None:
            yield ClientProblem.KEYS_INVALID, ""
    if described.secret is not None and len(described.secret) < SECRET_CHARACTERS:
        yield ClientProblem.SECRET_SHORT, ""


def _key_set(text: str) -> dict[str, Any] | None:
    """A set of public keys, each with its id; None for anything else, a private key above all."""
    try:
        document = json.loads(text)
        KeySet.import_key_set(document)
    except (ValueError, TypeError, KeyError, AttributeError, JoseError):
        return None
    keys = document["keys"]
    usable = bool(keys) and all(key.get("kid") and key.get("kty") in ("RSA", "EC") for key in keys)
    return document if usable and not any(_PRIVATE & key.keys() for key in keys) else None


def _has_system(scopes: Sequence[str]) -> bool:
    return any(scope is not None and scope.compartment == "system" for scope in map(parse_scope, scopes))


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(safe_url(text))
    except RegistrationError:
        return False
    return text == f"{parts.scheme}://{parts.netloc}"
