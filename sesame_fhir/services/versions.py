"""Asking for what has changed: the versions of one resource, or of all resources of a type, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import SearchQuery


@dataclass(frozen=True, slots=True)
class VersionQuery:
    """``resource_id`` None: of the whole type. ``since``: written at that time or later.

    ``within``: only versions of the resources that this search finds now; None: of all, deleted ones included.
    ``cursor`` is an earlier page's ``next_cursor``.
    """

    resource_type: str
    resource_id: str | None = None
    since: datetime | None = None
    count: int = 50
    cursor: str | None = None
    within: SearchQuery | None = None


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One page; ``next_cursor`` is None on the last one. What is written meanwhile belongs before the first page."""

    versions: tuple[StoredResource, ...]
    next_cursor: str | None
