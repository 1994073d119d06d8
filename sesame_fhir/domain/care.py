"""What the nurse's work leaves in a pathway's state: assessment, plan, contacts, messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.ids import ScreeningId


@dataclass(frozen=True, slots=True)
class Consent:
    """What the patient last said for one purpose; ``by`` informed the patient with version ``notice``."""

    status: ev.ConsentStatus
    notice: str | None
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Call:
    """A call that did not reach the patient's answer."""

    at: datetime
    by: Actor
    result: ev.CallResult
    note: str | None


@dataclass(frozen=True, slots=True)
class LicensedTotal:
    """A total read on paper."""

    total_id: str
    instrument: ev.LicensedInstrument
    total: int
    on: date
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Assessment:
    """The initial assessment."""

    data: ev.AssessmentRecorded
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class PlanOfCare:
    """The plan as it stands; ``version`` counts from 1, ``first_at`` is when the first version was made."""

    data: ev.PlanRecorded
    version: int
    first_at: datetime
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class RelapsePlan:
    """The relapse-prevention plan as it stands."""

    data: ev.RelapsePlanWritten
    version: int
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact with the patient. ``planned_at`` None: it was not planned. ``at``: when it took place or was missed.

    ``private_note`` is its author's own (``by``); it is never published.
    """

    contact_id: str
    status: ev.ContactStatus
    mode: ev.ContactMode
    task: ev.ContactTask
    planned_at: datetime | None = None
    at: datetime | None = None
    minutes: int | None = None
    note: str | None = None
    private_note: str | None = None
    screenings: tuple[ScreeningId, ...] = ()
    by: Actor | None = None
    cancelled_by: ev.CancelledBy | None = None
    moved: int = 0
    corrected: bool = False

    @property
    def when(self) -> datetime | None:
        """When it took place, else when it is planned."""
        return self.at or self.planned_at


@dataclass(frozen=True, slots=True)
class Message:
    """A message about the patient; ``read`` maps the id of each reader to the time of reading."""

    message_id: str
    text: str
    to: Role | None
    at: datetime
    by: Actor
    read: Mapping[str, datetime] = field(default_factory=dict)
    readers: tuple[Actor, ...] = ()

    def is_for(self, actor: Actor) -> bool:
        """True for whom it may be shown to: its author, and whoever has the role that it is addressed to."""
        return self.to in {None, actor.role} or actor.actor_id == self.by.actor_id

    def waits_for(self, actor: Actor) -> bool:
        """True when it is addressed to this person and not read yet."""
        return self.is_for(actor) and actor.actor_id not in self.read and actor.actor_id != self.by.actor_id
