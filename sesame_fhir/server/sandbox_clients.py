"""The systems that a public sandbox knows from the beginning: their ids and keys are published, for anybody to use.

The private key of the service is docs/how-to/sandbox-key.json. It opens nothing but sandboxes.
"""

import json
from importlib.resources import files

from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.records import ClientKind

SERVICE, APP = "sandbox-service", "sandbox-app"
LISTENER = "http://127.0.0.1:8765"
"""Where a vendor's page or listener runs while it is tried: on the same machine."""
_SERVICE_SCOPES = "system/*.cruds"
_APP_SCOPES = "launch launch/patient openid fhirUser online_access patient/*.cruds user/*.cruds"


def sandbox_clients() -> tuple[OAuthClient, ...]:
    """A backend service, which may name the professional who acted, and a public app."""
    keys = json.loads((files("sesame_fhir.server") / "sandbox_keys.json").read_text(encoding="utf-8"))
    service = OAuthClient(
        client_id=SERVICE,
        name="Service d'essai",
        kind=ClientKind.ASYMMETRIC,
        redirect_uris=(),
        launch_uri=None,
        scopes=(_SERVICE_SCOPES,),
        jwks=keys,
        notify_origins=(LISTENER,),
        may_assert_professionals=True,
    )
    app = OAuthClient(
        client_id=APP,
        name="Application d'essai",
        kind=ClientKind.PUBLIC,
        redirect_uris=(f"{LISTENER}/callback",),
        launch_uri=f"{LISTENER}/launch",
        scopes=tuple(_APP_SCOPES.split()),
        origins=(LISTENER,),
    )
    return service, app
