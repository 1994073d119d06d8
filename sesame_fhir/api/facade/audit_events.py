"""The audit log as AuditEvent: read and search-type, for a system that was registered for it by name.

Nobody changes the log through here, and no token of a person or of a patient opens it (``scopes.BY_NAME``). A client
that is limited to sites sees what happened there. Reading the log is an access like any other: it is in the log.
"""

from mappings.audit_event import audit_event
from mappings.audit_search import audit_clauses, oldest_first
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.bundle_writing import bundle, outcome_entry, search_entry
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.facade.searching import page_links
from sesame_fhir.fhir.errors import TooCostly
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.search_query import ParsedSearch, parse_search
from sesame_fhir.fhir.subsetting import View, read_view, subset
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.audit_trail import MAX_WALK, AuditQuery, Positioned, read_position
from sesame_fhir.services.errors import InvalidCursor, NotFound

TYPE = "AuditEvent"


def read(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``GET AuditEvent/[position]``."""
    caller.access(TYPE, "r")
    resource_id = ask.path[1]
    position = read_position(resource_id)
    entry = None if position is None else deps.audit.entry(position, caller.sites)
    if position is None or entry is None:
        raise NotFound
    view = read_view(ask.pairs)
    audit(deps, caller, "read", TYPE, resource_id)
    return Answer(200, _body(Positioned(position, entry), view), last_modified=entry.at)


def search(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``GET AuditEvent?…`` or ``POST AuditEvent/_search``: newest first, page by page.

    Raises:
        TooCostly: only a total is asked for, of more entries than are counted.
    """
    caller.access(TYPE, "s")
    parsed = parse_search(TYPE, ask.pairs, now=deps.clock.now(), strict=ask.strict, base=deps.base_url)
    query = _query(caller, parsed)
    page = deps.audit.find(query)
    audit(deps, caller, "search", TYPE)
    if query.count == 0 and page.total is None:
        text = f"Plus de {MAX_WALK} traces à compter : préciser date, patient ou agent."
        raise TooCostly(error(IssueType.TOO_COSTLY, text))
    address = f"{deps.base_url}/{TYPE}"
    entries = [search_entry(f"{address}/{one.position}", _body(one, parsed.view)) for one in page.entries]
    if parsed.warnings:
        entries.append(outcome_entry(parsed.warnings))
    following = None if page.next_after is None else str(page.next_after)
    return Answer(200, bundle("searchset", page.total, page_links(address, parsed, following), entries))


def _query(caller: Caller, parsed: ParsedSearch) -> AuditQuery:
    asked = parsed.query
    after = None if asked.cursor is None else read_position(asked.cursor)
    if asked.cursor is not None and after is None:
        raise InvalidCursor
    return AuditQuery(
        clauses=audit_clauses(asked.clauses),
        count=asked.count,
        oldest_first=oldest_first(asked.sort),
        after=after,
        sites=caller.sites,
        counted=asked.count == 0 or ("_total", "accurate") in parsed.used,
    )


def _body(found: Positioned, view: View | None) -> bytes:
    body = write_json(audit_event(found.position, found.entry))
    return body if view is None else subset(body, view)
