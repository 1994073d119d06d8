"""read and vread. The read is the hot path: token look-up, scope, one SELECT, bytes out."""

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import allows
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.exchange import Answer, Ask, Conditions
from sesame_fhir.api.scopes import Access
from sesame_fhir.fhir.errors import ResourceGone
from sesame_fhir.fhir.subsetting import read_view, subset
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import StoredResource

_MAX_VERSION_DIGITS = 9


def read(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``GET [type]/[id]``."""
    resource_type, resource_id = ask.path
    access = caller.access(resource_type, "r")
    return _one(deps, caller, ask, access, deps.resources.read(resource_type, resource_id), action="read")


def vread(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``GET [type]/[id]/_history/[version]``."""
    resource_type, resource_id, _, version = ask.path
    access = caller.access(resource_type, "r")
    if not (version.isascii() and version.isdigit()) or len(version) > _MAX_VERSION_DIGITS:
        raise NotFound
    stored = deps.resources.vread(resource_type, resource_id, int(version))
    return _one(deps, caller, ask, access, stored, action="vread")


def visible(caller: Caller, access: Access, stored: StoredResource) -> bool:
    """True when a version lies within the token's limits; False for a tombstone."""
    if stored.body is None:
        return False
    return allows(access, stored.resource_type, stored.resource_id, stored.body, caller.patient)


def _one(
    deps: ApiDeps, caller: Caller, ask: Ask, access: Access, stored: StoredResource | None, *, action: str
) -> Answer:
    if stored is None:
        raise NotFound
    if stored.body is None:
        # A limited token must not learn that somebody else's resource once existed.
        raise NotFound if access.limited else ResourceGone
    if not visible(caller, access, stored):
        audit(deps, caller, action, stored.resource_type, stored.resource_id, outcome="denied")
        raise NotFound
    view = read_view(ask.pairs)
    audit(deps, caller, action, stored.resource_type, stored.resource_id)
    if _known(ask.conditions, stored):
        return Answer(304, version=stored.version)
    body = stored.body if view is None else subset(stored.body, view)
    return Answer(200, body, version=stored.version, last_modified=stored.last_updated)


def _known(conditions: Conditions, stored: StoredResource) -> bool:
    """True when the client has this version. If-None-Match alone decides when it is there (RFC 9110)."""
    if conditions.if_none_match:
        return "*" in conditions.if_none_match or str(stored.version) in conditions.if_none_match
    since = conditions.if_modified_since
    # HTTP dates have no fraction of a second.
    return since is not None and stored.last_updated.replace(microsecond=0) <= since
