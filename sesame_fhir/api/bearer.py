"""From an Authorization header to the caller: one look-up, no state in memory."""

from dataclasses import dataclass

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.scopes import Access, Interaction, access
from sesame_fhir.fhir.errors import NotAllowed, NotAuthenticated
from sesame_fhir.services.authorization import TokenGrant

_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever presented a valid access token."""

    grant: TokenGrant

    @property
    def patient(self) -> str | None:
        """Logical id of the patient the token was launched on."""
        patient = self.grant.context.get("patient")
        return patient if isinstance(patient, str) else None

    def access(self, resource_type: str, interaction: Interaction) -> Access:
        """What the token allows.

        Raises:
            NotAllowed: no scope covers the interaction.
        """
        allowed = access(self.grant.scope, resource_type, interaction)
        if allowed is None:
            raise NotAllowed
        return allowed


def authenticate(deps: ApiDeps, authorization: str | None) -> Caller:
    """Find the token's grant.

    Raises:
        NotAuthenticated: no bearer token, or one that is unknown, expired or revoked.
    """
    if authorization is None or authorization[:7].lower() != _SCHEME:
        raise NotAuthenticated
    grant = deps.authorization.by_access(secret_hash(authorization[7:].strip()))
    if grant is None or grant.revoked or grant.expires_at <= deps.clock.now():
        raise NotAuthenticated
    return Caller(grant)
