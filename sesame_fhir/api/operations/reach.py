"""What a caller may see, for operations that gather resources: the rules of read and search, asked of one place.

What lies outside a caller's sites is not in the store that an operation gets (``api.limits``); here are the limits of
the token and of the role.
"""

from collections.abc import Sequence
from dataclasses import replace

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.reading import visible
from sesame_fhir.api.scopes import Access, Interaction
from sesame_fhir.fhir.errors import NotAllowed, ResourceGone
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import SearchPage, StoredResource
from sesame_fhir.services.search import Clause, SearchQuery, Sort

PAGE = 200
BY_ID = (Sort("_id"),)
"""An order in which pages stay the same whatever changes meanwhile."""


def granted(caller: Caller, resource_type: str, interaction: Interaction = "r") -> Access | None:
    """What the token and the role allow; None: nothing."""
    try:
        return caller.access(resource_type, interaction)
    except NotAllowed:
        return None


def seen(caller: Caller, stored: StoredResource | None) -> bool:
    """True for a resource that is there and that the token may read."""
    if stored is None:
        return False
    limits = granted(caller, stored.resource_type)
    return limits is not None and visible(caller, limits, stored)


def required(deps: ApiDeps, caller: Caller, action: str, resource_type: str, resource_id: str) -> StoredResource:
    """The resource that an operation is about; the access is audited.

    Raises:
        NotAllowed: no scope covers reading the type.
        NotFound: there is none, or none that the token may see.
        ResourceGone: it was deleted.
    """
    limits = caller.access(resource_type, "r")
    stored = deps.resources.read(resource_type, resource_id)
    if stored is None:
        raise NotFound
    if stored.deleted and not limits.limited:
        raise ResourceGone
    if not visible(caller, limits, stored):
        audit(deps, caller, action, resource_type, resource_id, outcome="denied")
        raise NotFound
    audit(deps, caller, action, resource_type, resource_id)
    return stored


def readable(deps: ApiDeps, caller: Caller, resource_type: str, resource_id: str) -> StoredResource | None:
    """A resource that goes with others: None when it is not there or not for this token."""
    if granted(caller, resource_type) is None:
        return None
    stored = deps.resources.read(resource_type, resource_id)
    return stored if seen(caller, stored) else None


def page(deps: ApiDeps, caller: Caller, query: SearchQuery) -> SearchPage | None:
    """One page of a search within the token's limits; None when it may not read the type at all."""
    limits = granted(caller, query.resource_type)
    if limits is None:
        return None
    return deps.resources.search(narrowed(query, limits, caller.patient))


def every(deps: ApiDeps, caller: Caller, resource_type: str, clauses: Sequence[Clause], limit: int) -> list[Json]:
    """Resources of a type that the token may read, by id, parsed, up to ``limit``."""
    query = SearchQuery(resource_type, tuple(clauses), BY_ID, min(PAGE, limit))
    found: list[Json] = []
    while (got := page(deps, caller, query)) is not None:
        found += [read_json(one.body) for one in got.resources if one.body is not None]
        if got.next_cursor is None or len(found) >= limit:
            break
        query = replace(query, cursor=got.next_cursor)
    return found[:limit]
