"""Where a pathway stands: the few values that everything published about the pathway as a whole has in common."""

from datetime import datetime
from typing import NamedTuple

from mappings.datatypes import patient_reference
from sesame_fhir.domain.events import Phase
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import CLOSED, State
from sesame_fhir.fhir.json_types import Json

_RELAPSE_PREVENTION = frozenset({State.RELAPSE_PREVENTION, State.RELAPSE_PREVENTION_INTERRUPTED})
_IN_PHASE = _RELAPSE_PREVENTION | {State.CARE, State.CARE_INTERRUPTED}


class Frame(NamedTuple):
    """A pathway without its content; two frames are equal while the pathway has not moved."""

    pathway_id: PathwayId
    state: State
    site: SiteId | None
    opened_at: datetime | None
    state_since: tuple[tuple[State, datetime], ...]

    @property
    def subject(self) -> Json:
        """The patient whom everything is about."""
        return patient_reference(self.pathway_id)

    @property
    def ended_at(self) -> datetime | None:
        """When the pathway was closed."""
        return self.state_since[-1][1] if self.state in CLOSED and self.state_since else None

    @property
    def phase(self) -> Phase | None:
        """The phase of care, of a closed pathway the last one; None before care."""
        last = next((state for state, _ in reversed(self.state_since) if state in _IN_PHASE), None)
        if last is None:
            return None
        return Phase.RELAPSE_PREVENTION if last in _RELAPSE_PREVENTION else Phase.CARE

    def since(self, *states: State) -> datetime | None:
        """When the pathway first came to one of these states."""
        return next((at for state, at in self.state_since if state in states), None)


def frame_of(pathway: Pathway) -> Frame:
    """Take the frame of a pathway."""
    return Frame(pathway.pathway_id, pathway.state, pathway.site, pathway.opened_at, pathway.state_since)
