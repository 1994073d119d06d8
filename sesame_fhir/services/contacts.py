"""Use cases of contacts: plan, move, cancel, hold (with instruments in the same act), miss, correct."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sesame_fhir.domain.events import (
    CancelledBy,
    ContactCancelled,
    ContactCorrected,
    ContactHeld,
    ContactMissed,
    ContactMode,
    ContactMoved,
    ContactPlanned,
    ContactTask,
    Payload,
)
from sesame_fhir.domain.ids import PathwayId, ScreeningId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.screening import RecordScreening, scored


@dataclass(frozen=True, slots=True)
class NextContact:
    """The next contact, planned in the same act."""

    contact_id: str
    planned_at: datetime
    mode: ContactMode
    task: ContactTask = ContactTask.FOLLOW_UP


@dataclass(frozen=True, slots=True)
class HoldContact:
    """A contact that took place at the command's ``occurred_at``, with the instruments answered in it.

    ``screenings`` are recorded with it; ``taken`` have been recorded before.
    """

    contact_id: str
    mode: ContactMode
    minutes: int
    task: ContactTask = ContactTask.FOLLOW_UP
    note: str | None = None
    private_note: str | None = None
    screenings: Sequence[RecordScreening] = ()
    following: NextContact | None = None
    taken: Sequence[ScreeningId] = ()


def plan_contact(engine: Engine, command: Command, pathway_id: PathwayId, planned: NextContact) -> Pathway:
    """Put a contact in the calendar. Raises Refused for a day that has passed or is over a year away."""
    return engine.run(pathway_id, command, "plan-contact", lambda _pathway: (_planned(planned),))


def move_contact(
    engine: Engine, command: Command, pathway_id: PathwayId, contact_id: str, planned_at: datetime
) -> Pathway:
    """Give a planned contact another time. Raises Refused when it is not planned any more."""
    return engine.run(pathway_id, command, "move-contact", lambda _pathway: (ContactMoved(contact_id, planned_at),))


def cancel_contact(
    engine: Engine,
    command: Command,
    pathway_id: PathwayId,
    contact_id: str,
    *,
    by: CancelledBy,
    note: str | None = None,
) -> Pathway:
    """Call a planned contact off."""
    cancelled = ContactCancelled(contact_id, by, note)
    return engine.run(pathway_id, command, "cancel-contact", lambda _pathway: (cancelled,))


def hold_contact(engine: Engine, command: Command, pathway_id: PathwayId, held: HoldContact) -> Pathway:
    """Record a contact, the instruments answered in it, and the next appointment, all or nothing.

    Raises:
        Refused: an impossible duration or date, answers missing or unknown, a contact already noted.
    """
    return engine.run(pathway_id, command, "hold-contact", lambda _pathway: held_events(held))


def held_events(held: HoldContact) -> tuple[Payload, ...]:
    """The events of a contact: its instruments, itself, the next one. Raises Refused for answers missing or unknown."""
    contact = ContactHeld(
        held.contact_id,
        held.mode,
        held.minutes,
        held.note,
        held.task,
        held.private_note,
        (*held.taken, *(s.screening_id for s in held.screenings)),
    )
    following = () if held.following is None else (_planned(held.following),)
    return (*(scored(s) for s in held.screenings), contact, *following)


def miss_contact(
    engine: Engine,
    command: Command,
    pathway_id: PathwayId,
    contact_id: str,
    *,
    note: str | None = None,
    following: NextContact | None = None,
) -> Pathway:
    """Record that the patient did not come or answer, and when to try again."""

    def decide(_pathway: Pathway) -> tuple[Payload, ...]:
        again = () if following is None else (_planned(following),)
        return (ContactMissed(contact_id, note), *again)

    return engine.run(pathway_id, command, "miss-contact", decide)


def correct_contact(engine: Engine, command: Command, pathway_id: PathwayId, corrected: ContactCorrected) -> Pathway:
    """Write a held contact again; the first writing stays in the history."""
    return engine.run(pathway_id, command, "correct-contact", lambda _pathway: (corrected,))


def _planned(planned: NextContact) -> ContactPlanned:
    return ContactPlanned(planned.contact_id, planned.planned_at, planned.mode, planned.task)
