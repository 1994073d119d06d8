"""Other systems that use our facade: registered, changed, closed. Everything is in the audit log."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sesame_fhir.domain.actors import Actor
from sesame_fhir.services.authorization import OAuthClient

ACTION = "change-clients"


class ClientProblem(StrEnum):
    """What is wrong with a client as described; the French texts are in ``smart_app.team.texts``."""

    ID_INVALID = "id-invalid"
    ID_TAKEN = "id-taken"
    NAME_MISSING = "name-missing"
    KIND_UNKNOWN = "kind-unknown"
    SCOPES_MISSING = "scopes-missing"
    SCOPES_UNKNOWN = "scopes-unknown"
    ADDRESS_UNSAFE = "address-unsafe"
    REDIRECT_MISSING = "redirect-missing"
    KEYS_MISSING = "keys-missing"
    KEYS_INVALID = "keys-invalid"
    SECRET_SHORT = "secret-short"  # noqa: S105  the name of a problem
    SITE_UNKNOWN = "site-unknown"
    ORIGIN_INVALID = "origin-invalid"


Found = tuple[ClientProblem, str]
"""A problem, and what of the description shows it (never a secret); empty when nothing does."""


class ClientRefused(Exception):  # noqa: N818  named as the fact it reports
    """The client cannot be registered like this; every problem is given."""

    def __init__(self, *problems: Found) -> None:
        super().__init__(", ".join(problem for problem, _ in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class DescribedClient:
    """A client as somebody describes it, unchecked.

    ``kind`` is a ``ClientKind``; ``scopes`` are separated by spaces; ``jwks`` is the text of a public key set.
    ``secret``: one that is already agreed on; without it a new symmetric client is given one.
    """

    client_id: str
    name: str
    kind: str
    scopes: str
    redirect_uris: tuple[str, ...] = ()
    launch_uri: str = ""
    jwks_uri: str = ""
    jwks: str = ""
    secret: str | None = None
    sites: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    notify_origins: tuple[str, ...] = ()
    may_assert_professionals: bool = False


class ClientRegistry(Protocol):
    """The registered clients. What is changed or closed ends the tokens that it had."""

    def all(self) -> tuple[OAuthClient, ...]:
        """Every client, by id."""
        ...

    def find(self, client_id: str) -> OAuthClient | None:
        """One client."""
        ...

    def save(self, described: DescribedClient, by: Actor, *, new: bool) -> str | None:
        """Register a client, or change it; returns the secret that it was given, to be shown once.

        Raises:
            ClientRefused: with every problem; among them that a ``new`` client's id is taken.
        """
        ...

    def set_active(self, client_id: str, by: Actor, *, active: bool) -> None:
        """Close a client, or open it again. Raises NotFound."""
        ...

    def new_secret(self, client_id: str, by: Actor) -> str:
        """Give a symmetric client another secret; the one before opens nothing any more. Raises NotFound."""
        ...

    def remove(self, client_id: str, by: Actor) -> None:
        """Forget a client. Raises NotFound."""
        ...
