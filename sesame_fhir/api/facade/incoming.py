"""Every check of a resource that comes in: whose it is, whether it is valid, what of it is ours to say."""

from collections.abc import Iterable
from dataclasses import dataclass

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import allows
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.scopes import Access, Interaction
from sesame_fhir.fhir.errors import BelongsToPathway, InvalidResource, NotAllowed, UnprocessableResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, error
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.search_index import index
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services.reach import SHARED_TYPES
from sesame_fhir.services.records import Origin, ResourceWrite, StoredResource

PATHWAY_OWNED = "belongs-to-pathway"
_STAMPS = frozenset({"versionId", "lastUpdated"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A resource that has passed every check but the ones that need what is stored."""

    resource: Json
    access: Access
    warnings: tuple[Issue, ...] = ()

    @property
    def resource_type(self) -> str:
        """Its type."""
        return str(self.resource["resourceType"])


def incoming(
    deps: ApiDeps,
    caller: Caller,
    resource: Json | None,
    resource_type: str,
    interaction: Interaction,
    *,
    current: StoredResource | None = None,
) -> Incoming:
    """Check a resource by itself.

    A change to what we publish (``current``) is a command, whose result we write: nothing is asked of it for the
    profiles that the client has read there and sends back. A status may change alone, and the rest follows.

    Raises:
        NotAllowed: no scope covers the interaction on this type.
        InvalidResource: not valid R4, or nothing at all.
        UnprocessableResource: valid R4, but against a profile or a questionnaire.
    """
    access = write_access(caller, resource_type, interaction)
    if resource is None:
        raise InvalidResource(error(IssueType.REQUIRED, "Une ressource est attendue.", resource_type))
    published = current is not None and current.origin is not Origin.RECORD
    profiles = Profiles(questionnaires=deps.questionnaires) if published else deps.profiles
    return Incoming(resource, access, _checked(profiles, resource, resource_type))


def write_access(caller: Caller, resource_type: str, interaction: Interaction) -> Access:
    """What the token may write of a type.

    Raises:
        NotAllowed: nothing.
    """
    access = caller.access(resource_type, interaction)
    if access.patient_only and resource_type in SHARED_TYPES:
        raise NotAllowed
    return access


def _checked(profiles: Profiles, resource: Json, resource_type: str) -> tuple[Issue, ...]:
    """Warnings; everything wrong is told at once, as 400 when it is not valid FHIR, else as 422."""
    issues = validate(resource, resource_type, profiles=profiles)
    if _blocking(issues):
        refused = InvalidResource if _blocking(validate(resource, resource_type)) else UnprocessableResource
        raise refused(*issues)
    return tuple(issues)


def _blocking(issues: Iterable[Issue]) -> bool:
    return any(issue.blocking for issue in issues)


def record_write(deps: ApiDeps, caller: Caller, found: Incoming, resource_id: str) -> ResourceWrite:
    """What to store: our id, no version nor date of the client's.

    Raises:
        NotAllowed: the resource lies outside the token's limits.
    """
    resource_type = found.resource_type
    body = {**found.resource, "id": resource_id}
    meta = {name: value for name, value in body.pop("meta", {}).items() if name not in _STAMPS}
    if meta:
        body["meta"] = meta
    if not allows(found.access, resource_type, resource_id, body, caller.patient):
        audit(deps, caller, "write", resource_type, outcome="denied")
        raise NotAllowed
    return ResourceWrite(resource_type, resource_id, body, index(body), deps.site, Origin.RECORD)


def check_reach(deps: ApiDeps, caller: Caller, access: Access, current: StoredResource | None, action: str) -> None:
    """Refuse to touch what lies outside the token's limits.

    Raises:
        NotAllowed: it does.
    """
    if current is None or current.body is None:
        return
    kind, key = current.resource_type, current.resource_id
    if not allows(access, kind, key, current.body, caller.patient):
        audit(deps, caller, action, kind, key, outcome="denied")
        raise NotAllowed


def check_owner(current: StoredResource | None, advice: str = "la modifier depuis le parcours") -> None:
    """Refuse to write directly what a pathway, or an account of the team, has published.

    Raises:
        BelongsToPathway: it has; ``advice`` is what to do instead.
    """
    if current is not None and current.origin is not Origin.RECORD:
        text = f"Cette ressource découle du parcours : {advice}."
        raise BelongsToPathway(error(IssueType.BUSINESS_RULE, text, details_code=PATHWAY_OWNED))
