"""search-type, by GET or by POST: parameters to clauses, the token's limits added, stored bytes joined to a Bundle."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.bundle_writing import bundle, outcome_entry, search_entry
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.facade.linking import bring, within_scopes
from sesame_fhir.fhir.search_query import ParsedSearch, parse_search
from sesame_fhir.fhir.subsetting import View, subset
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import Clause, SearchQuery

Pairs = Sequence[tuple[str, str]]


def search(deps: ApiDeps, caller: Caller, ask: Ask, resource_type: str, extra: tuple[Clause, ...] = ()) -> Answer:
    """``GET [type]?…`` or ``POST [type]/_search``; ``extra`` are clauses of the address, such as a compartment's."""
    access = caller.access(resource_type, "s")
    parsed = parse_search(resource_type, ask.pairs, now=deps.clock.now(), strict=ask.strict, base=deps.base_url)
    page = deps.resources.search(narrowed(_query(caller, parsed, extra), access, caller.patient))
    brought = bring(deps, caller, page.resources, parsed.includes)
    for name in {resource_type: None, **{one.resource_type: None for one in brought.resources}}:
        audit(deps, caller, "search", name)
    # Named elements are those of the type searched.
    along = parsed.view if parsed.view is not None and parsed.view.summary is not None else None
    entries = [
        *_entries(deps.base_url, page.resources, "match", parsed.view),
        *_entries(deps.base_url, brought.resources, "include", along),
    ]
    warnings = (*parsed.warnings, *brought.warnings)
    if warnings:
        entries.append(outcome_entry(warnings))
    address = "/".join((deps.base_url, *(step for step in ask.path if step != "_search")))
    links = page_links(address, parsed, page.next_cursor)
    return Answer(200, bundle("searchset", page.total, links, entries))


def _query(caller: Caller, parsed: ParsedSearch, extra: tuple[Clause, ...]) -> SearchQuery:
    """What is asked, within the token's limits; counting everything costs, so it is done for who asks for it."""
    asked = parsed.query
    counted = any(name == "_total" for name, _ in parsed.used) or asked.count == 0
    clauses = (*within_scopes(caller, asked.clauses), *extra)
    return replace(asked, clauses=clauses, total=asked.total if counted else "bounded")


def _entries(base_url: str, found: Iterable[StoredResource], mode: str, view: View | None) -> Iterator[bytes]:
    for stored in found:
        if stored.body is not None:
            body = stored.body if view is None else subset(stored.body, view)
            yield search_entry(f"{base_url}/{stored.resource_type}/{stored.resource_id}", body, mode)


def page_links(address: str, parsed: ParsedSearch, next_cursor: str | None) -> list[tuple[str, str]]:
    """``self`` says what was understood (R4: ignored parameters are not in it); ``next`` leads to the next page."""
    here = parsed.query.cursor
    links = [("self", _url(address, parsed.used, here))]
    if here is not None or next_cursor is not None:
        links.append(("first", _url(address, parsed.used, None)))
    if next_cursor is not None:
        links.append(("next", _url(address, parsed.used, next_cursor)))
    return links


def _url(address: str, pairs: Pairs, cursor: str | None) -> str:
    written = [*pairs, *([] if cursor is None else [("_cursor", cursor)])]
    return f"{address}?{urlencode(written)}" if written else address
