"""What a write will do, staged in a unit and not yet done: the same for one request and for an entry of a Bundle."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import parse_qsl

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.exchange import Ask
from sesame_fhir.api.facade.incoming import Incoming, check_owner, check_reach, incoming, record_write, write_access
from sesame_fhir.api.facade.linking import within_scopes
from sesame_fhir.api.facade.pathway_writes import Submitted, pathway_write
from sesame_fhir.api.scopes import Access
from sesame_fhir.api.subscriptions.accepting import subscribe
from sesame_fhir.fhir.errors import InvalidResource, PreconditionFailed
from sesame_fhir.fhir.outcomes import Issue, IssueType, error
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.services.errors import AlreadyExists, VersionConflict
from sesame_fhir.services.records import ResourceChange, StoredResource
from sesame_fhir.services.search import SearchQuery
from sesame_fhir.services.unit import Unit

Action = Literal["create", "update", "patch", "delete"]
_METHODS: dict[Action, Literal["POST", "PUT", "PATCH"]] = {"create": "POST", "update": "PUT", "patch": "PATCH"}


@dataclass(frozen=True, slots=True)
class Step:
    """One write of a unit. ``resource_id`` is the id that a create is to give, None for a new one."""

    deps: ApiDeps
    unit: Unit
    caller: Caller
    ask: Ask
    resource_id: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A staged write. ``change`` is its place among the unit's changes, None when a pathway publishes the result.

    ``existing``: nothing is written, this is the answer. ``only_to_readers``: the result holds more than the client
    has sent, and is shown to whoever may read it.
    """

    action: Action
    resource_type: str
    resource_id: str
    status: int
    warnings: tuple[Issue, ...] = ()
    change: int | None = None
    existing: StoredResource | None = None
    only_to_readers: bool = False


Plan = Callable[[Step], Planned]


def plan_create(step: Step) -> Planned:
    """``POST [type]``, with If-None-Exist a conditional create (R4 http.html#ccreate)."""
    deps, caller, ask = step.deps, step.caller, step.ask
    (resource_type,) = ask.path
    found = incoming(deps, caller, ask.body, resource_type, "c")
    key = step.resource_id or deps.ids.new()
    unless: SearchQuery | None = None
    if ask.conditions.if_none_exist is not None:
        pairs = parse_qsl(ask.conditions.if_none_exist.removeprefix("?"), keep_blank_values=True)
        unless = criteria(step, found.access, resource_type, pairs)
        if (existing := the_match(deps, unless)) is not None:
            record_write(deps, caller, found, key)  # who may not write it is not told what exists either
            return Planned("create", resource_type, existing.resource_id, 200, found.warnings, existing=existing)
    return staged(step, found, key, None, "create", unless=unless)


def plan_update(step: Step) -> Planned:
    """``PUT [type]/[id]``: creates when new, honours If-Match; or ``PUT [type]?…`` on the one resource that matches."""
    deps, caller, ask = step.deps, step.caller, step.ask
    resource_type = ask.path[0]
    if len(ask.path) == 1:
        return _conditional_update(step)
    resource_id = ask.path[1]
    current = deps.resources.read(resource_type, resource_id)
    found = incoming(deps, caller, ask.body, resource_type, "u", current=current)
    if found.resource.get("id") != resource_id:
        raise _other_id(resource_type)
    return replaced(step, found, current, resource_id, "update")


def _conditional_update(step: Step) -> Planned:
    """R4 http.html#cond-update: no match creates, with the client's id when it gives one; one match is updated."""
    (resource_type,) = step.ask.path
    access = write_access(step.caller, resource_type, "u")
    query = criteria(step, access, resource_type, step.ask.pairs)
    match = the_match(step.deps, query)
    found = incoming(step.deps, step.caller, step.ask.body, resource_type, "u", current=match)
    own = found.resource.get("id")
    if match is not None:
        if own not in (None, match.resource_id):
            raise _other_id(found.resource_type)
        return replaced(step, found, match, match.resource_id, "update")
    if own is not None and step.deps.resources.read(found.resource_type, own) is not None:
        raise AlreadyExists(own)
    check_version(step.ask, None)
    return staged(step, found, own or step.resource_id or step.deps.ids.new(), None, "update", unless=query)


def _other_id(resource_type: str) -> InvalidResource:
    text = "L'id de la ressource doit être celui de l'adresse, ou de la ressource trouvée."
    return InvalidResource(error(IssueType.VALUE, text, f"{resource_type}.id"))


def replaced(step: Step, found: Incoming, current: StoredResource | None, resource_id: str, action: Action) -> Planned:
    """Stage what takes the place of ``current``, when the token reaches that and If-Match holds."""
    check_reach(step.deps, step.caller, found.access, current, action)
    check_version(step.ask, current)
    return staged(step, found, resource_id, current, action)


def check_version(ask: Ask, current: StoredResource | None) -> None:
    """Hold If-Match.

    Raises:
        VersionConflict: another version is current.
    """
    version = 0 if current is None else current.version
    if ask.conditions.if_match not in (None, version):
        raise VersionConflict(version)


def staged(
    step: Step,
    found: Incoming,
    resource_id: str,
    current: StoredResource | None,
    action: Action,
    *,
    unless: SearchQuery | None = None,
) -> Planned:
    """Stage a checked resource: as a command of its pathway where it is one, else as the record's own.

    Raises:
        NotAllowed: it lies outside the token's limits.
        BelongsToPathway: a pathway has published ``current``, and this is no command.
        Refused, Conflict: the pathway's rules.
    """
    if found.resource_type == "Subscription":
        found = replace(found, resource=subscribe(step.deps, step.unit, step.caller, found.resource, resource_id))
    write = record_write(step.deps, step.caller, found, resource_id)
    living = None if current is None or current.deleted else current
    status = 201 if living is None else 200
    seen = step.ask.conditions
    submitted = Submitted(found.resource, resource_id, living, _METHODS[action], seen.if_match, seen.if_none_exist)
    published = pathway_write(step.deps, step.unit, step.caller, submitted)
    if published is not None:
        named = (published.resource_type, published.resource_id)
        status = 201 if published.created else 200
        return Planned(action, *named, status, found.warnings, only_to_readers=True)
    check_owner(current)
    # Only what has been checked may be replaced: what somebody else writes in between is checked again.
    expected = 0 if current is None else current.version
    step.unit.changes.append(ResourceChange(found.resource_type, resource_id, write, expected, unless))
    change = len(step.unit.changes) - 1
    more = action == "patch"
    return Planned(action, found.resource_type, resource_id, status, found.warnings, change, only_to_readers=more)


def criteria(step: Step, access: Access, resource_type: str, pairs: Sequence[tuple[str, str]]) -> SearchQuery:
    """The search of a conditional interaction, within the token's limits: it must not reveal what others have.

    Raises:
        InvalidSearch: a parameter is unknown (ignoring one would compare something else).
        PreconditionFailed: no criterion at all.
    """
    now, base = step.deps.clock.now(), step.deps.base_url
    query = parse_search(resource_type, pairs, now=now, strict=True, base=base).query
    if not query.clauses:
        raise PreconditionFailed
    within = replace(query, clauses=within_scopes(step.caller, query.clauses))
    return narrowed(within, access, step.caller.patient)


def the_match(deps: ApiDeps, query: SearchQuery) -> StoredResource | None:
    """The one match, None when there is none.

    Raises:
        PreconditionFailed: several resources match.
    """
    found = deps.resources.search(query).resources
    if len(found) > 1:
        text = "Plusieurs ressources répondent à la condition : la préciser."
        raise PreconditionFailed(error(IssueType.MULTIPLE_MATCHES, text))
    return found[0] if found else None
