"""What the course of a pathway leaves in its state: sequences, interruptions, the exit."""

from dataclasses import dataclass
from datetime import date, datetime

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.ids import SiteId


@dataclass(frozen=True, slots=True)
class Sequence:
    """A three-month follow-up block; ``start``, ``planned_end`` and ``end`` are days that belong to it.

    ``claim_id``: the claim that holds it.
    """

    rank: int
    start: date
    planned_end: date
    end: date | None = None
    interrupted: bool = False
    claim_id: str | None = None
    billed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """A site where the pathway stands, from ``since`` until the next one's."""

    site: SiteId
    since: datetime


@dataclass(frozen=True, slots=True)
class Renewal:
    """The team's decision on what follows the running sequence."""

    rank: int
    renew: bool
    reason: str | None
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Interruption:
    """Care was suspended; ``until`` is None while it is."""

    since: datetime
    reason: str | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """How the patient left the pathway; ``answered_at`` is when the survey came back."""

    reason: ev.ExitReason
    orientation: ev.Orientation
    at: datetime
    by: Actor
    note: str | None = None
    survey: bool = False
    answered_at: datetime | None = None
    satisfaction: int | None = None
