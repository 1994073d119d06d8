"""What the use cases need from outside, as Protocols. Each has a real implementation and one contract suite.

Implementations: ``storage`` (SQLite and PostgreSQL through one suite), ``smart_app`` (the
EHR), ``mappings`` (the projector), ``server`` (clock and ids).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import CommandId, EhrId, PathwayId, SiteId
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import AgendaSlot, CaseloadPage, CaseloadQuery, CaseloadRow, ReviewSession
from sesame_fhir.services.reach import Limit
from sesame_fhir.services.records import (
    AuditEntry,
    Commit,
    DeliveryReport,
    DraftKey,
    EhrRegistration,
    Included,
    LaunchSession,
    OutboxItem,
    PendingLaunch,
    Projections,
    ResourceChange,
    ResourceWrite,
    SearchPage,
    SigningKey,
    StoredResource,
)
from sesame_fhir.services.search import Include, IndexEntry, SearchQuery
from sesame_fhir.services.versions import VersionPage, VersionQuery


class Clock(Protocol):
    """Now, aware, UTC."""

    def now(self) -> datetime:
        """Return the current time."""
        ...


class Ids(Protocol):
    """Fresh identifiers."""

    def new(self) -> str:
        """Return a UUIDv7 text (time-ordered)."""
        ...

    def secret(self) -> str:
        """Return 256 random bits as URL-safe text, for anything that must not be guessed."""
        ...


class Vault(Protocol):
    """Authenticated encryption of what must not be read in the database."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt; ``context`` is bound as associated data."""
        ...

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Decrypt; raises ``VaultError`` for a wrong key, context or altered bytes."""
        ...


class Projector(Protocol):
    """Derives what is stored beside the events. Pure: same events, same bytes."""

    def __call__(self, before: Pathway, after: Pathway, events: Sequence[Event]) -> Projections:
        """Return the projections after ``events`` took the pathway from ``before`` to ``after``."""
        ...


class PathwayStore(Protocol):
    """Events and their projections."""

    def history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        """All events of a pathway, in order; empty for an unknown one."""
        ...

    def find_open(self, patient_keys: Sequence[str]) -> PathwayId | None:
        """The open pathway known by any of these keys (see ``services.patient_keys``), if any."""
        ...

    def applied(self, command_id: CommandId) -> PathwayId | None:
        """The pathway that this command has already changed, if any."""
        ...

    def commit(self, commit: Commit) -> bool:
        """Write events and projections and forget finished drafts, in one transaction.

        Returns False when the command was already applied (nothing done).

        Raises:
            Conflict: the pathway is not at ``expected_version`` any more, or another open pathway holds a patient key.
        """
        ...

    def commit_all(self, commits: Sequence[Commit]) -> int:
        """Write many commits in one transaction (a synthetic cohort); returns how many were new. Raises as commit."""
        ...

    def find_previous(self, patient_keys: Sequence[str]) -> PathwayId | None:
        """The pathway that was closed last among those once known by any of these keys."""
        ...

    def caseload(self, query: CaseloadQuery) -> CaseloadPage:
        """One page of the caseload, by key: its cost does not grow with the number of pathways.

        Raises:
            InvalidCursor: a cursor that this question did not give.
        """
        ...

    def caseload_count(self, query: CaseloadQuery, cap: int) -> int:
        """How many rows the query has on all pages, counted up to ``cap``."""
        ...

    def caseload_row(self, pathway_id: PathwayId) -> CaseloadRow | None:
        """One row."""
        ...

    def agenda(
        self, sites: Sequence[SiteId], nurse_id: str | None, start: datetime, end: datetime, limit: int
    ) -> tuple[AgendaSlot, ...]:
        """Planned contacts of these sites (and nurse) from ``start`` to before ``end``, soonest first."""
        ...

    def sequences_due(self, today: date, limit: int, *, but: frozenset[State] = frozenset()) -> tuple[PathwayId, ...]:
        """Open pathways, in other states than ``but``, whose running sequence was planned to end before ``today``.

        Longest due first.
        """
        ...

    def facts(self, sites: Sequence[SiteId]) -> Iterator[PathwayFacts]:
        """Facts of every pathway of these sites, by pages, for the indicators."""
        ...

    def pathway_ids(self) -> Iterator[PathwayId]:
        """Every pathway, oldest first."""
        ...

    def replace_projections(self, pathway_id: PathwayId, steps: Sequence[tuple[datetime, Projections]]) -> None:
        """Re-create one pathway's projections from scratch in one transaction: one step per command, with its time.

        Versions, bodies and index rows come out as they were first written; what the EHR already took is kept.
        """
        ...


class ReviewSessionLog(Protocol):
    """Review sessions: who met, how long, about whom."""

    def record(self, session: ReviewSession) -> None:
        """Append a session; the same id twice is one session."""
        ...

    def at_sites(self, sites: Sequence[SiteId], limit: int, before: str | None = None) -> tuple[ReviewSession, ...]:
        """The latest sessions of these sites, newest first; with ``before`` (a session's id) those older than it."""
        ...


class ResourceStore(Protocol):
    """Versioned FHIR resources, as JSON bytes."""

    def read(self, resource_type: str, resource_id: str) -> StoredResource | None:
        """The current version (a tombstone when deleted), or None when it never existed."""
        ...

    def vread(self, resource_type: str, resource_id: str, version: int) -> StoredResource | None:
        """One version."""
        ...

    def history(self, resource_type: str, resource_id: str) -> tuple[StoredResource, ...]:
        """All versions, newest first."""
        ...

    def versions(self, query: VersionQuery) -> VersionPage:
        """One page of the history of a type or of a resource, newest first."""
        ...

    def search(self, query: SearchQuery) -> SearchPage:
        """Find current, not deleted resources."""
        ...

    def included(
        self, page: Sequence[StoredResource], includes: Sequence[Include], limit: int, sites: Limit | None = None
    ) -> Included:
        """What ``includes`` bring along with the resources of a page, at most ``limit``, none twice."""
        ...

    def reindex(self, index: Callable[[bytes], tuple[IndexEntry, ...]], after: int) -> int | None:
        """Index anew the next resources that no pathway has written: from 0 on, until None is returned."""
        ...

    def create(self, write: ResourceWrite, now: datetime, unless: SearchQuery | None = None) -> StoredResource | None:
        """Create at version 1. With ``unless``, only when that search finds nothing (checked in the same transaction).

        Returns None when ``unless`` found something. Raises ``AlreadyExists`` when the id is taken.
        """
        ...

    def update(self, write: ResourceWrite, now: datetime, if_match: int | None = None) -> StoredResource:
        """Write the next version (creates when new). Raises ``VersionConflict`` when ``if_match`` is not current."""
        ...

    def apply(
        self, commits: Sequence[Commit], changes: Sequence[ResourceChange], now: datetime
    ) -> tuple[StoredResource | None, ...]:
        """Write resource changes, then pathways' commits, in their order and in one transaction: all of it or nothing.

        Returns what each change left: a tombstone for a delete, None where there was nothing to delete.

        Raises:
            Conflict: as ``PathwayStore.commit``.
            ConditionMet: a change's ``unless`` found something.
            VersionConflict: a change's ``expected`` is not current.
            AlreadyExists: a change with ``expected`` 0 met a resource.
        """
        ...


class Outbox(Protocol):
    """What is still to be sent to the EHRs' records."""

    def of_pathway(self, pathway_id: PathwayId) -> tuple[OutboxItem, ...]:
        """All items of one pathway, in the order they must be sent."""
        ...

    def claim(
        self, now: datetime, lease_seconds: int, limit: int, pathway_id: PathwayId | None = None
    ) -> tuple[OutboxItem, ...]:
        """Take due items for sending (one sender at a time holds an item; the lease frees it after a crash).

        With ``pathway_id``, every pending item of that pathway is due at once, whatever its backoff.
        """
        ...

    def renew(self, item: OutboxItem, now: datetime, lease_seconds: int) -> OutboxItem | None:
        """Hold a claimed item longer, before sending it; None when the claim was lost: it has another sender now."""
        ...

    def report(self, item: OutboxItem, report: DeliveryReport, now: datetime) -> None:
        """Record the result of an attempt; an item whose wanted version grew meanwhile stays pending.

        Who has lost the claim can only report that the record holds the item, and ends nobody else's claim.
        """
        ...

    def wake(self, ehr_id: EhrId, patient: str, now: datetime, abandoned: datetime) -> int:
        """A new launch gives fresh authority. Returns how many items can be sent now.

        Items waiting for a launch become pending, and so do those left as text: other rights may let them through.

        Claims whose lease ends by ``abandoned`` belong to a sender that is not heard of any more: they are freed.
        """
        ...

    def backlog(self) -> Mapping[str, int]:
        """Number of items per delivery status."""
        ...


class EhrRegistry(Protocol):
    """Registered EHRs. An issuer that is not here does not exist for the app."""

    def add(self, registration: EhrRegistration) -> None:
        """Register, or replace the registration with the same issuer."""
        ...

    def all(self) -> tuple[EhrRegistration, ...]:
        """Every registration, by issuer."""
        ...

    def by_issuer(self, issuer: str) -> EhrRegistration | None:
        """Find by exact issuer."""
        ...

    def by_id(self, ehr_id: EhrId) -> EhrRegistration | None:
        """Find by id."""
        ...


class LaunchStore(Protocol):
    """Launches on their way and open, and drafts."""

    def begin(self, pending: PendingLaunch) -> None:
        """Keep a launch until the EHR answers."""
        ...

    def take(self, state_hash: str, now: datetime) -> PendingLaunch | None:
        """Take the pending launch out, once; None when unknown, used or expired."""
        ...

    def open(self, session: LaunchSession) -> None:
        """Store an open launch."""
        ...

    def get(self, launch_hash: str, now: datetime) -> LaunchSession | None:
        """An open launch, None when unknown, closed or expired."""
        ...

    def ended(self, launch_hash: str, now: datetime) -> LaunchSession | None:
        """A launch that expired or was closed in the last 7 days, without tokens and context.

        It gives no access any more; it only tells whose answers those are that come too late.
        """
        ...

    def newest_for(self, ehr_id: EhrId, patient: str, now: datetime) -> LaunchSession | None:
        """The newest open launch for this record with a usable or refreshable token (authority of the outbox)."""
        ...

    def touch(self, launch_hash: str, now: datetime, expires_at: datetime) -> None:
        """Note activity and move the idle expiry."""
        ...

    def claim_refresh(self, launch_hash: str, token_expires_at: datetime, now: datetime, lease_seconds: int) -> bool:
        """Single flight: True for the one caller that may refresh the token which expires then."""
        ...

    def save_tokens(self, launch_hash: str, tokens: bytes, token_expires_at: datetime, granted_scopes: str) -> None:
        """Replace the tokens after a refresh and release the claim."""
        ...

    def close(self, launch_hash: str, now: datetime) -> None:
        """End the launch; its tokens and what was read in the record are forgotten."""
        ...

    def save_draft(self, key: DraftKey, data: Mapping[str, Any], now: datetime) -> None:
        """Keep a form's unfinished answers (sealed at rest)."""
        ...

    def draft(self, key: DraftKey) -> Mapping[str, Any] | None:
        """The unfinished answers, if any; the commit that finishes them forgets them."""
        ...

    def purge(self, now: datetime) -> int:
        """Empty the launches that have ended, delete old ones (7 days) and old drafts (30 days).

        Returns how many rows went.
        """
        ...


class KeyStore(Protocol):
    """Our signing keys, private parts sealed."""

    def add(self, key: SigningKey) -> None:
        """Store a new key."""
        ...

    def keys(self, purpose: str) -> tuple[SigningKey, ...]:
        """Keys of one purpose, newest first, retired ones included."""
        ...

    def retire(self, kid: str, at: datetime) -> None:
        """Stop signing with a key; it stays published until it is forgotten."""
        ...

    def forget(self, retired_before: datetime) -> int:
        """Delete keys retired before then; returns how many."""
        ...


class AuditLog(Protocol):
    """Append-only, hash-chained log of every access to a patient's data."""

    def record(self, entry: AuditEntry) -> None:
        """Append an entry; returns at once, the entry is written with the next group commit."""
        ...

    def verify(self) -> int:
        """Walk the chain; returns the number of entries. Raises ``AuditBroken`` naming the first bad entry."""
        ...

    def entries(self, limit: int) -> tuple[AuditEntry, ...]:
        """The newest entries."""
        ...


class RecordWriter(Protocol):
    """Writes one published resource into an EHR's record."""

    def deliver(self, item: OutboxItem, resource: Mapping[str, Any], delivered: Mapping[str, str]) -> DeliveryReport:
        """Send, idempotently, conditional on our identifier.

        ``delivered`` maps our ``Type/id`` to the EHR's, for the references of ``resource``. Never raises for the
        EHR's faults: they are the report.
        """
        ...
