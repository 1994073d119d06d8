"""The caseload (file active): one row per pathway, the questions asked of it, and the day's agenda.

Everything that changes with the passing of time is stored as the day from which it is true, so that a row needs no
clock: a flag is raised when its ``since`` has come and its ``until`` has not passed.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.transitions import State


class Bucket(StrEnum):
    """Where a pathway is listed."""

    BEFORE = "before"
    REFERRAL = "referral"
    FOLLOWED = "followed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RowFlag:
    """A flag of ``domain.progress`` as the row keeps it: ``rule`` is its code, ``detail`` the values (``18>24``)."""

    rule: str
    since: date
    until: date | None = None
    detail: str | None = None
    attention: bool = True

    def raised(self, today: date) -> bool:
        """True from ``since`` on, up to and including ``until``."""
        return self.since <= today and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True)
class CaseloadRow:
    """What the caseload shows of a pathway (projection).

    ``attention_on`` is the first day on which somebody is needed, None when nothing is foreseen. ``phq9_change`` is
    last minus first. ``contact_due_on`` is the day by which the next contact is due, planned or not. ``sequence_end``
    is the planned end of the running sequence, None when none runs.
    """

    pathway_id: PathwayId
    site: SiteId
    state: State
    bucket: Bucket
    family: str
    given: str
    sort_name: str
    birth_date: date | None
    sex: str
    updated_at: datetime
    safety_open: bool = False
    last_phq2: int | None = None
    first_phq9: int | None = None
    last_phq9: int | None = None
    phq9_change: int | None = None
    first_gad7: int | None = None
    last_gad7: int | None = None
    last_score_at: datetime | None = None
    referred_at: datetime | None = None
    referrer: str | None = None
    referrer_id: str | None = None
    calls: int = 0
    nurse_id: str | None = None
    nurse: str | None = None
    psychiatrist_id: str | None = None
    psychiatrist: str | None = None
    started_on: date | None = None
    next_contact_at: datetime | None = None
    contact_due_on: date | None = None
    last_contact_at: datetime | None = None
    sequence_rank: int | None = None
    sequence_end: date | None = None
    discuss: bool = False
    reviewed_at: datetime | None = None
    advice_waiting: int = 0
    unread_gp: int = 0
    unread_nurse: int = 0
    unread_psychiatrist: int = 0
    flags: tuple[RowFlag, ...] = ()
    attention_on: date | None = None
    end_reason: str | None = None

    def raised(self, today: date) -> tuple[RowFlag, ...]:
        """The flags that stand on this day."""
        return tuple(flag for flag in self.flags if flag.raised(today))


class CaseloadSort(StrEnum):
    """Orders of the caseload; what has no value comes last either way, ties by the pathway's age, turned along."""

    ATTENTION = "attention"
    NEXT_CONTACT = "next-contact"
    NAME = "name"
    STARTED = "started"
    SEQUENCE_END = "sequence-end"
    CHANGE = "change"
    REFERRED = "referred"
    SITE = "site"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class CaseloadQuery:
    """A question to the caseload, always within ``sites`` (empty: nothing is found).

    ``reviewer_id``: only cases put to this psychiatrist (marked, or on their care team). ``referrer_id``: only this
    GP's patients. ``flag``: only rows whose flag of that rule is raised on ``today``. ``name``: beginning of the family
    name, folded by the store.
    """

    sites: tuple[SiteId, ...]
    today: date
    buckets: tuple[Bucket, ...] = (Bucket.FOLLOWED,)
    states: tuple[State, ...] = ()
    flag: str | None = None
    discuss: bool | None = None
    nurse_id: str | None = None
    reviewer_id: str | None = None
    referrer_id: str | None = None
    name: str | None = None
    attention_by: date | None = None
    sort: CaseloadSort = CaseloadSort.ATTENTION
    descending: bool = False
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class CaseloadPage:
    """One page; ``next_cursor`` is None on the last one."""

    rows: tuple[CaseloadRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class AgendaSlot:
    """One planned contact, as the calendar shows it."""

    contact_id: str
    pathway_id: PathwayId
    site: SiteId
    nurse_id: str | None
    family: str
    given: str
    planned_at: datetime
    mode: ev.ContactMode
    task: ev.ContactTask


@dataclass(frozen=True, slots=True)
class ReviewSession:
    """A meeting of nurse and psychiatrist: who, how long, which cases. Logged, never changed."""

    session_id: str
    site: SiteId
    held_at: datetime
    minutes: int
    participants: tuple[str, ...]
    pathways: tuple[PathwayId, ...]
    logged_by: str
