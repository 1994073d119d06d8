"""Use case of two pathways of the same patient: one goes on, the other is closed and points to it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

from sesame_fhir.domain.access import scope_refusals
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events import MergedInto, Payload, RecordsMerged
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.transitions import next_state
from sesame_fhir.services.course import cut_short
from sesame_fhir.services.engine import Command, Engine


def merge(engine: Engine, command: Command, survivor: PathwayId, absorbed: PathwayId) -> Pathway:
    """Close ``absorbed`` into ``survivor``; the survivor is from now on known by both records.

    Two pathways change in two steps, the closing one first. Stopped in between, any later merge of the same two
    completes it.

    Raises:
        Refused: the same pathway twice, one that is closed already, one out of reach, or one in which a suicide-risk
            flag waits for a clinician.
        Conflict: the survivor changed since the version the caller saw; neither is changed then.
    """
    if survivor == absorbed:
        raise Refused(Reason(ReasonCode.SAME_PATHWAY))
    other, kept = engine.load(absorbed), engine.load(survivor)
    for pathway in (other, kept):
        if reasons := scope_refusals(pathway, command.actor, command.scope):
            raise Refused(*reasons)
    if other.merged_into != survivor:
        _close(engine, command, kept, other)
    # The other one is closed: what a colleague writes here meanwhile must not leave it without its survivor.
    known = replace(command, expected_version=None)
    return engine.run(survivor, known, "merge", lambda _pathway: tuple(_records(other)))


def _close(engine: Engine, command: Command, kept: Pathway, other: Pathway) -> None:
    # Asked of the survivor before the other one is closed: half a merge would leave the patient without a pathway.
    allowed = next_state(kept.state, RecordsMerged(other.pathway_id))
    if isinstance(allowed, Reason):
        raise Refused(allowed)
    engine.check_version(kept, command)
    closing = replace(
        command,
        command_id=CommandId(f"{command.command_id}/absorbed"),
        expected_version=None,
        finishes=(),
        site=other.site or command.site,
    )

    def close(pathway: Pathway) -> tuple[Payload, ...]:
        return (*cut_short(pathway, local_day(command.occurred_at)), MergedInto(kept.pathway_id))

    engine.run(other.pathway_id, closing, "merge", close)


def _records(other: Pathway) -> Iterator[RecordsMerged]:
    """The record of the absorbed pathway, and those that it had absorbed itself: all of them lead here now."""
    yield RecordsMerged(other.pathway_id, other.ehr)
    yield from (RecordsMerged(earlier, ehr) for earlier, ehr in zip_longest(other.absorbed, other.aliases))
