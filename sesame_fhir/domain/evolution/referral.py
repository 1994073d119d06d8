"""How the referral changes a pathway's state."""

from collections.abc import Mapping
from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.care import Call
from sesame_fhir.domain.evolution.altered import altered
from sesame_fhir.domain.evolution.handler import Handler
from sesame_fhir.domain.pathway import Pathway, Referral, ReferralStatus
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused


def _checked(p: Pathway, _e: ev.Event, d: ev.EligibilityChecked) -> Pathway:
    return altered(p, eligibility=d)


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
        medications=d.medications,
    )
    # Who refers is the GP of the team, unless another role did it on the GP's behalf.
    team = p.team if p.member(Role.GP) or e.actor.role is not Role.GP else (*p.team, member_of(e.actor))
    return altered(p, referral=referral, calls=(), team=team)


def member_of(actor: Actor) -> ev.TeamMember:
    """The actor as a member of the care team."""
    return ev.TeamMember(actor.actor_id, actor.name, actor.role, actor.rpps)


def _referral_moved(status: str) -> Handler:
    def handler(
        p: Pathway, e: ev.Event, d: ev.ReferralAccepted | ev.ReferralWithdrawn | ev.ReferralNotStarted
    ) -> Pathway:
        if p.referral is None or p.referral.referral_id != d.referral_id:
            raise Refused(Reason(ReasonCode.EVENT_NOT_ALLOWED, "other-referral"))
        reason, note = (None, None) if isinstance(d, ev.ReferralAccepted) else (d.reason.value, d.note)
        changed = replace(p.referral, status=status, end_reason=reason, end_note=note, changed_at=e.occurred_at)
        return altered(p, referral=changed)

    return handler


def _accepted(p: Pathway, e: ev.Event, d: ev.ReferralAccepted) -> Pathway:
    moved = _referral_moved(ReferralStatus.ACCEPTED)(p, e, d)
    others = tuple(m for m in moved.team if m.role is not Role.NURSE)
    return altered(moved, team=(*others, member_of(e.actor)))


def _called(p: Pathway, e: ev.Event, d: ev.CallAttempted) -> Pathway:
    return altered(p, calls=(*p.calls, Call(e.occurred_at, e.actor, d.result, d.note)))


HANDLERS: Mapping[type, Handler] = {
    ev.EligibilityChecked: _checked,
    ev.PatientReferred: _referred,
    ev.CallAttempted: _called,
    ev.ReferralAccepted: _accepted,
    ev.ReferralWithdrawn: _referral_moved(ReferralStatus.WITHDRAWN),
    ev.ReferralNotStarted: _referral_moved(ReferralStatus.NOT_STARTED),
}
