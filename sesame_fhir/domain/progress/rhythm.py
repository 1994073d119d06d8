"""Rules on the rhythm of contacts, and on referrals that wait. Sources: ``progress.rules``."""

from datetime import date, timedelta

from sesame_fhir.domain.calendar import local_day, next_contact_day
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.transitions import IN_CARE, State

_DAY = timedelta(days=1)


def next_contact_due(pathway: Pathway, policy: PathwayPolicy) -> date | None:
    """Day by which the nurse's next contact is due, planned or not; None when none is due (before, after, suspended).

    Counted from what came last: the last contact held, the initial assessment, the acceptance, a resumption.
    """
    return _due(pathway, policy) if pathway.state in IN_CARE | {State.ASSESSMENT} else None


def _due(pathway: Pathway, policy: PathwayPolicy) -> date:
    moments = [at for state, at in pathway.state_since if state is State.ASSESSMENT]
    moments += [pathway.assessment.at] if pathway.assessment else []
    moments += [contact.at for contact in pathway.held_contacts if contact.at]
    moments += [pause.until for pause in pathway.interruptions if pause.until]
    last = local_day(max(moments))
    return next_contact_day(last, monthly=pathway.state is State.RELAPSE_PREVENTION, policy=policy)


def contact_overdue(pathway: Pathway, policy: PathwayPolicy) -> Flag:
    """Some days after a contact was due; or after one was planned of which nothing is noted."""
    planned = [local_day(c.planned_at) for c in pathway.planned_contacts if c.planned_at]
    first = min([_due(pathway, policy), *planned])
    return Flag(Rule.CONTACT_OVERDUE, first + timedelta(days=policy.overdue_days) + _DAY, detail=first.isoformat())


def first_follow_up_late(pathway: Pathway, policy: PathwayPolicy) -> Flag | None:
    """From four weeks after the initial assessment on, while no contact has followed it."""
    began = pathway.since(State.CARE)
    if began is None or any(c.at and local_day(c.at) > local_day(began) for c in pathway.held_contacts):
        return None
    last_day = local_day(began) + timedelta(weeks=policy.first_contact_weeks)
    return Flag(Rule.FIRST_FOLLOW_UP_LATE, last_day + _DAY, detail=local_day(began).isoformat())


def referral_waiting(pathway: Pathway, _policy: PathwayPolicy) -> Flag | None:
    """From the day of the referral on, until the nurse has taken or ended it."""
    referral = pathway.referral
    return (
        Flag(Rule.REFERRAL_WAITING, local_day(referral.referred_at), detail=str(len(pathway.calls)))
        if referral
        else None
    )
