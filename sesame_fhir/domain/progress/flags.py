"""Flags of one pathway: which rules speak in which state, and what they say.

There is no clock: each flag carries the day from which it is true as far as is known now, so that a list can be stored
once and read on any later day. ``policy.interpretation`` switches all of it off; the panel of item 9 and its
acknowledgement do not depend on it (``Pathway.unacknowledged``).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress import decisions, measures, rhythm
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.progress.rhythm import next_contact_due
from sesame_fhir.domain.progress.trajectory import Trajectory, trajectory
from sesame_fhir.domain.transitions import FOLLOWED, IN_CARE, State

__all__ = ["STATES", "attention_on", "flags", "next_contact_due"]

_CARE = frozenset({State.CARE})
_REFERRED = frozenset({State.REFERRED})
_UNDER_WAY = IN_CARE | {State.ASSESSMENT}

STATES: Mapping[Rule, frozenset[State]] = {
    Rule.SUICIDE_RISK: frozenset(State) - {State.NEW, State.MERGED},
    Rule.CONSENT_WITHDRAWN: FOLLOWED | _REFERRED,
    Rule.WORSENING: IN_CARE,
    Rule.NO_IMPROVEMENT: _CARE,
    Rule.REFERRAL_WAITING: _REFERRED,
    Rule.CONTACT_OVERDUE: _UNDER_WAY,
    Rule.FIRST_FOLLOW_UP_LATE: IN_CARE,
    Rule.REVIEW_DUE: _UNDER_WAY,
    Rule.ADVICE_WAITING: _UNDER_WAY,
    Rule.SEQUENCE_ENDING: IN_CARE,
    Rule.MEASURE_DUE: IN_CARE,
    Rule.READY_FOR_RELAPSE_PREVENTION: _CARE,
    Rule.RESPONSE: IN_CARE,
    Rule.REMISSION: IN_CARE,
}
"""In which states each rule speaks, the most pressing first. Suspended or closed: item 9 and a withdrawal only."""

_RULES: Mapping[Rule, Callable[[Pathway, PathwayPolicy], Flag | None]] = {
    Rule.SUICIDE_RISK: decisions.suicide_risk,
    Rule.CONSENT_WITHDRAWN: decisions.consent_withdrawn,
    Rule.REFERRAL_WAITING: rhythm.referral_waiting,
    Rule.CONTACT_OVERDUE: rhythm.contact_overdue,
    Rule.FIRST_FOLLOW_UP_LATE: rhythm.first_follow_up_late,
    Rule.REVIEW_DUE: decisions.review_due,
    Rule.ADVICE_WAITING: decisions.advice_waiting,
    Rule.SEQUENCE_ENDING: decisions.sequence_ending,
}
_MEASURES: Mapping[Rule, Callable[[Pathway, PathwayPolicy, Trajectory | None], Flag | None]] = {
    Rule.WORSENING: measures.worsening,
    Rule.NO_IMPROVEMENT: measures.no_improvement,
    Rule.MEASURE_DUE: measures.measure_due,
    Rule.READY_FOR_RELAPSE_PREVENTION: measures.ready_for_relapse_prevention,
    Rule.RESPONSE: measures.response,
    Rule.REMISSION: measures.remission,
}


def flags(pathway: Pathway, policy: PathwayPolicy) -> tuple[Flag, ...]:
    """Every flag that stands or will stand if nothing happens, the most pressing rule first; none when switched off."""
    if not policy.interpretation:
        return ()
    course = trajectory(pathway, InstrumentId.PHQ_9) if pathway.state in IN_CARE else None
    found = (
        _MEASURES[rule](pathway, policy, course) if rule in _MEASURES else _RULES[rule](pathway, policy)
        for rule, states in STATES.items()
        if pathway.state in states
    )
    return tuple(flag for flag in found if flag is not None)


def attention_on(raised: Iterable[Flag]) -> date | None:
    """First day on which a flag asks somebody to act; None when none will."""
    return min((flag.since for flag in raised if flag.attention), default=None)
