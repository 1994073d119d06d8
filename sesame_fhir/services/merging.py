"""Use case of two pathways of the same patient: one goes on, the other is closed and points to it."""

from dataclasses import replace

from sesame_fhir.domain.access import scope_refusals
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events import MergedInto, Payload, RecordsMerged
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.transitions import State, next_state
from sesame_fhir.services.course import cut_short
from sesame_fhir.services.engine import Command, Engine


def merge(engine: Engine, command: Command, survivor: PathwayId, absorbed: PathwayId) -> Pathway:
    """Close ``absorbed`` into ``survivor``; the survivor is from now on known by both records.

    Two pathways change in two steps, the closing one first: stopped in between, the same command completes it.

    Raises:
        Refused: the same pathway twice, one that is closed already, one out of reach, or one in which a suicide-risk
            flag waits for a clinician.
    """
    if survivor == absorbed:
        raise Refused(Reason(ReasonCode.SAME_PATHWAY))
    other, kept = engine.load(absorbed), engine.load(survivor)
    for pathway in (other, kept):
        if reasons := scope_refusals(pathway, command.actor, command.scope):
            raise Refused(*reasons)
    # Asked of the survivor before the other one is closed: half a merge would leave the patient without a pathway.
    allowed = next_state(kept.state, RecordsMerged(absorbed))
    if isinstance(allowed, Reason) and other.state is not State.MERGED:
        raise Refused(allowed)
    closing = replace(
        command,
        command_id=CommandId(f"{command.command_id}/absorbed"),
        expected_version=None,
        site=other.site or command.site,
    )

    def close(pathway: Pathway) -> tuple[Payload, ...]:
        return (*cut_short(pathway, local_day(command.occurred_at)), MergedInto(survivor))

    engine.run(absorbed, closing, "merge", close)
    return engine.run(survivor, command, "merge", lambda _pathway: (RecordsMerged(absorbed, other.ehr),))
