"""Errors that use cases and ports raise; their HTTP codes and texts are in one table, ``sesame_fhir.fhir.errors``."""

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import PathwayId


class ServiceError(Exception):
    """Base of all of them."""


class NotFound(ServiceError):  # noqa: N818  named as the protocol says it
    """No such pathway, launch or resource for this caller."""


class Conflict(ServiceError):  # noqa: N818  named as the protocol says it
    """Somebody else changed the pathway first; ``changes`` are the events the caller had not seen."""

    def __init__(self, pathway_id: PathwayId, changes: tuple[Event, ...] = ()) -> None:
        super().__init__(f"pathway {pathway_id} has changed")
        self.pathway_id = pathway_id
        self.changes = changes


class AlreadyExists(ServiceError):  # noqa: N818  named as the protocol says it
    """A resource with this id exists."""


class ConditionMet(ServiceError):  # noqa: N818  named as the fact it reports
    """What a conditional change must not find is there."""


class VersionConflict(ServiceError):  # noqa: N818  named as the protocol says it
    """The resource is at another version; ``current`` is its version, 0 when there is none."""

    def __init__(self, current: int) -> None:
        super().__init__(f"current version is {current}")
        self.current = current


class InvalidCursor(ServiceError):  # noqa: N818  named as the fact it reports
    """The search cursor is not one that this query's earlier page gave out."""


class DocumentUnavailable(ServiceError):  # noqa: N818  named as the fact it reports
    """This machine cannot make documents (a library is missing); the caller falls back to text."""


class VaultError(ServiceError):
    """Sealed bytes cannot be opened: wrong key, wrong context or altered."""


class AuditBroken(ServiceError):  # noqa: N818  named as the fact it reports
    """The audit chain does not verify at ``entry_id``."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(f"audit chain broken at entry {entry_id}")
        self.entry_id = entry_id
