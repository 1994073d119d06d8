"""How every use case runs: load, decide, append with projections in one transaction; the same command acts once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sesame_fhir.domain import guards
from sesame_fhir.domain.access import LAUNCH, Scope, role_refusals, scope_refusals
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.events import COMMUTING, Event, Payload
from sesame_fhir.domain.evolution import evolve, fold
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.errors import Conflict, NotFound
from sesame_fhir.services.ports import AuditLog, Clock, Ids, PathwayStore, Projector
from sesame_fhir.services.records import AuditEntry, Commit, DraftKey


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks, when it happened, and the id that makes it act once.

    ``expected_version`` is the version the person had on the screen; None when any version will do. ``finishes`` are
    the drafts that become events with this command. ``scope`` is what the actor can reach; commands of a launch keep
    its own. ``alongside`` is recorded with whatever the command decides, in the same act.
    """

    command_id: CommandId
    actor: Actor
    site: SiteId
    occurred_at: datetime
    expected_version: int | None = None
    finishes: tuple[DraftKey, ...] = ()
    scope: Scope = LAUNCH
    alongside: tuple[Payload, ...] = ()


Decision = Callable[[Pathway], Sequence[Payload]]
"""From the state to the payloads to append; may raise ``Refused``."""


@dataclass(frozen=True, slots=True)
class Engine:
    """The ports a use case needs, and the one way to change a pathway."""

    pathways: PathwayStore
    projector: Projector
    audit: AuditLog
    clock: Clock
    ids: Ids
    policy: PathwayPolicy

    def load(self, pathway_id: PathwayId) -> Pathway:
        """Fold a pathway. Raises NotFound for an unknown id."""
        history = self.pathways.history(pathway_id)
        if not history:
            raise NotFound(pathway_id)
        return fold(pathway_id, history)

    def run(self, pathway_id: PathwayId, command: Command, name: str, decide: Decision) -> Pathway:
        """Run one command and return the pathway after it; ``name`` is an action of ``domain.access.ACTIONS``.

        Raises:
            Refused: the role or the reach of the actor, or stands against it; every reason is given.
            Conflict: the pathway changed since the version the caller saw, or while deciding.
        """
        if reasons := role_refusals(name, command.actor.role):
            raise Refused(*reasons)
        if (done := self._done(command)) is not None:
            return done
        try:
            after = self._once(pathway_id, command, decide)
        except (Conflict, Refused):
            # Sent twice at once, the command meets its own effect: that is neither a conflict nor a refusal.
            if (done := self._done(command)) is None:
                raise
            return done
        self._trace(pathway_id, command, name)
        return after

    def check_version(self, pathway: Pathway, command: Command) -> None:
        """Raise Conflict when somebody wrote since the version that the caller saw, other than what commutes."""
        seen = command.expected_version
        if seen is not None and seen != pathway.version:
            unseen = tuple(e for e in self.pathways.history(pathway.pathway_id) if e.sequence > seen)
            if any(e.kind not in COMMUTING for e in unseen) or seen > pathway.version:
                raise Conflict(pathway.pathway_id, unseen)

    def _done(self, command: Command) -> Pathway | None:
        """The pathway that this command has already changed: another one than asked for when it opened it."""
        done = self.pathways.applied(command.command_id)
        return None if done is None else self.load(done)

    def _once(self, pathway_id: PathwayId, command: Command, decide: Decision) -> Pathway:
        before = fold(pathway_id, self.pathways.history(pathway_id))
        if before.version and (reasons := scope_refusals(before, command.actor, command.scope)):
            raise Refused(*reasons)
        self.check_version(before, command)
        after, events = self._decide(before, command, decide)
        if not events:
            # Nothing is left to do: another command did it between the caller's look and this one.
            return before
        commit = Commit(
            pathway_id=pathway_id,
            expected_version=before.version,
            command_id=command.command_id,
            recorded_at=events[0].recorded_at,
            events=events,
            projections=self.projector(before, after, events),
            finishes=command.finishes,
        )
        if not self.pathways.commit(commit):
            raise Conflict(pathway_id)
        return after

    def _decide(self, before: Pathway, command: Command, decide: Decision) -> tuple[Pathway, tuple[Event, ...]]:
        recorded_at = self.clock.now()
        setting = guards.Setting(command.actor, self.policy, command.occurred_at, recorded_at)
        pathway, events = before, []
        for data in (*decide(before), *command.alongside):
            if reasons := guards.refusals(pathway, data, setting):
                raise Refused(*reasons)
            event = Event(
                event_id=EventId(self.ids.new()),
                pathway_id=before.pathway_id,
                sequence=pathway.version + 1,
                occurred_at=command.occurred_at,
                recorded_at=recorded_at,
                actor=command.actor,
                site=command.site,
                command_id=command.command_id,
                data=data,
            )
            pathway = evolve(pathway, event)
            events.append(event)
        return pathway, tuple(events)

    def _trace(self, pathway_id: PathwayId, command: Command, name: str) -> None:
        self.audit.record(
            AuditEntry(
                at=self.clock.now(),
                actor_id=command.actor.actor_id,
                role=command.actor.role.value,
                action=name,
                outcome="done",
                patient=pathway_id,
                site=command.site,
            )
        )
