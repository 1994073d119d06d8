"""Entries of a batch or of a transaction as interactions: the same ``Ask`` as a request of its own would make."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.addresses import Interaction, asked
from sesame_fhir.api.facade.exchange import Ask, Method
from sesame_fhir.api.facade.negotiation import JSON_PATCH, conditions
from sesame_fhir.fhir.errors import InvalidResource, NotSupported
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, error
from sesame_fhir.fhir.reader import read_json_array
from sesame_fhir.fhir.walk import child, text


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, understood. ``place`` is its position in the Bundle."""

    place: int
    ask: Ask
    interaction: Interaction
    full_url: str | None


def entry_of(deps: ApiDeps, outer: Ask, place: int, given: Json) -> Entry:
    """Read one entry of a Bundle whose structure is valid.

    Raises:
        FhirError, ServiceError: as a request of its own; expressions are relative to the entry's resource.
    """
    request = child(given, "request")
    method = cast("Method", text(request, "method"))
    path, pairs = _address(deps, text(request, "url"))
    interaction = asked(method, path)
    if interaction == "bundle":
        raise NotSupported(error(IssueType.NOT_SUPPORTED, "Un Bundle ne contient pas d'autre lot ni transaction."))
    resource = given.get("resource")
    if resource is not None and not isinstance(resource, dict):
        raise InvalidResource(error(IssueType.STRUCTURE, "Une ressource est un objet."))
    ask = Ask(
        method=method,
        path=path,
        pairs=pairs,
        body=resource if method in ("POST", "PUT") else None,
        patch=_patch(resource) if method == "PATCH" else None,
        conditions=conditions(
            request.get("ifMatch"), request.get("ifNoneMatch"), _instant(request), request.get("ifNoneExist")
        ),
        returned=outer.returned,
        strict=outer.strict,
    )
    return Entry(place, ask, interaction, given.get("fullUrl"))


def _address(deps: ApiDeps, url: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Path and parameters of an entry's url: relative to our base, or with it."""
    below = url.removeprefix(f"{deps.base_url}/").removeprefix("/")
    steps, _, query = below.partition("?")
    path = tuple(unquote(step) for step in steps.split("/")) if steps else ()
    return path, tuple(parse_qsl(query, keep_blank_values=True))


def _instant(request: Json) -> datetime | None:
    """An R4 instant, which is more precise than an HTTP date; R4's own pattern lets a leap second through."""
    found = request.get("ifModifiedSince")
    try:
        return None if found is None else datetime.fromisoformat(found)
    except ValueError:
        raise InvalidResource(error(IssueType.VALUE, "ifModifiedSince : instant attendu.")) from None


def _patch(resource: Json | None) -> tuple[Any, ...] | None:
    """The JSON Patch in a Binary; None for anything else (R4 knows patches by FHIRPath too)."""
    if resource is None or resource.get("resourceType") != "Binary":
        return None
    if str(resource.get("contentType")).partition(";")[0].strip() != JSON_PATCH:
        return None
    try:
        return tuple(read_json_array(base64.b64decode(str(resource.get("data")), validate=True)))
    except (binascii.Error, ValueError):
        raise InvalidResource(error(IssueType.VALUE, "data n'est pas du base64.", "Binary.data")) from None


def located(issues: Iterable[Issue], place: int, resource_type: str) -> Iterable[Issue]:
    """The issues of one entry as issues of its Bundle: ``Patient.name`` is ``Bundle.entry[3].resource.name``."""
    here = f"Bundle.entry[{place}]"
    for issue in issues:
        places = tuple(_located(one, here, resource_type) for one in issue.expression)
        yield replace(issue, expression=places or (here,))


def _located(expression: str, here: str, resource_type: str) -> str:
    head, dot, tail = expression.partition(".")
    if head == resource_type:
        return f"{here}.resource{dot}{tail}"
    return f"{here}.resource.{expression}" if expression[:1].isalpha() else f"{here}.resource{expression}"
