"""Access tokens put into the store, as the authorization server would have left them there."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.authorization import OAuthClient, TokenGrant
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import Store
from smart_app.launch.scopes import DEFAULT_SCOPES

CLINICIAN = "openid fhirUser user/*.cruds"
"""A token of a person: no limit to one patient."""

LAUNCHED = DEFAULT_SCOPES
"""The app's own token: everything it reads is compared with the patient of the launch."""


_BACK = ("http://localhost/back",)
CLIENT = OAuthClient("bench", "Banc d'essai", ClientKind.PUBLIC, _BACK, None, tuple(CLINICIAN.split()))
"""Whom the tokens were given to: a token of a client that is not known is none."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A token and what it was given for."""

    token: str
    patient: str

    @property
    def headers(self) -> dict[str, str]:
        """The request headers of a read."""
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/fhir+json"}


def grant(store: Store, scope: str, patient: str) -> Holder:
    """Store a fresh token, valid for an hour, launched on a patient (a logical id)."""
    ids, now = SystemIds(), datetime.now(UTC)
    token = ids.secret()
    ends = now + timedelta(hours=1)
    context = {"patient": patient}
    store.authorization.save_client(CLIENT)
    store.authorization.save_grant(
        TokenGrant(secret_hash(token), None, ids.new(), "bench", "Practitioner/gp1", scope, context, now, ends, None)
    )
    return Holder(token, patient)
