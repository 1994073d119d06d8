"""How fast the projections come out of the events again: with the projector, and what the store itself takes of it."""

import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mappings.projector import PathwayProjector
from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.cohort.load import Order, load
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.services.records import Projections
from sesame_fhir.storage import open_store
from sesame_fhir.storage.pathways import Pathways
from tests.bench.scale_seed import NOW, STAFF
from tests.bench.seed import KEY


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Seconds of rebuilding ``events``: altogether, and in the store."""

    events: int
    seconds: float
    in_store: float

    def text(self) -> str:
        """Events per second."""
        return (
            f"rebuild of {self.events:,} events: {self.events / self.seconds:,.0f} events/s, "
            f"the store alone {self.events / self.in_store:,.0f} events/s"
        )


class _Timed(Pathways):
    """The pathways of a store, with a watch: what is read, compared and written, without what is projected."""

    def __init__(self, pathways: Pathways) -> None:
        super().__init__(pathways._database, pathways._vault)
        self.seconds = 0.0
        self.events = 0

    def history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        begin = time.perf_counter()
        found = super().history(pathway_id)
        self.seconds += time.perf_counter() - begin
        self.events += len(found)
        return found

    def replace_projections(self, pathway_id: PathwayId, steps: Sequence[tuple[datetime, Projections]]) -> None:
        begin = time.perf_counter()
        super().replace_projections(pathway_id, steps)
        self.seconds += time.perf_counter() - begin


def measured(count: int = 100) -> Rebuilt:
    """Live ``count`` pathways of a cohort, rebuild them, and take the times."""
    projector = PathwayProjector(index)
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_store(f"sqlite:///{Path(folder) / 'x.db'}", KEY)) as store,
    ):
        store.migrate()
        load(Order(count, 1, NOW, (STAFF,), DEFAULT_POLICY), store.pathways, projector, lambda _done, _all: None)
        timed = _Timed(store.pathways)
        begin = time.perf_counter()
        rebuild(timed, projector, lambda _done: None)
        return Rebuilt(timed.events, time.perf_counter() - begin, timed.seconds)
