"""Compartment search: ``GET Patient/[id]/[type]?…`` and ``GET Patient/[id]/*?…``, as the ``patient`` parameter finds.

Every type of ``*`` is searched by itself, one after the other, and a page goes on where the one before stopped.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.addresses import EVERY_TYPE, in_compartment
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.bundle_writing import bundle, search_entry
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.facade.interactions import types_with
from sesame_fhir.api.facade.searching import search
from sesame_fhir.api.operations.reach import granted
from sesame_fhir.fhir.errors import InvalidSearch, NotAllowed
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.schema.primitives import RESOURCE_ID
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.services.errors import InvalidCursor, NotFound
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import ReferenceClause, ReferenceValue, SearchQuery

_TYPES = tuple(name for name in types_with("search-type") if in_compartment(name))
_COMMON = frozenset({"_id", "_lastUpdated", "_profile", "_security", "_source", "_tag", "_count", "_format", "_pretty"})
_ID = re.compile(RESOURCE_ID)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: a type, and inside of it (None: at its first resource)."""

    resource_type: str
    cursor: str | None = None

    def __str__(self) -> str:
        return self.resource_type if self.cursor is None else f"{self.resource_type}~{self.cursor}"


def of_patient(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """Answer a search in a patient's compartment.

    Raises:
        NotFound: no patient can have this id.
    """
    _, patient, resource_type = ask.path[:3]
    if _ID.fullmatch(patient) is None:
        raise NotFound
    about = ReferenceClause("patient", (ReferenceValue("Patient", patient),))
    if resource_type != EVERY_TYPE:
        return search(deps, caller, ask, resource_type, (about,))
    return _of_every_type(deps, caller, ask, about)


def _of_every_type(deps: ApiDeps, caller: Caller, ask: Ask, about: ReferenceClause) -> Answer:
    pairs = [(name, value) for name, value in ask.pairs if name not in ("_cursor", "_type")]
    unknown = [name for name, _ in pairs if name.partition(":")[0] not in _COMMON]
    if unknown:
        text = f"Sur tous les types, seuls les paramètres communs sont possibles, non {unknown[0][:_SHOWN]}."
        raise InvalidSearch(error(IssueType.NOT_SUPPORTED, text))
    types = _types(caller, ask)
    found: list[StoredResource] = []
    place: _Place | None = _start(ask, types)
    room: int | None = None
    while place is not None and room != 0:
        query = parse_search(place.resource_type, pairs, now=deps.clock.now(), strict=True, base=deps.base_url).query
        room = query.count if room is None else room
        page = deps.resources.search(_limited(caller, replace(query, count=room, cursor=place.cursor), about))
        audit(deps, caller, "search", place.resource_type)
        found += page.resources
        room -= len(page.resources)
        place = _next(place, page.next_cursor, types)
    entries = [
        search_entry(f"{deps.base_url}/{one.resource_type}/{one.resource_id}", one.body) for one in found if one.body
    ]
    return Answer(200, bundle("searchset", None, _links(deps, ask, place), entries))


def _limited(caller: Caller, query: SearchQuery, about: ReferenceClause) -> SearchQuery:
    access = caller.access(query.resource_type, "s")
    return narrowed(replace(query, clauses=(*query.clauses, about), total="none"), access, caller.patient)


def _types(caller: Caller, ask: Ask) -> tuple[str, ...]:
    """The types to search: those that the token and the role may, of those asked for.

    Raises:
        InvalidSearch: a type that does not exist or is outside the compartment.
        NotAllowed: none is left.
    """
    asked = [one for name, value in ask.pairs if name == "_type" for one in value.split(",")]
    wrong = [one for one in asked if one not in _TYPES]
    if wrong:
        raise InvalidSearch(error(IssueType.VALUE, f"_type : {wrong[0][:_SHOWN]} n'est pas dans ce compartiment."))
    types = tuple(one for one in _TYPES if (not asked or one in asked) and granted(caller, one, "s") is not None)
    if not types:
        raise NotAllowed
    return types


def _start(ask: Ask, types: tuple[str, ...]) -> _Place:
    text = next((value for name, value in ask.pairs if name == "_cursor"), types[0])
    resource_type, inside, cursor = text.partition("~")
    if resource_type not in types:
        raise InvalidCursor
    return _Place(resource_type, cursor if inside else None)


def _next(place: _Place, cursor: str | None, types: tuple[str, ...]) -> _Place | None:
    if cursor is not None:
        return _Place(place.resource_type, cursor)
    after = types[types.index(place.resource_type) + 1 :]
    return _Place(after[0]) if after else None


def _links(deps: ApiDeps, ask: Ask, place: _Place | None) -> list[tuple[str, str]]:
    address = "/".join((deps.base_url, *ask.path[:3]))
    kept = [(name, value) for name, value in ask.pairs if name not in ("_cursor", "_format", "_pretty")]
    here = [(name, value) for name, value in ask.pairs if name == "_cursor"]
    links = [("self", _url(address, [*kept, *here]))]
    if place is not None:
        links.append(("next", _url(address, [*kept, ("_cursor", str(place))])))
    return links


def _url(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address
