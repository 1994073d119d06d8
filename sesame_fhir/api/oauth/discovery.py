"""What the server says about itself: SMART configuration, OpenID configuration."""

from typing import Any

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.oauth.client_assertion import ALGORITHMS
from sesame_fhir.api.oauth.keys import ALGORITHM
from sesame_fhir.api.oauth.models import ALL_METHODS
from sesame_fhir.api.scopes import INTROSPECT

CAPABILITIES = (
    *("launch-ehr", "launch-standalone", "authorize-post"),
    *("client-public", "client-confidential-symmetric", "client-confidential-asymmetric"),
    *("context-banner", "context-style", "context-ehr-patient", "context-ehr-encounter", "context-standalone-patient"),
    *("permission-online", "permission-offline", "permission-patient", "permission-user", "permission-v1"),
    *("permission-v2", "sso-openid-connect"),
)
"""SMART 2.2 conformance: only what the tests show."""

SCOPES = (
    *("openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter", "online_access"),
    *("offline_access", INTROSPECT),
    *("patient/*.cruds", "user/*.cruds", "system/*.cruds", "patient/*.read", "user/*.read"),
)


def _common(deps: ApiDeps) -> dict[str, Any]:
    return {
        "issuer": deps.base_url,
        "jwks_uri": f"{deps.oauth_base}/jwks.json",
        "authorization_endpoint": f"{deps.oauth_base}/authorize",
        "token_endpoint": f"{deps.oauth_base}/token",
        "token_endpoint_auth_methods_supported": ALL_METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint": f"{deps.oauth_base}/introspect",
        "revocation_endpoint": f"{deps.oauth_base}/revoke",
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": list(SCOPES),
    }


def smart_configuration(deps: ApiDeps) -> dict[str, Any]:
    """``[base]/.well-known/smart-configuration``."""
    return {**_common(deps), "capabilities": list(CAPABILITIES)}


def openid_configuration(deps: ApiDeps) -> dict[str, Any]:
    """``[issuer]/.well-known/openid-configuration``; the issuer is the FHIR base URL."""
    return {
        **_common(deps),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "fhirUser", "profile"],
    }
