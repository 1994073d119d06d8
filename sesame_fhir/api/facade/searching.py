"""search-type, by GET or by POST: parameters to clauses, the token's limits added, stored bytes joined to a Bundle."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Request, Response

from sesame_fhir.api.bearer import authenticate
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.negotiation import FORM, check_acceptable, check_body_type, strict_handling
from sesame_fhir.api.facade.responses import bundle, json_response, outcome_entry, search_entry
from sesame_fhir.fhir.search_parameters import parameters_of
from sesame_fhir.fhir.search_query import parse_search

Pairs = Sequence[tuple[str, str]]
CONTROLS = frozenset({"_id", "_lastUpdated", "_count", "_sort"})


def search(deps: ApiDeps, request: Request, resource_type: str) -> Response:
    """``GET [type]?…`` or ``POST [type]/_search``."""
    caller = authenticate(deps, request.environ.get("HTTP_AUTHORIZATION"))
    access = caller.access(resource_type, "s")
    check_acceptable(request)
    pairs = list(request.args.items(multi=True))
    if request.method == "POST":
        check_body_type(request, FORM)
        pairs += request.form.items(multi=True)
    parsed = parse_search(
        resource_type, pairs, now=deps.clock.now(), strict=strict_handling(request), base=deps.base_url
    )
    page = deps.resources.search(narrowed(parsed.query, access, caller.patient))
    audit(deps, caller, "search", resource_type)
    entries = [
        search_entry(f"{deps.base_url}/{resource_type}/{stored.resource_id}", stored.body)
        for stored in page.resources
        if stored.body is not None
    ]
    if parsed.warnings:
        entries.append(outcome_entry(parsed.warnings))
    links = _links(f"{deps.base_url}/{resource_type}", resource_type, pairs, page.next_cursor)
    return json_response(bundle("searchset", page.total, links, entries))


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
