"""What the use cases need while a synthetic life is being lived: a store in memory, a clock that is set, seeded ids."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.services.records import AuditEntry, Commit


@dataclass(slots=True)
class SetClock:
    """A clock that stands where it was set."""

    at: datetime

    def now(self) -> datetime:
        """The set time."""
        return self.at


@dataclass(frozen=True, slots=True)
class SeededIds:
    """UUIDv7 whose time is the clock's and whose randomness is the seed's."""

    clock: SetClock
    chance: random.Random

    def new(self) -> str:
        """A new id."""
        milliseconds = int(self.clock.at.astimezone(UTC).timestamp() * 1000)
        value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | self.chance.getrandbits(12) << 64
        return str(uuid.UUID(int=value | 0b10 << 62 | self.chance.getrandbits(62)))

    def secret(self) -> str:
        """Not secret at all: nothing of a cohort is."""
        return self.new()


class NoAudit:
    """A life that was invented leaves no trace of access: nobody saw anybody's data."""

    def record(self, entry: AuditEntry) -> None:
        """Forget it."""

    def verify(self) -> int:
        """Nothing to verify."""
        return 0

    def entries(self, limit: int) -> tuple[AuditEntry, ...]:  # noqa: ARG002  the port's signature
        """Nothing is kept."""
        return ()


@dataclass(slots=True)
class Recorder:
    """One pathway, kept in memory as the commits that made it: the part of PathwayStore that a life needs.

    Its id is given, so that the same person is recognised on another day.
    """

    pathway_id: PathwayId
    events: list[Event] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)

    def history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        """The events so far."""
        return tuple(e for e in self.events if e.pathway_id == pathway_id)

    def find_open(self, patient_keys: Sequence[str]) -> PathwayId | None:  # noqa: ARG002  one patient
        """The pathway being lived."""
        return self.pathway_id

    def find_previous(self, patient_keys: Sequence[str]) -> PathwayId | None:  # noqa: ARG002  one patient
        """Nobody comes back here."""
        return None

    def applied(self, command_id: CommandId) -> PathwayId | None:
        """The pathway, when the command has acted."""
        return next((e.pathway_id for e in self.events if e.command_id == command_id), None)

    def commit(self, commit: Commit) -> bool:
        """Keep the commit."""
        self.commits.append(commit)
        self.events.extend(commit.events)
        return True
