"""Which writes of the facade are commands of a pathway: they pass the use cases that the pages pass.

What is no command stays a resource of the record: ``pathway_write`` says so with None, and the caller stores it as it
came.
"""

from dataclasses import dataclass
from typing import Literal

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.unit import Unit


@dataclass(frozen=True, slots=True)
class Submitted:
    """A resource that has passed every check: valid, its references resolved, within the caller's limits.

    ``resource_id`` is the id it would get; ``current`` what it replaces (None: nothing, or only a tombstone).
    ``method`` is that of the interaction; a PATCH comes as the whole resource that results. ``if_match`` is the version
    that the client saw; ``if_none_exist`` the header's text, whose search has found nothing: a repeated create is known
    by it.
    """

    resource: Json
    resource_id: str
    current: StoredResource | None
    method: Literal["POST", "PUT", "PATCH"]
    if_match: int | None = None
    if_none_exist: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The published resource that the client is answered with, once the unit is finished; ``created``: it is new."""

    resource_type: str
    resource_id: str
    created: bool = True


def pathway_write(deps: ApiDeps, unit: Unit, caller: Caller, submitted: Submitted) -> Written | None:
    """Stage the command in the unit; None when this is no command, and the resource is to be stored as it is.

    Raises:
        Refused: the rules of the pathway stand against it; every reason is given.
        Conflict: the pathway has changed meanwhile.
    """
    del deps, unit, caller, submitted
    return None
