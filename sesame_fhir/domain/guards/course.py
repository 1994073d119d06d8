"""Guards of sequences, transfers, merges and the exit. Source: domain page, "Séquence" and step 8."""

from collections.abc import Mapping
from datetime import timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day, sequence_period
from sesame_fhir.domain.consents import survey_agreed
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting, blank, refused, without_agreement
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import OnInterruption
from sesame_fhir.domain.reasons import Reason, ReasonCode

_BEST = 10


def _phase(p: Pathway, _d: ev.PhaseChanged, _s: Setting) -> Reasons:
    return without_agreement(p)


def _sequence_start(p: Pathway, d: ev.SequenceStarted, s: Setting) -> Reasons:
    if p.open_sequence is not None:
        return refused(ReasonCode.SEQUENCE_ALREADY_OPEN, str(p.open_sequence.rank))
    if d.rank > s.policy.maximum_sequences:
        return refused(ReasonCode.MAXIMUM_SEQUENCES_REACHED, str(s.policy.maximum_sequences))
    last_end = p.sequences[-1].end if p.sequences else None
    if d.rank != len(p.sequences) + 1 or (last_end is not None and d.start <= last_end):
        return refused(ReasonCode.SEQUENCE_RANK_OUT_OF_ORDER, str(d.rank))
    referred = local_day(p.referral.referred_at) if p.referral else None
    period = sequence_period(p.sequences, d.start, s.policy)
    return (
        *without_agreement(p),
        *refused(ReasonCode.DATE_IN_FUTURE, d.start.isoformat(), when=d.start > s.today),
        *refused(ReasonCode.BEFORE_REFERRAL, d.start.isoformat(), when=referred is not None and d.start < referred),
        *refused(ReasonCode.SEQUENCE_PERIOD_WRONG, period.end.isoformat(), when=d.planned_end != period.end),
    )


def _extension(p: Pathway, d: ev.SequenceExtended, s: Setting) -> Reasons:
    running = p.open_sequence
    if running is None or running.rank != d.rank:
        return refused(ReasonCode.NO_OPEN_SEQUENCE, str(d.rank))
    wrong = s.policy.on_interruption is not OnInterruption.EXTEND or d.planned_end < running.planned_end
    return refused(ReasonCode.SEQUENCE_PERIOD_WRONG, d.planned_end.isoformat(), when=wrong)


def _renewal(p: Pathway, d: ev.RenewalDecided, s: Setting) -> Reasons:
    running = p.open_sequence
    if running is None or d.rank != running.rank + 1:
        return refused(ReasonCode.NO_OPEN_SEQUENCE, str(d.rank))
    opens = running.planned_end - timedelta(days=s.policy.renewal_days)
    return (
        *refused(
            ReasonCode.MAXIMUM_SEQUENCES_REACHED,
            str(s.policy.maximum_sequences),
            when=d.renew and d.rank > s.policy.maximum_sequences,
        ),
        *refused(ReasonCode.RENEWAL_TOO_EARLY, opens.isoformat(), when=s.today < opens),
        *refused(ReasonCode.REASON_REQUIRED, when=not d.renew and blank(d.reason)),
    )


def _sequence_end(p: Pathway, d: ev.SequenceFinished, s: Setting) -> Reasons:
    running = p.open_sequence
    if running is None or running.rank != d.rank:
        return refused(ReasonCode.NO_OPEN_SEQUENCE, str(d.rank))
    early = d.end < running.planned_end
    wrong = d.end > running.planned_end or d.interrupted is not early or d.end < running.start
    return (
        *refused(ReasonCode.SEQUENCE_PERIOD_WRONG, d.end.isoformat(), when=wrong),
        *refused(ReasonCode.SEQUENCE_STILL_RUNNING, d.end.isoformat(), when=d.end > local_day(s.recorded_at)),
    )


def _transfer(p: Pathway, d: ev.PathwayTransferred, _s: Setting) -> Reasons:
    nurse = p.member(Role.NURSE)
    same_nurse = d.nurse is None or (nurse is not None and nurse.actor_id == d.nurse.actor_id)
    return (
        *refused(ReasonCode.SAME_SITE_AND_NURSE, when=same_nurse and d.to_site == p.site),
        *refused(ReasonCode.OUT_OF_SCOPE, when=d.from_site != p.site),
    )


def _merge(p: Pathway, d: ev.RecordsMerged, _s: Setting) -> Reasons:
    return refused(ReasonCode.SAME_PATHWAY, when=d.absorbed == p.pathway_id or d.absorbed in p.absorbed)


def _absorption(p: Pathway, d: ev.MergedInto, _s: Setting) -> Reasons:
    running = p.open_sequence
    # Nobody opens a merged pathway again: what waits there would wait for ever.
    return (
        *refused(ReasonCode.SAME_PATHWAY, when=d.survivor == p.pathway_id),
        *(Reason(ReasonCode.SAFETY_NOT_ACKNOWLEDGED, s.screening_id) for s in p.unacknowledged),
        *refused(ReasonCode.SEQUENCE_ALREADY_OPEN, str(running.rank) if running else None, when=running is not None),
    )


def _exit(p: Pathway, d: ev.PathwayExited, _s: Setting) -> Reasons:
    running = p.open_sequence
    oriented = d.orientation is not ev.Orientation.NONE
    return (
        *refused(ReasonCode.SEQUENCE_ALREADY_OPEN, str(running.rank) if running else None, when=running is not None),
        *refused(ReasonCode.TEXT_REQUIRED, "note", when=d.reason is ev.ExitReason.OTHER and blank(d.note)),
        *refused(
            ReasonCode.TEXT_REQUIRED, "orientation", when=d.reason is ev.ExitReason.SPECIALISED_CARE and not oriented
        ),
        # An agreement outlives the patient; a survey sent to the family would be unbearable.
        *refused(
            ReasonCode.SURVEY_NOT_AGREED,
            when=d.survey and (not survey_agreed(p) or d.reason is ev.ExitReason.DEATH),
        ),
    )


def _survey(p: Pathway, d: ev.SurveyAnswered, _s: Setting) -> Reasons:
    wrong = d.satisfaction is not None and not 0 <= d.satisfaction <= _BEST
    return (
        *refused(ReasonCode.SURVEY_NOT_AGREED, when=p.exit is None or not p.exit.survey),
        *refused(ReasonCode.VALUE_OUT_OF_RANGE, f"0-{_BEST}", when=wrong),
    )


GUARDS: Mapping[type, Guard] = {
    ev.PhaseChanged: _phase,
    ev.SequenceStarted: _sequence_start,
    ev.SequenceExtended: _extension,
    ev.RenewalDecided: _renewal,
    ev.SequenceFinished: _sequence_end,
    ev.PathwayTransferred: _transfer,
    ev.RecordsMerged: _merge,
    ev.MergedInto: _absorption,
    ev.PathwayExited: _exit,
    ev.SurveyAnswered: _survey,
}
