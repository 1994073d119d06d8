"""The team's accounts as the facade knows them: saving one publishes its Practitioner and its PractitionerRoles."""

from collections.abc import Mapping
from typing import Any

import orjson

from mappings.staff import staff_resources
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.search_index import index
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import SystemClock
from sesame_fhir.services.errors import VersionConflict
from sesame_fhir.services.ports import Clock, ResourceStore
from sesame_fhir.services.records import Origin, ResourceWrite, StoredResource
from sesame_fhir.services.search import ReferenceClause, ReferenceValue, SearchQuery
from sesame_fhir.services.staff import StaffDirectory, StaffMember
from sesame_fhir.storage import Store

_STAMPS = frozenset({"versionId", "lastUpdated"})
_MOST_ROLES = 200


class PublishedStaff:
    """``StaffDirectory`` over another one. What is published follows what is saved; ``publish_all`` repairs it."""

    def __init__(self, accounts: StaffDirectory, resources: ResourceStore, clock: Clock, home: SiteId) -> None:
        self._accounts = accounts
        self._resources = resources
        self._clock = clock
        self._home = home

    def save(self, member: StaffMember) -> None:
        """Create the account, or replace it. Raises ``AlreadyExists`` when another account has the login."""
        self._accounts.save(member)
        self.publish(member)

    def publish_all(self) -> None:
        """Publish what accounts have and the facade does not, or not as it is."""
        for member in self._accounts.all():
            self.publish(member)

    def publish(self, member: StaffMember) -> None:
        """Write the resources of one account that are others than those published; roles it has no more, inactive."""
        wanted = {(one["resourceType"], one["id"]): one for one in staff_resources(member)}
        for stored in self._roles(member.staff_id):
            known = _plain(stored)
            wanted.setdefault((stored.resource_type, stored.resource_id), {**known, "active": False})
        for (resource_type, resource_id), body in wanted.items():
            found = self._resources.read(resource_type, resource_id)
            if found is None or _plain(found) != body:
                self._write(member, resource_type, resource_id, body)

    def _roles(self, staff_id: str) -> tuple[StoredResource, ...]:
        clause = ReferenceClause("practitioner", (ReferenceValue("Practitioner", staff_id),))
        found = self._resources.search(SearchQuery("PractitionerRole", (clause,), count=_MOST_ROLES)).resources
        return tuple(one for one in found if one.origin is Origin.STAFF)

    def _write(self, member: StaffMember, resource_type: str, resource_id: str, body: Mapping[str, Any]) -> None:
        site = next(iter(member.sites), self._home)
        write = ResourceWrite(resource_type, resource_id, body, index(dict(body)), site, Origin.STAFF)
        try:
            self._resources.update(write, self._clock.now())
        except VersionConflict:
            return  # workers that start together publish the same, and one was first

    def by_id(self, staff_id: str) -> StaffMember | None:
        """Find by id."""
        return self._accounts.by_id(staff_id)

    def by_login(self, login: str) -> StaffMember | None:
        """Find by login, whatever its case."""
        return self._accounts.by_login(login)

    def by_external(self, subject: str) -> StaffMember | None:
        """Find by ``issuer|subject`` of an OpenID provider."""
        return self._accounts.by_external(subject)

    def by_actor(self, actor_id: str) -> StaffMember | None:
        """Find by the id under which pathways know the person."""
        return self._accounts.by_actor(actor_id)

    def at_sites(self, sites: tuple[SiteId, ...]) -> tuple[StaffMember, ...]:
        """Active accounts with at least one of these sites, by name."""
        return self._accounts.at_sites(sites)

    def all(self) -> tuple[StaffMember, ...]:
        """Every account, by name."""
        return self._accounts.all()

    def page(self, after: str, limit: int) -> tuple[StaffMember, ...]:
        """The first accounts by login, after this one (empty: from the beginning)."""
        return self._accounts.page(after, limit)


def published_staff(settings: Settings, store: Store) -> PublishedStaff:
    """The accounts of a deployment."""
    return PublishedStaff(store.staff, store.resources, SystemClock(), SiteId(settings.site_id))


def _plain(stored: StoredResource) -> dict[str, Any]:
    """What we wrote: without the store's stamps."""
    body: dict[str, Any] = {} if stored.body is None else orjson.loads(stored.body)
    meta = {name: value for name, value in body.pop("meta", {}).items() if name not in _STAMPS}
    return {**body, "meta": meta} if meta else body
