"""A public client says who it is; when it refreshes, its refresh token says it.

RFC 6749 (3.2.1, 6) does not oblige a public client to send its id with a refresh, and SMART's own JavaScript library
does not: the token is bound to the client it was issued to, so that it names it as surely as the id would.
"""

from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749.authenticate_client import authenticate_none

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.oauth.models import ClientView


def public_client(deps: ApiDeps) -> Callable[[Any, Any], ClientView | None]:
    """Authlib's method ``none``: the client, None when nothing names one."""

    def method(query_client: Any, request: Any) -> ClientView | None:
        asked = request.payload.data
        if request.payload.client_id or asked.get("grant_type") != "refresh_token":
            found: ClientView | None = authenticate_none(query_client, request)
            return found
        grant = deps.authorization.by_refresh(secret_hash(asked.get("refresh_token") or ""))
        named: ClientView | None = None if grant is None else query_client(grant.client_id)
        return named

    return method
