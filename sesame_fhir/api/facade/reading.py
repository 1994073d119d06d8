"""read, vread and history of one resource. The read is the hot path: token look-up, scope, one SELECT, bytes out."""

from flask import Request, Response

from sesame_fhir.api.bearer import Caller, authenticate
from sesame_fhir.api.compartment import allows
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.negotiation import check_acceptable
from sesame_fhir.api.facade.responses import bundle, history_entry, json_response, not_modified, resource_response
from sesame_fhir.api.scopes import Access
from sesame_fhir.fhir.errors import ResourceGone
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import StoredResource

_MAX_VERSION_DIGITS = 9


def read(deps: ApiDeps, request: Request, resource_type: str, resource_id: str) -> Response:
    """``GET [type]/[id]``."""
    caller = authenticate(deps, request.environ.get("HTTP_AUTHORIZATION"))
    access = caller.access(resource_type, "r")
    check_acceptable(request)
    return _one(deps, request, caller, access, deps.resources.read(resource_type, resource_id), action="read")


def vread(deps: ApiDeps, request: Request, resource_type: str, resource_id: str, version: str) -> Response:
    """``GET [type]/[id]/_history/[version]``."""
    caller = authenticate(deps, request.environ.get("HTTP_AUTHORIZATION"))
    access = caller.access(resource_type, "r")
    check_acceptable(request)
    if not (version.isascii() and version.isdigit()) or len(version) > _MAX_VERSION_DIGITS:
        raise NotFound
    stored = deps.resources.vread(resource_type, resource_id, int(version))
    return _one(deps, request, caller, access, stored, action="vread")


def history(deps: ApiDeps, request: Request, resource_type: str, resource_id: str) -> Response:
    """``GET [type]/[id]/_history``: versions outside the token's limits are left out."""
    caller = authenticate(deps, request.environ.get("HTTP_AUTHORIZATION"))
    access = caller.access(resource_type, "r")
    check_acceptable(request)
    versions = [
        stored
        for stored in deps.resources.history(resource_type, resource_id)
        if _visible(caller, access, stored) or (stored.deleted and not _limited(access))
    ]
    if not versions:
        raise NotFound
    audit(deps, caller, "history", resource_type, resource_id)
    address = f"{deps.base_url}/{resource_type}/{resource_id}/_history"
    entries = [history_entry(deps.base_url, stored) for stored in versions]
    return json_response(bundle("history", len(versions), [("self", address)], entries))


def _one(
    deps: ApiDeps, request: Request, caller: Caller, access: Access, stored: StoredResource | None, *, action: str
) -> Response:
    if stored is None:
        raise NotFound
    if stored.body is None:
        # A limited token must not learn that somebody else's resource once existed.
        raise NotFound if _limited(access) else ResourceGone
    if not _visible(caller, access, stored):
        audit(deps, caller, action, stored.resource_type, stored.resource_id, outcome="denied")
        raise NotFound
    audit(deps, caller, action, stored.resource_type, stored.resource_id)
    known = request.environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and (known.strip() == "*" or f'"{stored.version}"' in known):
        return not_modified(stored)
    return resource_response(stored, stored.body)


def _limited(access: Access) -> bool:
    return access.patient_only or access.categories is not None


def _visible(caller: Caller, access: Access, stored: StoredResource) -> bool:
    if stored.body is None:
        return False
    return allows(access, stored.resource_type, stored.resource_id, stored.body, caller.patient)
