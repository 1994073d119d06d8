"""What the indicators need of one pathway: dated facts, no identity, no text.

Every fact carries its day at the practice, so that an indicator at a past date simply leaves out what came later.
"""

from dataclasses import dataclass
from datetime import date

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import State


@dataclass(frozen=True, slots=True)
class ScoreFact:
    """A total on a day; ``safety``: PHQ-9 item 9 was at least 1."""

    on: date
    instrument: InstrumentId
    total: int
    safety: bool


@dataclass(frozen=True, slots=True)
class ContactFact:
    """A contact that was held (``minutes``) or missed (None)."""

    on: date
    task: ev.ContactTask
    minutes: int | None


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """A case review and its length, when noted."""

    on: date
    minutes: int | None


@dataclass(frozen=True, slots=True)
class SequenceFact:
    """A sequence; ``end`` None while it runs, ``billed_on`` None until it is claimed."""

    rank: int
    start: date
    planned_end: date
    end: date | None
    interrupted: bool
    billed_on: date | None


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """The last answer for one purpose."""

    on: date
    purpose: ev.ConsentPurpose
    status: ev.ConsentStatus


@dataclass(frozen=True, slots=True)
class PathwayFacts:
    """Facts of one pathway; a day is None when it did not happen."""

    pathway_id: PathwayId
    site: SiteId
    nurse_id: str | None = None
    referred_on: date | None = None
    ended_on: date | None = None
    referral_end: str | None = None
    accepted_on: date | None = None
    care_on: date | None = None
    merged: bool = False
    merged_on: date | None = None
    scores: tuple[ScoreFact, ...] = ()
    contacts: tuple[ContactFact, ...] = ()
    reviews: tuple[ReviewFact, ...] = ()
    sequences: tuple[SequenceFact, ...] = ()
    consents: tuple[ConsentFact, ...] = ()
    exit_on: date | None = None
    exit_reason: ev.ExitReason | None = None
    exit_orientation: ev.Orientation | None = None
    survey: bool = False
    survey_answered_on: date | None = None
    satisfaction: int | None = None


def facts_of(pathway: Pathway) -> PathwayFacts:
    """Take the facts out of a pathway that has begun. Raises ValueError when it has not."""
    if pathway.site is None:
        raise ValueError(f"pathway {pathway.pathway_id} has not begun")
    referral, nurse, left = pathway.referral, pathway.member(Role.NURSE), pathway.exit
    ended = pathway.since(State.NOT_STARTED) if pathway.state is State.NOT_STARTED else None
    accepted, care = pathway.since(State.ASSESSMENT), pathway.since(State.CARE)
    absorbed = pathway.since(State.MERGED)
    return PathwayFacts(
        pathway_id=pathway.pathway_id,
        site=pathway.site,
        nurse_id=nurse.actor_id if nurse else None,
        referred_on=local_day(referral.referred_at) if referral else None,
        ended_on=local_day(ended) if ended else None,
        referral_end=referral.end_reason if referral else None,
        accepted_on=local_day(accepted) if accepted else None,
        care_on=local_day(care) if care else None,
        merged=pathway.merged_into is not None,
        merged_on=local_day(absorbed) if absorbed else None,
        scores=_scores(pathway),
        contacts=_contacts(pathway),
        reviews=tuple(ReviewFact(local_day(r.at), r.minutes) for r in pathway.reviews),
        sequences=tuple(
            SequenceFact(
                s.rank,
                s.start,
                s.planned_end,
                s.end,
                s.interrupted,
                local_day(s.billed_at) if s.billed_at else None,
            )
            for s in pathway.sequences
        ),
        consents=tuple(ConsentFact(local_day(c.at), purpose, c.status) for purpose, c in pathway.consents.items()),
        exit_on=local_day(left.at) if left else None,
        exit_reason=left.reason if left else None,
        exit_orientation=left.orientation if left else None,
        survey=left.survey if left else False,
        survey_answered_on=local_day(left.answered_at) if left and left.answered_at else None,
        satisfaction=left.satisfaction if left else None,
    )


def _scores(pathway: Pathway) -> tuple[ScoreFact, ...]:
    return tuple(
        ScoreFact(local_day(s.taken_at), s.instrument, s.total, s.safety_flag)
        for s in pathway.screenings
        if s.total is not None
    )


def _contacts(pathway: Pathway) -> tuple[ContactFact, ...]:
    counted = {ev.ContactStatus.HELD, ev.ContactStatus.MISSED}
    return tuple(
        ContactFact(local_day(c.at), c.task, c.minutes) for c in pathway.contacts if c.status in counted and c.at
    )
