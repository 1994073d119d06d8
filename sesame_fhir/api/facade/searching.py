"""search-type, by GET or by POST: parameters to clauses, the token's limits added, stored bytes joined to a Bundle."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.bundle_writing import bundle, outcome_entry, search_entry
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.fhir.search_parameters import parameters_of
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.services.search import Clause

Pairs = Sequence[tuple[str, str]]
CONTROLS = frozenset({"_id", "_lastUpdated", "_count", "_sort"})


def search(deps: ApiDeps, caller: Caller, ask: Ask, resource_type: str, extra: tuple[Clause, ...] = ()) -> Answer:
    """``GET [type]?…`` or ``POST [type]/_search``; ``extra`` are clauses of the address, such as a compartment's."""
    access = caller.access(resource_type, "s")
    parsed = parse_search(resource_type, ask.pairs, now=deps.clock.now(), strict=ask.strict, base=deps.base_url)
    query = replace(parsed.query, clauses=(*parsed.query.clauses, *extra))
    page = deps.resources.search(narrowed(query, access, caller.patient))
    audit(deps, caller, "search", resource_type)
    entries = [
        search_entry(f"{deps.base_url}/{resource_type}/{stored.resource_id}", stored.body)
        for stored in page.resources
        if stored.body is not None
    ]
    if parsed.warnings:
        entries.append(outcome_entry(parsed.warnings))
    address = "/".join((deps.base_url, *(step for step in ask.path if step != "_search")))
    return Answer(
        200, bundle("searchset", page.total, _links(address, resource_type, ask.pairs, page.next_cursor), entries)
    )


def _links(address: str, resource_type: str, pairs: Pairs, next_cursor: str | None) -> list[tuple[str, str]]:
    """``self`` says what was understood (R4: ignored parameters are not in it); ``next`` leads to the next page."""
    known = CONTROLS | parameters_of(resource_type).keys()
    used = [(name, value) for name, value in pairs if value and name.partition(":")[0] in known]
    cursor = [(name, value) for name, value in pairs if name == "_cursor"]
    links = [("self", _url(address, [*used, *cursor]))]
    if next_cursor is not None:
        links.append(("next", _url(address, [*used, ("_cursor", next_cursor)])))
    return links


def _url(address: str, pairs: Pairs) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address
