"""From an HTTP request to an ``Ask``: the one place where the facade reads bodies, forms and headers."""

from typing import Any, cast

from flask import Request

from sesame_fhir.api.facade.addresses import Interaction
from sesame_fhir.api.facade.exchange import Ask, Method
from sesame_fhir.api.facade.negotiation import (
    FORM,
    JSON_PATCH,
    body_format,
    check_body_type,
    header_conditions,
    preferred_return,
    strict_handling,
)
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import MAX_BYTES, read_json_array

BUNDLE_BYTES = 8 * 1024 * 1024
"""Limit of a batch or a transaction."""

_SEARCHES = frozenset({"search-type", "search-compartment"})


def ask_of(request: Request, path: tuple[str, ...], interaction: Interaction) -> Ask:
    """What a request asks for.

    Raises:
        UnsupportedMedia: the body is of a type that this interaction does not take.
        UnreadableBody: it cannot be read strictly, or is too large.
        InvalidResource: a condition cannot be understood.
    """
    pairs = list(request.args.items(multi=True)) if request.environ.get("QUERY_STRING") else []
    body: Json | None = None
    patch: tuple[Any, ...] | None = None
    method = cast("Method", request.method)
    if method == "POST" and interaction in _SEARCHES:
        check_body_type(request, FORM)
        pairs += request.form.items(multi=True)
    elif method == "PATCH":
        patch = _patch(request)
    elif method in ("POST", "PUT"):
        body = _body(request, interaction)
    return Ask(
        method=method,
        path=path,
        pairs=tuple(pairs),
        body=body,
        patch=patch,
        conditions=header_conditions(request),
        returned=preferred_return(request),
        strict=strict_handling(request),
    )


def _body(request: Request, interaction: Interaction) -> Json | None:
    limit = BUNDLE_BYTES if interaction == "bundle" else MAX_BYTES
    request.max_content_length = limit
    if interaction == "operation" and not request.environ.get("CONTENT_TYPE") and not request.get_data():
        return None
    return body_format(request).read(request.get_data(cache=False), limit)


def _patch(request: Request) -> tuple[Any, ...]:
    check_body_type(request, JSON_PATCH)
    request.max_content_length = MAX_BYTES
    return tuple(read_json_array(request.get_data(cache=False)))
