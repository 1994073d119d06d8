"""What an EHR's server can take, from its CapabilityStatement: the write-back chooses its form by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sesame_fhir.fhir.json_types import Json
from smart_app.ehr.cache import ShortCache
from smart_app.ehr.client import EhrClient
from smart_app.ehr.searching import list_of_objects

_CACHE: ShortCache["Capability"] = ShortCache(timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Capability:
    """What the statement says, by type.

    ``interactions`` holds codes (read, create, update, search-type…), ``searches`` the names of search parameters.
    """

    interactions: Mapping[str, frozenset[str]]
    searches: Mapping[str, frozenset[str]]
    conditional_create: frozenset[str]
    transaction: bool

    def can_create(self, resource_type: str) -> bool:
        """True when the server says that it creates this type."""
        return "create" in self.interactions.get(resource_type, ())

    def can_update(self, resource_type: str) -> bool:
        """True when the server says that it updates this type."""
        return "update" in self.interactions.get(resource_type, ())

    def can_search(self, resource_type: str, parameter: str | None = None) -> bool:
        """True when the server searches this type (by this parameter, if one is given)."""
        if "search-type" not in self.interactions.get(resource_type, ()):
            return False
        return parameter is None or parameter in self.searches.get(resource_type, ())


def capability(client: EhrClient, now: datetime) -> Capability:
    """The server's statement, remembered for five minutes. Raises EhrError, LaunchExpired."""
    return _CACHE.get(client.base_url, now, lambda: read_capability(client.get("metadata").body or {}))


def read_capability(statement: Json) -> Capability:
    """Read a CapabilityStatement; what it does not say cannot be done."""
    servers = [rest for rest in list_of_objects(statement.get("rest")) if rest.get("mode") == "server"]
    resources = [r for rest in servers for r in list_of_objects(rest.get("resource"))]
    system = {i.get("code") for rest in servers for i in list_of_objects(rest.get("interaction"))}
    return Capability(
        interactions={str(r.get("type")): _codes(r, "interaction", "code") for r in resources},
        searches={str(r.get("type")): _codes(r, "searchParam", "name") for r in resources},
        conditional_create=frozenset(str(r.get("type")) for r in resources if r.get("conditionalCreate") is True),
        transaction="transaction" in system,
    )


def _codes(resource: Json, items: str, name: str) -> frozenset[str]:
    return frozenset(str(item.get(name)) for item in list_of_objects(resource.get(items)))
