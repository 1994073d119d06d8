"""Re-creating every projection from the events, command by command, as they were first written (``sesame rebuild``).

What did not come from events, the resources received through the facade, is indexed anew: a release may find resources
by more than the one that stored them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import dropwhile, groupby

from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.ports import PathwayStore, Projector, ResourceStore
from sesame_fhir.services.records import Projections
from sesame_fhir.services.search import IndexEntry

_ATTEMPTS = 5


def rebuild(
    pathways: PathwayStore,
    projector: Projector,
    progress: Callable[[PathwayId], None],
    after: PathwayId | None = None,
) -> int:
    """Rebuild every pathway, oldest first, each in one transaction, while others go on working.

    It may be stopped at any time: what is done is done, and doing it again changes nothing.

    Args:
        pathways: events in, projections out.
        projector: the same as the engine's.
        progress: told each pathway once it is rebuilt; the last one told is where to resume.
        after: resume after this pathway.

    Returns:
        How many pathways were rebuilt.

    Raises:
        Conflict: a pathway changed each time it was tried.
    """
    done = 0
    for pathway_id in _remaining(pathways, after):
        _rebuild_one(pathways, projector, pathway_id)
        done += 1
        progress(pathway_id)
    return done


def reindex(resources: ResourceStore, index: Callable[[bytes], tuple[IndexEntry, ...]]) -> None:
    """Index every received resource anew, some at a time, while others go on working.

    It may be stopped at any time and writes differences only.
    """
    after: int | None = 0
    while after is not None:
        after = resources.reindex(index, after)


def _remaining(pathways: PathwayStore, after: PathwayId | None) -> Iterator[PathwayId]:
    ids = pathways.pathway_ids()
    if after is None:
        return ids
    rest = dropwhile(lambda pathway_id: pathway_id != after, ids)
    next(rest, None)
    return rest


def _rebuild_one(pathways: PathwayStore, projector: Projector, pathway_id: PathwayId) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            pathways.replace_projections(pathway_id, _steps(pathways, projector, pathway_id))
        except Conflict:
            # Somebody worked on this pathway meanwhile: replay it with the new events.
            if attempt == _ATTEMPTS:
                raise
        else:
            return


def _steps(pathways: PathwayStore, projector: Projector, pathway_id: PathwayId) -> list[tuple[datetime, Projections]]:
    """Project once per command, in the order they were recorded."""
    steps = []
    before = Pathway(pathway_id)
    for _command, group in groupby(pathways.history(pathway_id), key=lambda event: event.command_id):
        events = tuple(group)
        after = before
        for event in events:
            after = evolve(after, event)
        steps.append((events[0].recorded_at, projector(before, after, events)))
        before = after
    return steps
