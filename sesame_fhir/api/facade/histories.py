"""history of a resource and of a type: newest first, page by page; what is written meanwhile moves no page."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.bundle_writing import bundle, history_entry
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.facade.reading import visible
from sesame_fhir.api.scopes import Access
from sesame_fhir.fhir.errors import InvalidSearch
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity, error
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import SearchQuery
from sesame_fhir.services.versions import VersionPage, VersionQuery

MAX_COUNT = 200
_DIGITS = 9
_SHOWN = 60
_IGNORED = frozenset({"_format", "_pretty", ""})


def of_instance(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``GET [type]/[id]/_history``: versions outside the token's limits are left out.

    Raises:
        NotFound: there is no version that the token may see.
    """
    resource_type, resource_id, _ = ask.path
    access = caller.access(resource_type, "r")
    query = _query(ask, VersionQuery(resource_type, resource_id))
    page = deps.resources.versions(query)
    shown = _shown(caller, access, page)
    if not shown and (query.cursor is None or page.versions):
        _check_known(deps, caller, access, resource_type, resource_id)
    audit(deps, caller, "history", resource_type, resource_id)
    return _answer(deps, ask, page, shown)


def of_type(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``GET [type]/_history``: a limited token sees the versions of what it can find now."""
    resource_type = ask.path[0]
    access = caller.access(resource_type, "r")
    within = narrowed(SearchQuery(resource_type), access, caller.patient) if access.limited else None
    page = deps.resources.versions(_query(ask, VersionQuery(resource_type, within=within)))
    audit(deps, caller, "history", resource_type)
    return _answer(deps, ask, page, _shown(caller, access, page))


def _check_known(deps: ApiDeps, caller: Caller, access: Access, resource_type: str, resource_id: str) -> None:
    """Tell an empty page from a resource that is not there."""
    versions = deps.resources.versions(VersionQuery(resource_type, resource_id, count=MAX_COUNT))
    if not _shown(caller, access, versions):
        raise NotFound


def _shown(caller: Caller, access: Access, page: VersionPage) -> list[StoredResource]:
    return [one for one in page.versions if visible(caller, access, one) or (one.deleted and not access.limited)]


def _answer(deps: ApiDeps, ask: Ask, page: VersionPage, shown: list[StoredResource]) -> Answer:
    address = "/".join((deps.base_url, *ask.path))
    kept = [(name, value) for name, value in ask.pairs if name in ("_count", "_since")]
    cursor = [(name, value) for name, value in ask.pairs if name == "_cursor"]
    links = [("self", _url(address, [*kept, *cursor]))]
    if page.next_cursor is not None:
        links.append(("next", _url(address, [*kept, ("_cursor", page.next_cursor)])))
    whole = page.next_cursor is None and not cursor
    entries = [history_entry(deps.base_url, stored) for stored in shown]
    return Answer(200, bundle("history", len(entries) if whole else None, links, entries))


def _url(address: str, pairs: list[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address


def _query(ask: Ask, query: VersionQuery) -> VersionQuery:
    """The query with the parameters of the address.

    Raises:
        InvalidSearch: a value cannot be understood, or with strict handling a parameter.
    """
    problems: list[Issue] = []
    for name, value in ask.pairs:
        if name == "_count" and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
            query = replace(query, count=min(max(int(value), 1), MAX_COUNT))
        elif name == "_since" and (since := _instant(value)) is not None:
            query = replace(query, since=since)
        elif name == "_cursor":
            query = replace(query, cursor=value)
        elif name in ("_count", "_since"):
            problems.append(error(IssueType.VALUE, f"{name} : valeur incomprise."))
        elif ask.strict and name not in _IGNORED:
            text = f"Paramètre inconnu pour un historique : {name[:_SHOWN]}."
            problems.append(Issue(Severity.ERROR, IssueType.NOT_SUPPORTED, text))
    if problems:
        raise InvalidSearch(*problems)
    return query


def _instant(text: str) -> datetime | None:
    # A plus that was not encoded arrives as a space.
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
