"""What an event needs beyond the state: each guard returns the coded reasons that stand against it.

``refusals`` is the whole decision: the table first, then time, then the event's own guard.
"""

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.guards import billing, care, course, kept, referral, review, screening
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting
from sesame_fhir.domain.guards.time import implausible
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason
from sesame_fhir.domain.transitions import next_state

__all__ = ["Setting", "refusals"]

_GUARDS: dict[type, Guard] = {
    **screening.GUARDS,
    **referral.GUARDS,
    **care.GUARDS,
    **review.GUARDS,
    **course.GUARDS,
    **billing.GUARDS,
    **kept.GUARDS,
}


def refusals(pathway: Pathway, data: ev.Payload, setting: Setting) -> Reasons:
    """Every reason why ``data`` may not happen to ``pathway``; empty when it may."""
    target = next_state(pathway.state, data)
    if isinstance(target, Reason):
        return (target,)
    guard = _GUARDS.get(type(data))
    own = () if guard is None else guard(pathway, data, setting)
    return (*implausible(pathway, data, setting), *own)
