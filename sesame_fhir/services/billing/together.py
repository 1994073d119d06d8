"""Commands on many pathways, written in one transaction: one wait for the disk instead of one for each claim."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.engine import Command, Decision, Engine
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.ports import PathwayStore
from sesame_fhir.services.unit import StagedAudit, StagedPathways

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Act:
    """One command on one pathway, as ``Engine.run`` takes it."""

    pathway_id: PathwayId
    command: Command
    name: str
    decide: Decision


def run_together(engine: Engine, acts: Sequence[Act]) -> tuple[Refused | None, ...]:
    """Run commands in their order and write them together; for each, the refusal that stood against it or None.

    What a rule refuses is left out, the others are written. When somebody else writes on one of the pathways meanwhile
    everything is decided anew; at last each command is run by itself, so that only the one in conflict pays.

    Raises:
        Conflict: a pathway changed each time it was tried; what was run before it is written.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _at_once(engine, acts)
        except Conflict:
            continue
    return tuple(_outcome(engine, act) for act in acts)


def _at_once(engine: Engine, acts: Sequence[Act]) -> tuple[Refused | None, ...]:
    staged, audit = _Staged(engine.pathways), StagedAudit()
    at_work = replace(engine, pathways=staged, audit=audit)
    outcomes = tuple(_outcome(at_work, act) for act in acts)
    if staged.commits:
        engine.pathways.commit_all(staged.commits)
    for entry in audit.kept:
        engine.audit.record(entry)
    return outcomes


def _outcome(engine: Engine, act: Act) -> Refused | None:
    try:
        engine.run(act.pathway_id, act.command, act.name, act.decide)
    except Refused as refused:
        return refused
    return None


class _Staged(StagedPathways):
    """Reads each pathway once: the store's own check of versions finds whatever changes before the end."""

    def __init__(self, stored: PathwayStore) -> None:
        super().__init__(stored)
        self._read: dict[PathwayId, tuple[Event, ...]] = {}

    def stored_history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        """What the store held when this pathway was first asked for."""
        if pathway_id not in self._read:
            self._read[pathway_id] = super().stored_history(pathway_id)
        return self._read[pathway_id]
