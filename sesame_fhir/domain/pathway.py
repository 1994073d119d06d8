"""A pathway: the state that its events fold into. Pure: ``fold(events)`` and ``evolve(pathway, event)``.

Everything shown, published or billed is derived from this state or from the events themselves.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.ids import PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.transitions import State, next_state


@dataclass(frozen=True, slots=True)
class Screening:
    """One completed instrument, as last corrected; ``authored`` is the time of the answers that stand."""

    screening_id: ScreeningId
    instrument: InstrumentId
    instrument_version: str
    answers: dict[str, str]
    total: int | None
    safety_flag: bool
    authored: datetime
    author: Actor
    amended: bool = False
    acknowledged_by: Actor | None = None
    acknowledged_at: datetime | None = None
    acknowledged_action: ev.SafetyAction | None = None

    @property
    def needs_acknowledgement(self) -> bool:
        """True while a suicide-risk flag waits for a named clinician."""
        return self.safety_flag and self.acknowledged_by is None


class ReferralStatus:
    """How far a referral has come (codes shared by pages and mappings)."""

    SENT = "sent"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    NOT_STARTED = "not-started"


@dataclass(frozen=True, slots=True)
class Referral:
    """The latest referral, GP -> nurse."""

    referral_id: ReferralId
    screening_id: ScreeningId
    referred_at: datetime
    referrer: Actor
    status: str
    overridden: tuple[ReasonCode, ...] = ()
    override_reason: str | None = None
    note: str | None = None
    end_reason: str | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A three-month follow-up block."""

    rank: int
    start: date
    planned_end: date
    end: date | None = None
    interrupted: bool = False
    claim_id: str | None = None


@dataclass(frozen=True, slots=True)
class Pathway:
    """State of one pathway after ``version`` events (0 for one not begun)."""

    pathway_id: PathwayId
    state: State = State.NEW
    version: int = 0
    site: SiteId | None = None
    opened_at: datetime | None = None
    updated_at: datetime | None = None
    traits: ev.PatientTraits | None = None
    ehr: ev.EhrBinding | None = None
    screenings: tuple[Screening, ...] = ()
    consents: Mapping[ev.ConsentPurpose, ev.ConsentStatus] = field(default_factory=dict)
    eligibility: ev.EligibilityChecked | None = None
    referral: Referral | None = None
    sequences: tuple[Sequence, ...] = ()
    exit_reason: ev.ExitReason | None = None
    state_since: tuple[tuple[State, datetime], ...] = ()

    def screening(self, screening_id: ScreeningId) -> Screening | None:
        """Find a screening by its id."""
        return next((s for s in self.screenings if s.screening_id == screening_id), None)

    def last_screening(self, instrument: InstrumentId) -> Screening | None:
        """The most recent screening with one instrument."""
        return next((s for s in reversed(self.screenings) if s.instrument is instrument), None)

    @property
    def open_sequence(self) -> Sequence | None:
        """The running sequence, if any."""
        return next((s for s in self.sequences if s.end is None), None)

    @property
    def unacknowledged(self) -> tuple[Screening, ...]:
        """Screenings whose suicide-risk flag waits for a named clinician."""
        return tuple(s for s in self.screenings if s.needs_acknowledgement)


def evolve(pathway: Pathway, event: ev.Event) -> Pathway:
    """Apply one event that was accepted when it happened.

    Raises:
        Refused: the event is not in the table for this state (a corrupt or foreign list of events).
    """
    target = next_state(pathway.state, event.data)
    if isinstance(target, Reason):
        raise Refused(target)
    handler = _HANDLERS.get(type(event.data))
    changed = pathway if handler is None else handler(pathway, event, event.data)
    since = pathway.state_since
    if target is not pathway.state or not since:
        since = (*since, (target, event.occurred_at))
    return replace(
        changed,
        state=target,
        version=event.sequence,
        site=event.site,
        opened_at=pathway.opened_at or event.occurred_at,
        updated_at=event.recorded_at,
        state_since=since,
    )


def fold(pathway_id: PathwayId, history: Iterable[ev.Event]) -> Pathway:
    """Fold a pathway's events, in order, into its state."""
    pathway = Pathway(pathway_id)
    for event in history:
        pathway = evolve(pathway, event)
    return pathway


def _identified(p: Pathway, _e: ev.Event, d: ev.PatientIdentified) -> Pathway:
    return replace(p, traits=d.traits, ehr=d.ehr or p.ehr)


def _screened(p: Pathway, e: ev.Event, d: ev.ScreeningRecorded) -> Pathway:
    screening = Screening(
        d.screening_id,
        d.instrument,
        d.instrument_version,
        dict(d.answers),
        d.total,
        d.safety_flag,
        e.occurred_at,
        e.actor,
    )
    return replace(p, screenings=(*p.screenings, screening))


def _corrected(p: Pathway, e: ev.Event, d: ev.ScreeningCorrected) -> Pathway:
    """Answers change; an acknowledgement survives only while the answer that it is about stands as it was."""
    before = p.screening(d.screening_id)
    if before is None:
        raise Refused(Reason(ReasonCode.NO_SUCH_SCREENING, d.screening_id))
    keep = before.safety_flag == d.safety_flag and _safety_answers(before) == _safety_answers(d)
    after = Screening(
        d.screening_id,
        d.instrument,
        d.instrument_version,
        dict(d.answers),
        d.total,
        d.safety_flag,
        e.occurred_at,
        e.actor,
        amended=True,
        acknowledged_by=before.acknowledged_by if keep else None,
        acknowledged_at=before.acknowledged_at if keep else None,
        acknowledged_action=before.acknowledged_action if keep else None,
    )
    return replace(p, screenings=tuple(after if s.screening_id == d.screening_id else s for s in p.screenings))


def _safety_answers(given: Screening | ev.ScreeningCorrected) -> list[str | None]:
    return [given.answers.get(item.link_id) for item in INSTRUMENTS[given.instrument].items if item.safety]


def _acknowledged(p: Pathway, e: ev.Event, d: ev.SafetyAcknowledged) -> Pathway:
    return replace(
        p,
        screenings=tuple(
            replace(s, acknowledged_by=e.actor, acknowledged_at=e.occurred_at, acknowledged_action=d.action)
            if s.screening_id == d.screening_id
            else s
            for s in p.screenings
        ),
    )


def _consented(p: Pathway, _e: ev.Event, d: ev.ConsentRecorded) -> Pathway:
    return replace(p, consents={**p.consents, d.purpose: d.status})


def _checked(p: Pathway, _e: ev.Event, d: ev.EligibilityChecked) -> Pathway:
    return replace(p, eligibility=d)


def _referred(p: Pathway, e: ev.Event, d: ev.PatientReferred) -> Pathway:
    referral = Referral(
        d.referral_id,
        d.screening_id,
        e.occurred_at,
        e.actor,
        ReferralStatus.SENT,
        d.overridden,
        d.override_reason,
        d.note,
        changed_at=e.occurred_at,
    )
    return replace(p, referral=referral)


def _referral_moved(status: str) -> Callable[[Pathway, ev.Event, Any], Pathway]:
    def handler(
        p: Pathway, e: ev.Event, d: ev.ReferralAccepted | ev.ReferralWithdrawn | ev.ReferralNotStarted
    ) -> Pathway:
        if p.referral is None or p.referral.referral_id != d.referral_id:
            raise Refused(Reason(ReasonCode.EVENT_NOT_ALLOWED, "other-referral"))
        reason = None if isinstance(d, ev.ReferralAccepted) else d.reason.value
        return replace(p, referral=replace(p.referral, status=status, end_reason=reason, changed_at=e.occurred_at))

    return handler


def _sequence_started(p: Pathway, _e: ev.Event, d: ev.SequenceStarted) -> Pathway:
    return replace(p, sequences=(*p.sequences, Sequence(d.rank, d.start, d.planned_end)))


def _sequence_changed(p: Pathway, rank: int, **changes: Any) -> Pathway:
    return replace(p, sequences=tuple(replace(s, **changes) if s.rank == rank else s for s in p.sequences))


def _sequence_finished(p: Pathway, _e: ev.Event, d: ev.SequenceFinished) -> Pathway:
    return _sequence_changed(p, d.rank, end=d.end, interrupted=d.interrupted)


def _sequence_billed(p: Pathway, _e: ev.Event, d: ev.SequenceBilled) -> Pathway:
    return _sequence_changed(p, d.rank, claim_id=d.claim_id)


def _exited(p: Pathway, _e: ev.Event, d: ev.PathwayExited) -> Pathway:
    return replace(p, exit_reason=d.reason)


# Events without a handler move the state only; contacts and reviews are read from the history by their own views.
_HANDLERS: dict[type, Callable[[Pathway, ev.Event, Any], Pathway]] = {
    ev.PatientIdentified: _identified,
    ev.ScreeningRecorded: _screened,
    ev.ScreeningCorrected: _corrected,
    ev.SafetyAcknowledged: _acknowledged,
    ev.ConsentRecorded: _consented,
    ev.EligibilityChecked: _checked,
    ev.PatientReferred: _referred,
    ev.ReferralAccepted: _referral_moved(ReferralStatus.ACCEPTED),
    ev.ReferralWithdrawn: _referral_moved(ReferralStatus.WITHDRAWN),
    ev.ReferralNotStarted: _referral_moved(ReferralStatus.NOT_STARTED),
    ev.SequenceStarted: _sequence_started,
    ev.SequenceFinished: _sequence_finished,
    ev.SequenceBilled: _sequence_billed,
    ev.PathwayExited: _exited,
}
