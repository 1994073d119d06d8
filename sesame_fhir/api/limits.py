"""What lies outside a caller's reach does not exist for the request: the ports it works with show nothing else.

One place for every way to a resource: read, version, history, search with what it passes through and brings along,
operation, entry of a Bundle, write, command of a pathway. A caller without limits works with the ports as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from mappings.code_systems import ROLES
from sesame_fhir.api.bearer import Caller, authenticate
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.fhir.canonical import RPPS, identifier_system
from sesame_fhir.fhir.errors import NotAllowed
from sesame_fhir.services.ports import PathwayStore, ResourceStore
from sesame_fhir.services.reach import RULES, SHARED_TYPES, Limit, Reach, Rule
from sesame_fhir.services.records import Commit, Included, ResourceChange, ResourceWrite, SearchPage, StoredResource
from sesame_fhir.services.search import IdClause, Include, IndexEntry, SearchQuery
from sesame_fhir.services.staff import StaffMember
from sesame_fhir.services.versions import VersionPage, VersionQuery

Denied = Callable[[str, str], None]
"""Notes in the audit log that a resource (type, id) was asked for and is out of reach."""


def enter(deps: ApiDeps, authorization: str | None) -> tuple[ApiDeps, Caller]:
    """Who calls, and the ports narrowed to what they reach.

    Raises:
        NotAuthenticated: as ``authenticate``.
    """
    caller = authenticate(deps, authorization)
    limit = limit_of(caller)
    return (deps if limit is None else _narrowed(deps, caller, limit)), caller


def limit_of(caller: Caller) -> Limit | None:
    """What the caller reaches; None: everything."""
    if caller.member is None:
        return caller.sites
    return reach_of(caller.member, caller.opened, caller.sites)


def at_sites(caller: Caller, stored: StoredResource) -> bool:
    """True when a resource belongs to a site that the caller's client is limited to, or to none in particular."""
    return caller.sites is None or stored.site in caller.sites or stored.resource_type in SHARED_TYPES


def reach_of(
    member: StaffMember, opened: Sequence[PathwayId] = (), client_sites: frozenset[SiteId] | None = None
) -> Reach:
    """What an account reaches, as its pages do."""
    actor = member.actor
    person = (RPPS, member.rpps.value) if member.rpps else (identifier_system("actor"), actor.actor_id)
    return Reach(
        sites=tuple(sorted(member.sites)),
        rule=RULES.get(member.role, Rule.NONE),
        actor_id=actor.actor_id,
        person=person,
        role=(ROLES.url, member.role.value),
        opened=tuple(sorted(opened)),
        client_sites=None if client_sites is None else tuple(sorted(client_sites)),
    )


def _narrowed(deps: ApiDeps, caller: Caller, limit: Limit) -> ApiDeps:
    def denied(resource_type: str, resource_id: str) -> None:
        audit(deps, caller, "reach", resource_type, resource_id, outcome="denied")

    sites = _sites(limit)
    resources = ResourcesInReach(deps.resources, limit, denied)
    engine = deps.engine
    if engine is not None:
        pathways: Any = PathwaysInReach(engine.pathways, resources)
        engine = replace(engine, pathways=pathways)
    site = deps.site if deps.site in sites or not sites else sites[0]
    return replace(deps, resources=resources, engine=engine, site=site)


def _sites(limit: Limit) -> tuple[SiteId, ...]:
    """Where what the caller writes may belong, in order."""
    if isinstance(limit, frozenset):
        return tuple(sorted(limit))
    return limit.sites if limit.client_sites is None else tuple(s for s in limit.sites if s in limit.client_sites)


class ResourcesInReach:
    """``ResourceStore`` in which what is out of reach is not there."""

    def __init__(self, inner: ResourceStore, limit: Limit, denied: Denied) -> None:
        self._inner = inner
        self._limit = limit
        self._denied = denied

    def read(self, resource_type: str, resource_id: str) -> StoredResource | None:
        """The current version, if it is in reach; who is limited learns nothing of what was deleted."""
        stored = self._inner.read(resource_type, resource_id)
        return stored if stored is not None and self._within(stored) else None

    def vread(self, resource_type: str, resource_id: str, version: int) -> StoredResource | None:
        """One version of what is in reach now."""
        return self._inner.vread(resource_type, resource_id, version) if self.read(resource_type, resource_id) else None

    def history(self, resource_type: str, resource_id: str) -> tuple[StoredResource, ...]:
        """All versions of what is in reach now."""
        return self._inner.history(resource_type, resource_id) if self.read(resource_type, resource_id) else ()

    def versions(self, query: VersionQuery) -> VersionPage:
        """Versions of what is in reach now."""
        within = query.within or SearchQuery(query.resource_type)
        return self._inner.versions(replace(query, within=replace(within, sites=self._limit)))

    def search(self, query: SearchQuery) -> SearchPage:
        """Find what is in reach, by what is in reach."""
        return self._inner.search(replace(query, sites=self._limit))

    def included(
        self,
        page: Sequence[StoredResource],
        includes: Sequence[Include],
        limit: int,
        sites: Limit | None = None,  # noqa: ARG002  ours holds
    ) -> Included:
        """What comes along, if it is in reach."""
        return self._inner.included(page, includes, limit, self._limit)

    def reindex(self, _index: Callable[[bytes], tuple[IndexEntry, ...]], _after: int) -> int | None:
        """Refuse: no request has anything to do with it."""
        raise NotAllowed

    def create(self, write: ResourceWrite, now: datetime, unless: SearchQuery | None = None) -> StoredResource | None:
        """Create within reach."""
        change = ResourceChange(write.resource_type, write.resource_id, write, expected=0, unless=unless)
        return self.apply((), (change,), now)[0]

    def update(self, write: ResourceWrite, now: datetime, if_match: int | None = None) -> StoredResource:
        """Write within reach."""
        self._check(ResourceChange(write.resource_type, write.resource_id, write))
        return self._inner.update(write, now, if_match)

    def apply(
        self, commits: Sequence[Commit], changes: Sequence[ResourceChange], now: datetime
    ) -> tuple[StoredResource | None, ...]:
        """Write within reach; what commits are about has been looked at when it was loaded (``PathwaysInReach``)."""
        for change in changes:
            self._check(change)
        limited = [replace(c, unless=c.unless and replace(c.unless, sites=self._limit)) for c in changes]
        return self._inner.apply(commits, limited, now)

    def reaches(self, patients: Sequence[str]) -> bool:
        """True when every one of these pathways' patients is in reach."""
        query = SearchQuery("Patient", (IdClause(tuple(patients)),), count=0, sites=self._limit)
        return self._inner.search(query).total == len(set(patients))

    def _within(self, stored: StoredResource) -> bool:
        if isinstance(self._limit, frozenset):
            found = stored.site in self._limit or stored.resource_type in SHARED_TYPES
        else:
            query = SearchQuery(stored.resource_type, (IdClause((stored.resource_id,)),), count=0, sites=self._limit)
            found = bool(self._inner.search(query).total)
        if not found:
            self._denied(stored.resource_type, stored.resource_id)
        return found

    def _check(self, change: ResourceChange) -> None:
        """Refuse a write to what is out of reach, or into it.

        Raises:
            NotAllowed: the id is somebody else's, or the site, or a patient it is about.
        """
        current = self._inner.read(change.resource_type, change.resource_id)
        if current is not None and not current.deleted and not self._within(current):
            raise NotAllowed
        if change.write is None or change.resource_type in SHARED_TYPES:
            return
        patients = [
            e.ref_id for e in change.write.index if e.param == "patient" and e.ref_type == "Patient" and e.ref_id
        ]
        about_others = isinstance(self._limit, Reach) and bool(patients) and not self.reaches(patients)
        if change.write.site not in _sites(self._limit) or about_others:
            self._denied(change.resource_type, change.resource_id)
            raise NotAllowed


class PathwaysInReach:
    """``PathwayStore`` in which a pathway out of reach cannot be loaded: no command changes it."""

    def __init__(self, inner: PathwayStore, resources: ResourcesInReach) -> None:
        self._inner = inner
        self._resources = resources

    def history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        """All events.

        Raises:
            NotAllowed: the pathway is out of reach.
        """
        found = self._inner.history(pathway_id)
        if found and not self._resources.reaches((pathway_id,)):
            raise NotAllowed
        return found

    def __getattr__(self, name: str) -> Any:
        """Everything else as it is."""
        return getattr(self._inner, name)
