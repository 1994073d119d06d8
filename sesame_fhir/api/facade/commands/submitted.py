"""A resource that a client writes, and the published resource that it becomes."""

from dataclasses import dataclass
from typing import Literal

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.records import StoredResource


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
