"""Patients for the team's pages: pathways lived through the use cases, one verb per thing that somebody does."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.ids import CommandId, PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services import care, contacts, course, referral, review, screening, team_referral
from sesame_fhir.services.contacts import HoldContact, NextContact
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.screening import PatientContext, RecordScreening
from tests.support.fakes import HandClock
from tests.support.story import BINDING, SITE, TRAITS, answered
from tests.support.team_pages import MEMBERS, Team

CRITERIA = referral.Criteria(psychiatric_follow_up=False, masters_french=True, common_mental_disorder=True)
FAMILIES = ("ARTIFICIEL", "BIDON", "CHIMERE", "DUMMY", "ESSAI", "FACTICE", "GABARIT", "HYPOTHESE", "IMAGINE", "JOUET")
GIVEN = ("Alix", "Basile", "Céleste", "Denis", "Élodie", "Farid", "Gaëlle", "Hugo", "Inès", "Jules")


def traits_of(number: int) -> ev.PatientTraits:
    """The patient with this number: an invented name, no INS; the first is the stories' own patient."""
    if number == 0:
        return TRAITS
    tens, ones = divmod(number, 10)
    family = FAMILIES[ones] if tens == 0 else f"{FAMILIES[ones]}-{tens}"
    return replace(TRAITS, family=family, given=GIVEN[(number * 7) % 10], birth_date=date(1960 + ones, 5, 4), ins=None)


def acting(role: Role) -> Actor:
    """The person whom ``team_pages`` signs in with this role."""
    return MEMBERS[role].actor


@dataclass
class Case:
    """One patient's pathway. Every verb happens now, on the hand-set clock, and is done by whom it is usual for."""

    engine: Engine
    clock: HandClock
    pathway_id: PathwayId
    site: SiteId = SITE

    @property
    def pathway(self) -> Pathway:
        return self.engine.load(self.pathway_id)

    def new_id(self) -> str:
        return self.engine.ids.new()

    def command(self, role: Role) -> Command:
        return Command(CommandId(self.new_id()), acting(role), self.site, self.clock.now())

    def later(self, **by: float) -> "Case":
        """Let time go by, for everybody."""
        self.clock.move(**by)
        return self

    def screen(self, weights: str, instrument: InstrumentId = InstrumentId.PHQ_9, by: Role = Role.NURSE) -> "Case":
        done = RecordScreening(ScreeningId(self.new_id()), instrument, answered(instrument, weights))
        screening.record_for(self.engine, self.command(by), self.pathway_id, done)
        return self

    def acknowledge(self) -> "Case":
        """Say what was done about every suicide-risk flag that waits."""
        for waiting in self.pathway.unacknowledged:
            action = ev.SafetyAction.ASSESSED_NO_IMMEDIATE_RISK
            command = self.command(Role.NURSE)
            screening.acknowledge_safety(self.engine, command, self.pathway_id, waiting.screening_id, action)
        return self

    def refer(self) -> "Case":
        command, given = self.command(Role.GP), ev.ConsentStatus.GIVEN
        referral.confirm_eligibility(self.engine, command, self.pathway_id, CRITERIA, given)
        asked = referral.ReferralRequest(ReferralId(self.new_id()))
        referral.refer(self.engine, self.command(Role.GP), self.pathway_id, asked)
        return self

    def call(self, result: ev.CallResult = ev.CallResult.NO_ANSWER) -> "Case":
        team_referral.record_call(self.engine, self.command(Role.NURSE), self.pathway_id, result)
        return self

    def accept(self) -> "Case":
        team_referral.accept_referral(self.engine, self.command(Role.NURSE), self.pathway_id)
        return self

    def decline(self, reason: ev.ReferralEnd = ev.ReferralEnd.DECLINED_BY_PATIENT) -> "Case":
        team_referral.end_referral(self.engine, self.command(Role.NURSE), self.pathway_id, reason, "Ne souhaite pas")
        return self

    def join(self, role: Role = Role.PSYCHIATRIST) -> "Case":
        """Put somebody on the care team."""
        actor = acting(role)
        members = (*self.pathway.team, ev.TeamMember(actor.actor_id, actor.name, role, actor.rpps))
        care.change_care_team(self.engine, self.command(Role.NURSE), self.pathway_id, members)
        return self

    def assess(self) -> "Case":
        found = ev.AssessmentRecorded(summary="Épisode actuel depuis trois mois.", patient_goals=("Dormir mieux",))
        care.record_assessment(self.engine, self.command(Role.NURSE), self.pathway_id, found)
        return self

    def plan(self) -> "Case":
        goal = ev.Goal(self.new_id(), "Reprendre la marche le dimanche", InstrumentId.PHQ_9, 4)
        every = ev.Activity(ev.ActivityKind.CONTACTS, every_days=15)
        written = ev.PlanRecorded(self.new_id(), (goal,), (every,))
        care.record_plan(self.engine, self.command(Role.NURSE), self.pathway_id, written)
        return self

    def schedule(self, at: datetime | None = None, mode: ev.ContactMode = ev.ContactMode.PHONE) -> str:
        """Plan a contact, in two weeks unless told; returns its id."""
        planned = NextContact(self.new_id(), at or self.clock.now() + timedelta(days=15), mode)
        contacts.plan_contact(self.engine, self.command(Role.NURSE), self.pathway_id, planned)
        return planned.contact_id

    def hold(self, weights: str | None = None, **fields: str) -> "Case":
        """Hold a contact, with a PHQ-9 when ``weights`` says how it was answered; ``note``, ``private_note``."""
        done = () if weights is None else (RecordScreening(
            ScreeningId(self.new_id()), InstrumentId.PHQ_9, answered(InstrumentId.PHQ_9, weights)
        ),)  # fmt: skip
        planned = self.pathway.planned_contacts
        contact_id = fields.pop("contact_id", None) or (planned[0].contact_id if planned else self.new_id())
        held = HoldContact(contact_id, ev.ContactMode.PHONE, 20, screenings=done, **fields)  # type: ignore[arg-type]
        contacts.hold_contact(self.engine, self.command(Role.NURSE), self.pathway_id, held)
        return self

    def miss(self, contact_id: str) -> "Case":
        contacts.miss_contact(self.engine, self.command(Role.NURSE), self.pathway_id, contact_id)
        return self

    def mark(self) -> "Case":
        review.mark_for_review(self.engine, self.command(Role.NURSE), self.pathway_id)
        return self

    def advise(self, text: str = "Sertraline 50 mg le matin") -> "Case":
        """The psychiatrist, on the care team, signs a review with one recommendation for the GP."""
        advice = ev.Recommendation(self.new_id(), ev.RecommendationKind.MEDICATION, text, "sertraline", "50 mg")
        signed = ev.CaseReviewed(self.new_id(), (advice,), "Épisode modéré, pas de risque immédiat.", minutes=6)
        review.review_case(self.engine, self.command(Role.PSYCHIATRIST), self.pathway_id, signed)
        return self

    def decide(self, fate: ev.RecommendationFate = ev.RecommendationFate.ACCEPTED, reason: str | None = None) -> "Case":
        """The GP answers the oldest recommendation that waits."""
        waiting = self.pathway.waiting_advice[0].data.recommendation_id
        command = self.command(Role.GP)
        review.decide_recommendation(self.engine, command, self.pathway_id, waiting, fate=fate, reason=reason)
        return self

    def write(
        self, text: str = "Le patient reprend le travail lundi.", by: Role = Role.GP, to: Role | None = None
    ) -> "Case":
        """A message to one role, or to the whole care team."""
        review.send_message(self.engine, self.command(by), self.pathway_id, self.new_id(), text=text, to=to)
        return self

    def prevent_relapse(self) -> "Case":
        care.change_phase(self.engine, self.command(Role.NURSE), self.pathway_id, ev.Phase.RELAPSE_PREVENTION)
        return self

    def leave(self, reason: ev.ExitReason = ev.ExitReason.REMISSION) -> "Case":
        course.exit_pathway(self.engine, self.command(Role.NURSE), self.pathway_id, ev.PathwayExited(reason))
        return self


def screened_case(team: Team, number: int = 0, site: SiteId = SITE, weights: str = "33") -> Case:
    """A patient with a first PHQ-2, by the GP."""
    engine, clock = team.deps.engine, team.pages.clock
    patient = PatientContext(traits_of(number), replace(BINDING, patient=f"Patient/team-{number}"))
    done = RecordScreening(ScreeningId(engine.ids.new()), InstrumentId.PHQ_2, answered(InstrumentId.PHQ_2, weights))
    command = Command(CommandId(engine.ids.new()), acting(Role.GP), site, clock.now())
    opened = screening.record_screening(engine, command, patient, done)
    return Case(engine, clock, opened.pathway_id, site)


def referred_case(team: Team, number: int = 0, site: SiteId = SITE) -> Case:
    """A patient whom the GP has just referred."""
    return screened_case(team, number, site).refer()


def followed_case(team: Team, number: int = 0, site: SiteId = SITE) -> Case:
    """A patient in care with a plan: referred, accepted, screened with a PHQ-9 of 18 and assessed today."""
    return referred_case(team, number, site).accept().screen("222222222").acknowledge().assess().plan()
