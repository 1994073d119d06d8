"""Client authentication by HTTP Basic.

Authlib's own function raises on credentials that are not UTF-8 or are missing; a client's mistake must be answered as
one, so the header is read here with that in mind.
"""

from typing import Any

from authlib.oauth2.rfc6749.util import extract_basic_authorization

from sesame_fhir.api.oauth.models import ClientView


def client_secret_basic(query_client: Any, request: Any) -> ClientView | None:
    """Authlib's ``client_secret_basic`` method: the client, None when the header does not prove it."""
    try:
        client_id, secret = extract_basic_authorization(request.headers)
    except ValueError:  # not UTF-8, or nothing after the scheme
        return None
    client: ClientView | None = query_client(client_id) if client_id and secret else None
    return client if client is not None and client.check_client_secret(secret) else None
