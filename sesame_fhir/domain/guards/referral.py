"""Guards of the referral. Source: domain page, steps 2 and 3; the number of calls is configuration."""

from collections.abc import Mapping

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import CLINICIANS
from sesame_fhir.domain.eligibility import phq2_total
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting, blank, refused, without_agreement
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode


def _referral(p: Pathway, d: ev.PatientReferred, s: Setting) -> Reasons:
    reasons: list[Reason] = []
    if s.actor.role not in CLINICIANS:
        reasons.append(Reason(ReasonCode.CLINICIAN_REQUIRED, s.actor.role.value))
    if p.screening(d.screening_id) is None:
        reasons.append(Reason(ReasonCode.NO_SUCH_SCREENING, d.screening_id))
    reasons.extend(Reason(ReasonCode.SAFETY_NOT_ACKNOWLEDGED, s.screening_id) for s in p.unacknowledged)
    reasons.extend(without_agreement(p))
    reasons.extend(_criteria(p, d, s))
    return tuple(reasons)


def _criteria(p: Pathway, d: ev.PatientReferred, s: Setting) -> Reasons:
    # Answers given or corrected since then may have changed the screen: what was checked is not what would be sent.
    if p.eligibility is None or p.eligibility.phq2_total != phq2_total(p):
        return (Reason(ReasonCode.ELIGIBILITY_NOT_CHECKED),)
    standing = p.eligibility.reasons
    hard = tuple(
        Reason(ReasonCode.OVERRIDE_NOT_ALLOWED, code.value) for code in standing if code not in s.policy.overridable
    )
    if hard or not standing:
        return hard
    covered = set(standing) <= set(d.overridden) and bool((d.override_reason or "").strip())
    return () if covered else (Reason(ReasonCode.OVERRIDE_REASON_REQUIRED, standing[0].value),)


def _acceptance(p: Pathway, _d: ev.ReferralAccepted, _s: Setting) -> Reasons:
    return without_agreement(p)


def _not_started(p: Pathway, d: ev.ReferralNotStarted, s: Setting) -> Reasons:
    if d.reason is ev.ReferralEnd.UNREACHABLE:
        made, needed = len(p.calls), s.policy.call_attempts
        return refused(ReasonCode.ATTEMPTS_MISSING, f"{made}/{needed}", when=made < needed)
    needs_words = d.reason in {ev.ReferralEnd.NOT_ELIGIBLE, ev.ReferralEnd.OTHER}
    return refused(ReasonCode.TEXT_REQUIRED, "note", when=needs_words and blank(d.note))


GUARDS: Mapping[type, Guard] = {
    ev.PatientReferred: _referral,
    ev.ReferralAccepted: _acceptance,
    ev.ReferralNotStarted: _not_started,
}
