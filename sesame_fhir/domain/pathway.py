"""A pathway: the state that its events fold into (``domain.evolution``).

Everything shown, published or billed is derived from this state or from the events themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.care import Assessment, Call, Consent, Contact, LicensedTotal, Message, PlanOfCare, RelapsePlan
from sesame_fhir.domain.course import Exit, Interruption, Renewal, Sequence, Stay
from sesame_fhir.domain.ids import PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.reviews import Advice, Discussion, Review
from sesame_fhir.domain.transitions import State


@dataclass(frozen=True, slots=True)
class Screening:
    """One completed instrument, as last corrected; ``authored`` is the time of the answers that stand.

    ``first_authored`` is the time of the first answers, once they were corrected.
    """

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
    first_authored: datetime | None = None

    @property
    def taken_at(self) -> datetime:
        """When the patient answered: a correction does not move the measure in time."""
        return self.first_authored or self.authored

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
    """The latest referral, GP -> nurse.

    ``medications`` are those the EHR's record named when the patient was referred; ``end_note`` goes to the GP.
    """

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
    end_note: str | None = None
    medications: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pathway:
    """State of one pathway after ``version`` events (0 for one not begun).

    ``site`` is the first event's, until a transfer; an event's own site is where it was recorded. ``stays``: where it
    stood, since when. ``consents``: what the patient last said; ``consent_history``: all of it, oldest first.
    ``previous`` is the pathway that the same patient left before; ``aliases`` are the records of absorbed pathways.
    ``kept`` maps a published ``Type/id`` to the JSON object of what another system wrote beside it (see
    ``events.ElementsKept``). It has no slots: ``evolution.altered`` copies it as a whole.
    """

    pathway_id: PathwayId
    state: State = State.NEW
    version: int = 0
    site: SiteId | None = None
    opened_at: datetime | None = None
    updated_at: datetime | None = None
    traits: ev.PatientTraits | None = None
    ehr: ev.EhrBinding | None = None
    previous: PathwayId | None = None
    screenings: tuple[Screening, ...] = ()
    totals: tuple[LicensedTotal, ...] = ()
    consents: Mapping[ev.ConsentPurpose, Consent] = field(default_factory=dict)
    eligibility: ev.EligibilityChecked | None = None
    referral: Referral | None = None
    calls: tuple[Call, ...] = ()
    team: tuple[ev.TeamMember, ...] = ()
    assessment: Assessment | None = None
    plan: PlanOfCare | None = None
    relapse_plan: RelapsePlan | None = None
    contacts: tuple[Contact, ...] = ()
    discussion: Discussion | None = None
    reviews: tuple[Review, ...] = ()
    messages: tuple[Message, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    renewal: Renewal | None = None
    interruptions: tuple[Interruption, ...] = ()
    exit: Exit | None = None
    aliases: tuple[ev.EhrBinding, ...] = ()
    absorbed: tuple[PathwayId, ...] = ()
    merged_into: PathwayId | None = None
    state_since: tuple[tuple[State, datetime], ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    coverage: ev.CoverageRecorded | None = None
    claims: tuple[Claim, ...] = ()
    consent_history: Mapping[ev.ConsentPurpose, tuple[Consent, ...]] = field(default_factory=dict)
    stays: tuple[Stay, ...] = ()

    def screening(self, screening_id: ScreeningId) -> Screening | None:
        """Find a screening by its id."""
        return next((s for s in self.screenings if s.screening_id == screening_id), None)

    def last_screening(self, instrument: InstrumentId) -> Screening | None:
        """The most recent screening with one instrument."""
        return next((s for s in reversed(self.screenings) if s.instrument is instrument), None)

    def contact(self, contact_id: str) -> Contact | None:
        """Find a contact by its id."""
        return next((c for c in self.contacts if c.contact_id == contact_id), None)

    def claim(self, claim_id: str) -> Claim | None:
        """Find a claim by its id."""
        return next((c for c in self.claims if c.claim_id == claim_id), None)

    def advice(self, recommendation_id: str) -> Advice | None:
        """Find a recommendation by its id."""
        every = (a for review in self.reviews for a in review.advice)
        return next((a for a in every if a.data.recommendation_id == recommendation_id), None)

    def consent(self, purpose: ev.ConsentPurpose) -> ev.ConsentStatus | None:
        """What the patient last said for one purpose, None when not asked."""
        found = self.consents.get(purpose)
        return None if found is None else found.status

    def member(self, role: Role) -> ev.TeamMember | None:
        """The first member of the care team with this role."""
        return next((m for m in self.team if m.role is role), None)

    def on_team(self, actor: Actor) -> bool:
        """True when this person is on the care team."""
        return any(m.actor_id == actor.actor_id for m in self.team)

    @property
    def open_sequence(self) -> Sequence | None:
        """The running sequence, if any."""
        return next((s for s in self.sequences if s.end is None), None)

    @property
    def unacknowledged(self) -> tuple[Screening, ...]:
        """Screenings whose suicide-risk flag waits for a named clinician."""
        return tuple(s for s in self.screenings if s.needs_acknowledgement)

    @property
    def planned_contacts(self) -> tuple[Contact, ...]:
        """Contacts still to come, soonest first."""
        return _by_time(c for c in self.contacts if c.status is ev.ContactStatus.PLANNED)

    @property
    def held_contacts(self) -> tuple[Contact, ...]:
        """Contacts that took place, in the order they took place."""
        return _by_time(c for c in self.contacts if c.status is ev.ContactStatus.HELD)

    @property
    def waiting_advice(self) -> tuple[Advice, ...]:
        """Recommendations that wait for the GP's decision, oldest first."""
        return tuple(a for review in self.reviews for a in review.advice if a.waits)

    def since(self, *states: State) -> datetime | None:
        """When the pathway first came to one of these states."""
        return next((at for state, at in self.state_since if state in states), None)


def _by_time(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    timed = [(c.when, c) for c in contacts if c.when is not None]
    return tuple(c for _, c in sorted(timed, key=lambda pair: pair[0]))
