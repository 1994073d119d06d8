"""One synthetic life, lived through the real use cases from the GP's PHQ-2 to the exit."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.calendar import PRACTICE_ZONE, local_day
from sesame_fhir.domain.ids import CommandId, PathwayId, ReferralId, ScreeningId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services import care, contacts, course, referral, screening, team_referral
from sesame_fhir.services.cohort import scores
from sesame_fhir.services.cohort.draw import Profile
from sesame_fhir.services.cohort.people import SiteStaff
from sesame_fhir.services.cohort.stage import Recorder, SetClock
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.screening import PatientContext, RecordScreening


@dataclass(slots=True)
class Life:
    """A person on the stage: who cares for them, what has been decided for them, and the pathway so far."""

    profile: Profile
    patient: PatientContext
    staff: SiteStaff
    chance: random.Random
    engine: Engine
    clock: SetClock
    recorder: Recorder
    today: date
    gp: Actor
    nurse: Actor
    psychiatrist: Actor
    first: int = 0
    last: int = 0
    pathway: Pathway = field(default_factory=lambda: Pathway(PathwayId("")))

    def command(self, actor: Actor, at: datetime) -> Command:
        """A command of this person's care, recorded two minutes after it happened, or after what was recorded last."""
        self.clock.at = max(at + timedelta(minutes=2), self.clock.at)
        return Command(CommandId(self.engine.ids.new()), actor, self.staff.site, at)

    def past(self, at: datetime) -> bool:
        """True for what has happened by today."""
        return local_day(at) <= self.today

    def at(self, day: date, *, hour: int | None = None) -> datetime:
        """A working time on this day, or on the Monday after it."""
        day += timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)  # noqa: PLR2004  Friday
        clock = time(
            hour if hour is not None else self.chance.randint(9, 17), self.chance.choice((0, 10, 20, 30, 40, 50))
        )
        return datetime.combine(day, clock, tzinfo=PRACTICE_ZONE)

    def answered(self, instrument: InstrumentId, total: int, *, safety: bool = False) -> RecordScreening:
        """A completed instrument with this total."""
        given = scores.answers(instrument, total, self.chance, safety=safety)
        return RecordScreening(ScreeningId(self.engine.ids.new()), instrument, given)


def refer(life: Life) -> bool:
    """Screen and refer; False when the person is still to be called by the nurse today."""
    at = life.at(life.profile.referred_on)
    total = life.chance.randint(3, 6)
    first = life.answered(InstrumentId.PHQ_2, total)
    life.pathway = screening.record_screening(life.engine, life.command(life.gp, at), life.patient, first)
    criteria = referral.Criteria(psychiatric_follow_up=False, masters_french=True, common_mental_disorder=True)
    after = at + timedelta(minutes=3)
    key = life.pathway.pathway_id
    given = ev.ConsentStatus.GIVEN
    life.pathway = referral.confirm_eligibility(life.engine, life.command(life.gp, after), key, criteria, given)
    request = referral.ReferralRequest(ReferralId(life.engine.ids.new()))
    life.pathway = referral.refer(life.engine, life.command(life.gp, after + timedelta(minutes=1)), key, request)
    return not life.profile.waiting


def call(life: Life, day: date) -> date:
    """Unanswered calls; returns the day of the last one."""
    unreachable = life.profile.end == ev.ReferralEnd.UNREACHABLE
    calls = life.engine.policy.call_attempts if unreachable else life.chance.choice((0, 0, 1, 1, 2))
    for _ in range(calls):
        at = life.at(day)
        if not life.past(at):
            return day
        result = life.chance.choice((ev.CallResult.NO_ANSWER, ev.CallResult.LEFT_MESSAGE))
        command = life.command(life.nurse, at)
        life.pathway = team_referral.record_call(life.engine, command, life.pathway.pathway_id, result)
        day = local_day(at) + timedelta(days=life.chance.randint(1, 3))
    return day


def end_referral(life: Life, day: date) -> None:
    """The referral ends without care."""
    reason = ev.ReferralEnd(str(life.profile.end))
    note = "Ne relève pas d'un suivi SÉSAME." if reason is ev.ReferralEnd.NOT_ELIGIBLE else None
    at = life.at(day)
    if life.past(at):
        command = life.command(life.nurse, at)
        life.pathway = team_referral.end_referral(life.engine, command, life.pathway.pathway_id, reason, note)


def begin(life: Life, day: date) -> datetime | None:
    """Accept, assess, plan; returns when, None when that is still to come."""
    at = life.at(day)
    if not life.past(at):
        return None
    key, engine = life.pathway.pathway_id, life.engine
    team_referral.accept_referral(engine, life.command(life.nurse, at), key)
    life.first = scores.first_phq9(life.chance, moderate=life.profile.moderate)
    life.last = scores.last_phq9(life.chance, life.first, life.profile.course)
    _measure_first(life, at + timedelta(minutes=5))
    _consents(life, at + timedelta(minutes=12))
    assessed = at + timedelta(minutes=45)
    met = contacts.HoldContact(engine.ids.new(), ev.ContactMode.ON_SITE, 45, ev.ContactTask.ASSESSMENT)
    contacts.hold_contact(engine, life.command(life.nurse, assessed), key, met)
    assessment = ev.AssessmentRecorded(
        history="Épisode actuel depuis quelques mois.",
        social_situation="En activité, entouré.",
        preferences="Préfère être appelé en fin de journée.",
        patient_goals=("Retrouver le sommeil", "Reprendre le sport"),
    )
    care.record_assessment(engine, life.command(life.nurse, assessed), key, assessment)
    _plan(life, assessed + timedelta(minutes=5))
    life.pathway = engine.load(key)
    return assessed


def _measure_first(life: Life, at: datetime) -> None:
    key = life.pathway.pathway_id
    phq9 = life.answered(InstrumentId.PHQ_9, life.first, safety=life.profile.ideation)
    screening.record_for(life.engine, life.command(life.nurse, at), key, phq9)
    if life.profile.ideation:
        command = life.command(life.nurse, at + timedelta(minutes=3))
        screening.acknowledge_safety(life.engine, command, key, phq9.screening_id, ev.SafetyAction.SAFETY_PLAN)
    gad7 = life.answered(InstrumentId.GAD_7, min(21, max(3, life.first - life.chance.randint(0, 4))))
    screening.record_for(life.engine, life.command(life.nurse, at + timedelta(minutes=5)), key, gad7)


def _consents(life: Life, at: datetime) -> None:
    opposed = life.chance.random() < 0.03  # noqa: PLR2004  own choice
    given, refused = ev.ConsentStatus.GIVEN, ev.ConsentStatus.REFUSED
    said = {
        ev.ConsentPurpose.EVALUATION: ev.ConsentStatus.OPPOSED if opposed else ev.ConsentStatus.INFORMED,
        ev.ConsentPurpose.RESEARCH: given if life.profile.research else refused,
        ev.ConsentPurpose.SURVEY: given,
    }
    for minutes, (purpose, status) in enumerate(said.items()):
        command = life.command(life.nurse, at + timedelta(minutes=minutes))
        care.record_consent(life.engine, command, life.pathway.pathway_id, purpose, status)


def _plan(life: Life, at: datetime) -> None:
    key = life.pathway.pathway_id
    members = (*life.engine.load(key).team, _member(life.psychiatrist))
    care.change_care_team(life.engine, life.command(life.nurse, at), key, members)
    goal = ev.Goal(life.engine.ids.new(), "Retrouver le sommeil", InstrumentId.PHQ_9, 4)
    activities = (
        ev.Activity(ev.ActivityKind.CONTACTS, every_days=life.engine.policy.care_days),
        ev.Activity(ev.ActivityKind.INSTRUMENTS, "PHQ-9", every_days=life.engine.policy.care_days * 2),
        ev.Activity(life.chance.choice((ev.ActivityKind.PSYCHOEDUCATION, ev.ActivityKind.BEHAVIOURAL_ACTIVATION))),
    )
    plan = ev.PlanRecorded(life.engine.ids.new(), (goal,), activities)
    care.record_plan(life.engine, life.command(life.nurse, at + timedelta(minutes=2)), key, plan)


def _member(actor: Actor) -> ev.TeamMember:
    return ev.TeamMember(actor.actor_id, actor.name, actor.role, actor.rpps)


def leave(life: Life, at: datetime) -> None:
    """The exit that was dealt out."""
    reason = ev.ExitReason(str(life.profile.exit))
    oriented = reason is ev.ExitReason.SPECIALISED_CARE
    left = ev.PathwayExited(
        reason,
        orientation=ev.Orientation.PSYCHIATRY if oriented else ev.Orientation.NONE,
        survey=reason not in {ev.ExitReason.LOST_TO_FOLLOW_UP, ev.ExitReason.MOVED_AWAY},
    )
    key = life.pathway.pathway_id
    life.pathway = course.exit_pathway(life.engine, life.command(life.nurse, at), key, left)
    answered = at + timedelta(days=life.chance.randint(5, 20))
    if left.survey and life.profile.survey_answered and life.past(answered):
        command = life.command(life.nurse, answered)
        life.pathway = course.record_survey(life.engine, command, key, life.chance.choice((6, 7, 8, 8, 9, 9, 10)))
