"""A unit of work: pathway commands and record resources that are written together, or not at all.

Commands run on an engine whose commits are staged: what a later command of the same unit reads includes what an
earlier one decided. Nothing reaches the store, the audit log included, before ``finish``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.ports import AuditLog, PathwayStore, ResourceStore
from sesame_fhir.services.records import AuditEntry, Commit, ResourceChange, StoredResource


class StagedPathways:
    """``PathwayStore`` over another one: reads see what is staged, commits are kept. Only what commands need."""

    def __init__(self, stored: PathwayStore) -> None:
        self._stored = stored
        self.commits: list[Commit] = []

    def history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        """All events, the staged ones last."""
        staged = (event for commit in self.commits if commit.pathway_id == pathway_id for event in commit.events)
        return (*self.stored_history(pathway_id), *staged)

    def stored_history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        """Those that are in the store."""
        return self._stored.history(pathway_id)

    def find_open(self, patient_keys: Sequence[str]) -> PathwayId | None:
        """The open pathway of a patient, one that this unit opens included, one that it closes not."""
        last = {commit.pathway_id: commit.projections for commit in self.commits}
        wanted = set(patient_keys)
        for pathway_id, projections in last.items():
            if projections.open and wanted & set(projections.patient_keys):
                return pathway_id
        found = self._stored.find_open(patient_keys)
        return None if found in last and not last[found].open else found

    def find_previous(self, patient_keys: Sequence[str]) -> PathwayId | None:
        """The pathway closed last."""
        return self._stored.find_previous(patient_keys)

    def applied(self, command_id: CommandId) -> PathwayId | None:
        """The pathway that this command has changed, in the store or in this unit."""
        staged = (commit.pathway_id for commit in self.commits if commit.command_id == command_id)
        return next(staged, None) or self._stored.applied(command_id)

    def commit(self, commit: Commit) -> bool:
        """Keep a commit for ``finish``."""
        if self.applied(commit.command_id) is not None:
            return False
        at = self.history(commit.pathway_id)
        if len(at) != commit.expected_version:
            raise Conflict(commit.pathway_id, at[commit.expected_version :])
        self.commits.append(commit)
        return True

    def __getattr__(self, name: str) -> Any:
        """Everything else is read from the store."""
        return getattr(self._stored, name)


@dataclass(slots=True)
class StagedAudit:
    """Keeps entries until what they tell of has happened."""

    kept: list[AuditEntry] = field(default_factory=list)

    def record(self, entry: AuditEntry) -> None:
        """Keep it."""
        self.kept.append(entry)

    def verify(self) -> int:
        """Nothing is chained yet."""
        raise NotImplementedError

    def entries(self, limit: int) -> tuple[AuditEntry, ...]:
        """Only the log itself is read."""
        raise NotImplementedError


class Unit:
    """Commands and changes of one request.

    ``first`` and ``then`` are what other stores keep beside the changes: done just before they are written, and once
    they are. What is refused while it is planned leaves nothing there either.
    """

    def __init__(self, resources: ResourceStore, engine: Engine | None) -> None:
        self._resources = resources
        self._audit: AuditLog | None = engine.audit if engine else None
        self._staged = StagedPathways(engine.pathways) if engine else None
        self._entries = StagedAudit()
        self.engine = replace(engine, pathways=self._staged, audit=self._entries) if engine and self._staged else None
        self.changes: list[ResourceChange] = []
        self.first: list[Callable[[], None]] = []
        self.then: list[Callable[[], None]] = []

    def finish(self, now: datetime) -> tuple[StoredResource | None, ...]:
        """Write everything in one transaction; what each change left. Raises as ``ResourceStore.apply``."""
        commits = tuple(self._staged.commits) if self._staged else ()
        for act in self.first:
            act()
        left = self._resources.apply(commits, self.changes, now)
        for act in self.then:
            act()
        for entry in self._trail():
            if self._audit is not None:
                self._audit.record(entry)
        return left

    def _trail(self) -> Iterator[AuditEntry]:
        yield from self._entries.kept
