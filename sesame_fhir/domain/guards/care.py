"""Guards of the assessment, the plan, contacts and messages. Sources: domain page, steps 4 to 7."""

import re
from collections.abc import Mapping
from datetime import timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import CLINICIANS, Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.consents import AGAINST
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting, blank, refused, without_agreement
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import INTERRUPTED, State, event_name

LONGEST_CONTACT = 480
"""Minutes: a working day. A longer contact is a slip of the keyboard."""

_FARTHEST = timedelta(days=366)
_LONGEST_RHYTHM = 366
_CODES = {
    ev.ProblemSystem.ICPC_2: re.compile(r"[A-Z]\d{2}"),
    ev.ProblemSystem.ICD_10: re.compile(r"[A-Z]\d{2}(\.?[0-9A-Z]{1,4})?"),
}


def _assessment(p: Pathway, d: ev.AssessmentRecorded, _s: Setting) -> Reasons:
    return (*without_agreement(p), *(() if d.problem is None else _problem(d.problem)))


def _problem(problem: ev.Problem) -> Reasons:
    if blank(problem.text):
        return refused(ReasonCode.TEXT_REQUIRED, "problem")
    if problem.code is None:
        return ()
    form = None if problem.system is None else _CODES[problem.system]
    return refused(
        ReasonCode.VALUE_OUT_OF_RANGE, "problem-code", when=form is None or form.fullmatch(problem.code) is None
    )


def _team(_p: Pathway, d: ev.CareTeamChanged, _s: Setting) -> Reasons:
    roles = {m.role for m in d.members}
    return (
        *(
            r
            for role in (Role.NURSE, Role.GP)
            for r in refused(ReasonCode.CARE_TEAM_INCOMPLETE, role.value, when=role not in roles)
        ),
        *refused(ReasonCode.TEXT_REQUIRED, "name", when=any(blank(m.name) for m in d.members)),
    )


def _plan(p: Pathway, d: ev.PlanRecorded, s: Setting) -> Reasons:
    rhythms = [a.every_days for a in d.activities if a.every_days is not None]
    return (
        *without_agreement(p),
        *refused(ReasonCode.GOAL_REQUIRED, when=not d.goals or any(blank(g.text) for g in d.goals)),
        *refused(ReasonCode.ACTIVITY_REQUIRED, when=not d.activities),
        *(r for goal in d.goals for r in _goal(goal, s)),
        *refused(
            ReasonCode.VALUE_OUT_OF_RANGE, "rhythm", when=any(not 1 <= days <= _LONGEST_RHYTHM for days in rhythms)
        ),
    )


def _goal(goal: ev.Goal, s: Setting) -> Reasons:
    wrong = False
    if goal.target is not None:
        wrong = goal.instrument is None or not 0 <= goal.target <= INSTRUMENTS[goal.instrument].maximum
    active = goal.status is ev.GoalStatus.ACTIVE
    return (
        *refused(ReasonCode.VALUE_OUT_OF_RANGE, "target", when=wrong),
        *refused(ReasonCode.PLANNED_IN_PAST, "goal", when=active and goal.due is not None and goal.due < s.today),
    )


def _relapse_plan(_p: Pathway, d: ev.RelapsePlanWritten, _s: Setting) -> Reasons:
    return (
        *refused(ReasonCode.TEXT_REQUIRED, "helps", when=all(map(blank, d.helps))),
        *refused(ReasonCode.TEXT_REQUIRED, "warning-signs", when=all(map(blank, d.warning_signs))),
        *refused(ReasonCode.TEXT_REQUIRED, "who-to-call", when=all(blank(h.name) for h in d.who_to_call)),
    )


def _planned(p: Pathway, d: ev.ContactPlanned, s: Setting) -> Reasons:
    return (
        *without_agreement(p),
        *refused(ReasonCode.CONTACT_ID_TAKEN, when=p.contact(d.contact_id) is not None),
        *_plausible(d, s),
    )


def _plausible(d: ev.ContactPlanned | ev.ContactMoved, s: Setting) -> Reasons:
    return (
        *refused(ReasonCode.PLANNED_IN_PAST, when=local_day(d.planned_at) < s.today),
        *refused(ReasonCode.VALUE_OUT_OF_RANGE, "planned-at", when=d.planned_at > s.occurred_at + _FARTHEST),
    )


def _still_planned(p: Pathway, contact_id: str) -> Reasons:
    known = p.contact(contact_id)
    if known is None:
        return refused(ReasonCode.NO_SUCH_CONTACT)
    closed = known.status is not ev.ContactStatus.PLANNED
    return refused(ReasonCode.CONTACT_ALREADY_CLOSED, known.status.value, when=closed)


def _moved(p: Pathway, d: ev.ContactMoved, s: Setting) -> Reasons:
    return (*_still_planned(p, d.contact_id), *_plausible(d, s))


def _cancelled(p: Pathway, d: ev.ContactCancelled, _s: Setting) -> Reasons:
    return _still_planned(p, d.contact_id)


def _held(p: Pathway, d: ev.ContactHeld, s: Setting) -> Reasons:
    known = p.contact(d.contact_id)
    missing = next((i for i in d.screenings if p.screening(i) is None), None)
    return (
        *(() if known is None else _still_planned(p, d.contact_id)),
        *_after_the_end(p, d, s),
        *_duration(d.minutes),
        *refused(ReasonCode.NO_SUCH_SCREENING, missing, when=missing is not None),
    )


def _duration(minutes: int) -> Reasons:
    return refused(ReasonCode.DURATION_OUT_OF_RANGE, f"1-{LONGEST_CONTACT}", when=not 1 <= minutes <= LONGEST_CONTACT)


def _missed(p: Pathway, d: ev.ContactMissed, s: Setting) -> Reasons:
    known = p.contact(d.contact_id)
    if known is None:
        return _after_the_end(p, d, s)
    to_come = known.planned_at is not None and local_day(known.planned_at) > s.today
    return (
        *_still_planned(p, d.contact_id),
        *_after_the_end(p, d, s),
        *refused(ReasonCode.DATE_IN_FUTURE, "planned-at", when=to_come),
    )


def _after_the_end(p: Pathway, d: ev.ContactHeld | ev.ContactMissed, s: Setting) -> Reasons:
    """A contact from before the suspension or the exit is noted late rather than lost; none takes place after it."""
    if p.state not in INTERRUPTED | {State.EXITED} or s.today <= local_day(p.state_since[-1][1]):
        return ()
    return refused(ReasonCode.EVENT_NOT_ALLOWED, f"{p.state.value}/{event_name(d)}")


def _correction(p: Pathway, d: ev.ContactCorrected, _s: Setting) -> Reasons:
    known = p.contact(d.contact_id)
    if known is None:
        return refused(ReasonCode.NO_SUCH_CONTACT)
    held = known.status is ev.ContactStatus.HELD
    return (*refused(ReasonCode.CONTACT_NOT_HELD, known.status.value, when=not held), *_duration(d.minutes))


def _message(p: Pathway, d: ev.MessageSent, _s: Setting) -> Reasons:
    unread = d.to is not None and d.to not in CLINICIANS
    return (
        *refused(ReasonCode.PATIENT_REFUSED, when=p.consent(ev.ConsentPurpose.CARE_TEAM) in AGAINST),
        *refused(ReasonCode.TEXT_REQUIRED, "message", when=blank(d.text)),
        *refused(ReasonCode.ROLE_NOT_ALLOWED, "read-message", when=unread),
    )


def _reading(p: Pathway, d: ev.MessageRead, _s: Setting) -> Reasons:
    return refused(ReasonCode.NO_SUCH_MESSAGE, when=all(m.message_id != d.message_id for m in p.messages))


GUARDS: Mapping[type, Guard] = {
    ev.AssessmentRecorded: _assessment,
    ev.CareTeamChanged: _team,
    ev.PlanRecorded: _plan,
    ev.RelapsePlanWritten: _relapse_plan,
    ev.ContactPlanned: _planned,
    ev.ContactMoved: _moved,
    ev.ContactCancelled: _cancelled,
    ev.ContactHeld: _held,
    ev.ContactCorrected: _correction,
    ev.ContactMissed: _missed,
    ev.MessageSent: _message,
    ev.MessageRead: _reading,
}
