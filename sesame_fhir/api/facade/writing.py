"""create, conditional create and update: read strictly, validate, check the token's limits, store, answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Request, Response

from sesame_fhir.api.bearer import Caller, authenticate
from sesame_fhir.api.compartment import SHARED_TYPES, allows, narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.negotiation import check_acceptable, check_body_type, preferred_return, wanted_version
from sesame_fhir.api.facade.responses import json_response, outcome_response, resource_response
from sesame_fhir.api.scopes import Access
from sesame_fhir.api.scopes import access as scope_access
from sesame_fhir.fhir.errors import (
    BelongsToPathway,
    InvalidResource,
    NotAllowed,
    PreconditionFailed,
    UnprocessableResource,
)
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, error
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.reader import MAX_BYTES, read_json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services.errors import VersionConflict
from sesame_fhir.services.records import Origin, ResourceWrite, StoredResource
from sesame_fhir.services.search import SearchQuery

PATHWAY_OWNED = "belongs-to-pathway"
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A body that has passed every check but the ones that need the store."""

    caller: Caller
    access: Access
    resource: Json
    warnings: tuple[Issue, ...]


def create(deps: ApiDeps, request: Request, resource_type: str) -> Response:
    """``POST [type]``, with If-None-Exist a conditional create (R4 http.html#ccreate)."""
    caller = authenticate(deps, request.environ.get("HTTP_AUTHORIZATION"))
    incoming = _incoming(deps, request, caller, caller.access(resource_type, "c"), resource_type)
    resource_id = deps.ids.new()
    write = _write(deps, incoming, resource_type, resource_id)
    unless = _condition(deps, request, incoming, resource_type)
    for _attempt in range(_ATTEMPTS):
        stored = deps.resources.create(write, deps.clock.now(), unless)
        if stored is not None:
            audit(deps, caller, "create", resource_type, resource_id)
            return _answer(deps, request, stored, incoming.warnings, created=True)
        existing = _existing(deps, unless)
        if existing is not None:
            audit(deps, caller, "create", resource_type, existing.resource_id, outcome="exists")
            return _answer(deps, request, existing, incoming.warnings, created=False, shown=_readable(caller, existing))
    raise PreconditionFailed  # somebody creates and deletes the match all the time


def update(deps: ApiDeps, request: Request, resource_type: str, resource_id: str) -> Response:
    """``PUT [type]/[id]``: creates when new, honours If-Match."""
    caller = authenticate(deps, request.environ.get("HTTP_AUTHORIZATION"))
    incoming = _incoming(deps, request, caller, caller.access(resource_type, "u"), resource_type)
    if incoming.resource.get("id") != resource_id:
        text = "L'id de la ressource doit être celui de l'adresse."
        raise InvalidResource(error(IssueType.VALUE, text, f"{resource_type}.id"))
    version = wanted_version(request)
    write = _write(deps, incoming, resource_type, resource_id)
    for _attempt in range(_ATTEMPTS):
        current = deps.resources.read(resource_type, resource_id)
        _check_current(deps, incoming, current)
        checked = 0 if current is None else current.version
        if version not in (None, checked):
            raise VersionConflict(checked)
        try:
            # Only what has been checked may be replaced: what somebody else wrote in between is checked again.
            stored = deps.resources.update(write, deps.clock.now(), checked)
        except VersionConflict:
            if version is not None:
                raise
            continue
        audit(deps, caller, "update", resource_type, resource_id)
        created = current is None or current.deleted
        return _answer(deps, request, stored, incoming.warnings, created=created)
    raise PreconditionFailed  # somebody writes it all the time


def _incoming(deps: ApiDeps, request: Request, caller: Caller, access: Access, resource_type: str) -> _Incoming:
    check_acceptable(request)
    check_body_type(request)
    request.max_content_length = MAX_BYTES
    resource = read_json(request.get_data(cache=False))
    if access.patient_only and resource_type in SHARED_TYPES:
        raise NotAllowed
    return _Incoming(caller, access, resource, _checked(deps, resource, resource_type))


def _checked(deps: ApiDeps, resource: Json, resource_type: str) -> tuple[Issue, ...]:
    """Warnings; everything wrong is told at once, as 400 when it is not valid FHIR, else as 422.

    Raises:
        InvalidResource: not valid R4.
        UnprocessableResource: valid R4, but the answers do not fit their questionnaire.
    """
    issues = validate(resource, resource_type, profiles=Profiles(questionnaires=deps.questionnaires))
    if _blocking(issues):
        refused = InvalidResource if _blocking(validate(resource, resource_type)) else UnprocessableResource
        raise refused(*issues)
    return tuple(issues)


def _blocking(issues: Iterable[Issue]) -> bool:
    return any(issue.blocking for issue in issues)


def _write(deps: ApiDeps, incoming: _Incoming, resource_type: str, resource_id: str) -> ResourceWrite:
    """What to store: our id, no version nor date of the client's.

    Raises:
        NotAllowed: the resource lies outside the token's limits.
    """
    body = {**incoming.resource, "id": resource_id}
    meta = {name: value for name, value in body.pop("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    if meta:
        body["meta"] = meta
    if not allows(incoming.access, resource_type, resource_id, body, incoming.caller.patient):
        audit(deps, incoming.caller, "write", resource_type, outcome="denied")
        raise NotAllowed
    return ResourceWrite(resource_type, resource_id, body, index(body), deps.site, Origin.RECORD)


def _check_current(deps: ApiDeps, incoming: _Incoming, current: StoredResource | None) -> None:
    if current is None:
        return
    kind, key = current.resource_type, current.resource_id
    if current.body is not None and not allows(incoming.access, kind, key, current.body, incoming.caller.patient):
        audit(deps, incoming.caller, "update", kind, key, outcome="denied")
        raise NotAllowed
    if current.origin is Origin.PATHWAY:
        text = "Cette ressource découle du parcours : la modifier depuis le parcours."
        raise BelongsToPathway(error(IssueType.BUSINESS_RULE, text, details_code=PATHWAY_OWNED))


def _condition(deps: ApiDeps, request: Request, incoming: _Incoming, resource_type: str) -> SearchQuery | None:
    """The search of If-None-Exist, within the token's limits: it must not reveal what others have.

    Raises:
        InvalidSearch: a parameter is unknown (ignoring one would compare something else).
        PreconditionFailed: no criterion at all.
    """
    header = request.headers.get("If-None-Exist")
    if header is None:
        return None
    pairs = parse_qsl(header.removeprefix("?"), keep_blank_values=True)
    query = parse_search(resource_type, pairs, now=deps.clock.now(), strict=True, base=deps.base_url).query
    if not query.clauses:
        raise PreconditionFailed
    return narrowed(query, incoming.access, incoming.caller.patient)


def _existing(deps: ApiDeps, unless: SearchQuery | None) -> StoredResource | None:
    """The one match; None when it has just gone.

    Raises:
        PreconditionFailed: several resources match.
    """
    if unless is None:
        raise VersionConflict(0)
    page = deps.resources.search(unless)
    if page.total > 1:
        text = "Plusieurs ressources répondent à If-None-Exist : préciser la recherche."
        raise PreconditionFailed(error(IssueType.MULTIPLE_MATCHES, text))
    return page.resources[0] if page.resources else None


def _readable(caller: Caller, stored: StoredResource) -> bool:
    granted = scope_access(caller.grant.scope, stored.resource_type, "r")
    if granted is None or stored.body is None:
        return False
    return allows(granted, stored.resource_type, stored.resource_id, stored.body, caller.patient)


def _answer(
    deps: ApiDeps,
    request: Request,
    stored: StoredResource,
    warnings: tuple[Issue, ...],
    *,
    created: bool,
    shown: bool = True,
) -> Response:
    status = 201 if created else 200
    wanted = preferred_return(request)
    if wanted == "OperationOutcome":
        response = outcome_response(warnings, status)
    elif wanted == "minimal" or not shown or stored.body is None:
        response = json_response(b"", status)
        del response.headers["Content-Type"]
    else:
        response = resource_response(stored, stored.body, status)
    address = f"{deps.base_url}/{stored.resource_type}/{stored.resource_id}/_history/{stored.version}"
    headers = resource_response(stored, b"").headers
    response.headers.update({"ETag": headers["ETag"], "Last-Modified": headers["Last-Modified"], "Location": address})
    return response
