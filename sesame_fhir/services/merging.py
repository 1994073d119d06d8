"""Use case of two pathways of the same patient: one goes on, the other is closed and points to it."""

from dataclasses import replace

from sesame_fhir.domain.access import scope_refusals
from sesame_fhir.domain.events import MergedInto, RecordsMerged
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.engine import Command, Engine


def merge(engine: Engine, command: Command, survivor: PathwayId, absorbed: PathwayId) -> Pathway:
    """Close ``absorbed`` into ``survivor``; the survivor is from now on known by both records.

    Two pathways change in two steps, the closing one first: stopped in between, the same command completes it.

    Raises:
        Refused: the same pathway twice, one that is closed already, or one out of reach.
    """
    if survivor == absorbed:
        raise Refused(Reason(ReasonCode.SAME_PATHWAY))
    other, kept = engine.load(absorbed), engine.load(survivor)
    for pathway in (other, kept):
        if reasons := scope_refusals(pathway, command.actor, command.scope):
            raise Refused(*reasons)
    closing = replace(
        command,
        command_id=CommandId(f"{command.command_id}/absorbed"),
        expected_version=None,
        site=other.site or command.site,
    )
    engine.run(absorbed, closing, "merge", lambda _pathway: (MergedInto(survivor),))
    return engine.run(survivor, command, "merge", lambda _pathway: (RecordsMerged(absorbed, other.ehr),))
