"""Guards of time: no event from the future, none of care before the referral, no clock that went back.

A contact may be written down days later, so an event may lie before the ones already recorded; only what cannot be true
is refused.
"""

from datetime import datetime, timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.guards.setting import Reasons, Setting, refused
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import next_state

_BEFORE_THE_PATHWAY = (
    ev.PatientIdentified,
    ev.ScreeningRecorded,
    ev.TotalRecorded,
    ev.ConsentRecorded,
    ev.ElementsKept,
)
# A form filled in before the visit, or a consent signed on paper, may be older than the pathway that it is written to.

_OF_CARE = (
    ev.CallAttempted,
    ev.ReferralAccepted,
    ev.ReferralNotStarted,
    ev.AssessmentRecorded,
    ev.ContactHeld,
    ev.ContactMissed,
    ev.CaseReviewed,
    ev.PhaseChanged,
    ev.PathwayInterrupted,
    ev.PathwayResumed,
    ev.PathwayExited,
)


def implausible(p: Pathway, data: ev.Payload, s: Setting) -> Reasons:
    """Every reason why the event cannot have happened at that time."""
    tolerance = timedelta(minutes=s.policy.clock_minutes)
    back = p.updated_at is not None and s.recorded_at < p.updated_at - tolerance
    return (
        *refused(ReasonCode.DATE_IN_FUTURE, when=s.occurred_at > s.recorded_at + tolerance),
        *refused(ReasonCode.CLOCK_WENT_BACK, when=back),
        *refused(ReasonCode.BEFORE_LAST_STEP, when=_moves_back(p, data, s.occurred_at + tolerance)),
        *_too_early(p, data, s),
    )


def _moves_back(p: Pathway, data: ev.Payload, latest: datetime) -> bool:
    """A patient leaves a state after having come to it; an older form may still bring one back to screening."""
    if isinstance(data, _BEFORE_THE_PATHWAY):
        return False
    return bool(p.state_since) and next_state(p.state, data) is not p.state and latest < p.state_since[-1][1]


def _too_early(p: Pathway, data: ev.Payload, s: Setting) -> Reasons:
    if isinstance(data, _OF_CARE) and p.referral is not None:
        return refused(ReasonCode.BEFORE_REFERRAL, when=s.today < local_day(p.referral.referred_at))
    if isinstance(data, _BEFORE_THE_PATHWAY) or p.opened_at is None:
        return ()
    return refused(ReasonCode.BEFORE_OPENING, when=s.today < local_day(p.opened_at))
