"""How phases, sequences, interruptions, transfers and the exit change a pathway's state."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.course import Exit, Interruption, Renewal, Sequence, Stay
from sesame_fhir.domain.evolution.altered import altered
from sesame_fhir.domain.evolution.handler import Handler
from sesame_fhir.domain.pathway import Pathway


def _started(p: Pathway, _e: ev.Event, d: ev.SequenceStarted) -> Pathway:
    return altered(p, sequences=(*p.sequences, Sequence(d.rank, d.start, d.planned_end)), renewal=None)


def _changed(p: Pathway, rank: int, **changes: Any) -> Pathway:
    return altered(p, sequences=tuple(replace(s, **changes) if s.rank == rank else s for s in p.sequences))


def _extended(p: Pathway, _e: ev.Event, d: ev.SequenceExtended) -> Pathway:
    return _changed(p, d.rank, planned_end=d.planned_end)


def _finished(p: Pathway, _e: ev.Event, d: ev.SequenceFinished) -> Pathway:
    return _changed(p, d.rank, end=d.end, interrupted=d.interrupted)


def _renewal(p: Pathway, e: ev.Event, d: ev.RenewalDecided) -> Pathway:
    return altered(p, renewal=Renewal(d.rank, d.renew, d.reason, e.occurred_at, e.actor))


def _interrupted(p: Pathway, e: ev.Event, d: ev.PathwayInterrupted) -> Pathway:
    return altered(p, interruptions=(*p.interruptions, Interruption(e.occurred_at, d.reason)))


def _resumed(p: Pathway, e: ev.Event, _d: ev.PathwayResumed) -> Pathway:
    *before, last = p.interruptions
    return altered(p, interruptions=(*before, replace(last, until=e.occurred_at)))


def _transferred(p: Pathway, e: ev.Event, d: ev.PathwayTransferred) -> Pathway:
    moved = altered(p, site=d.to_site, stays=(*p.stays, Stay(d.to_site, e.occurred_at)))
    if d.nurse is None:
        return moved
    return altered(moved, team=(*(m for m in p.team if m.role is not Role.NURSE), d.nurse))


def _absorbed(p: Pathway, _e: ev.Event, d: ev.RecordsMerged) -> Pathway:
    aliases = p.aliases if d.ehr is None else (*p.aliases, d.ehr)
    return altered(p, absorbed=(*p.absorbed, d.absorbed), aliases=aliases)


def _merged(p: Pathway, _e: ev.Event, d: ev.MergedInto) -> Pathway:
    return altered(p, merged_into=d.survivor)


def _exited(p: Pathway, e: ev.Event, d: ev.PathwayExited) -> Pathway:
    return altered(p, exit=Exit(d.reason, d.orientation, e.occurred_at, e.actor, d.note, d.survey))


def _answered(p: Pathway, e: ev.Event, d: ev.SurveyAnswered) -> Pathway:
    left = None if p.exit is None else replace(p.exit, answered_at=e.occurred_at, satisfaction=d.satisfaction)
    return altered(p, exit=left)


HANDLERS: Mapping[type, Handler] = {
    ev.SequenceStarted: _started,
    ev.SequenceExtended: _extended,
    ev.RenewalDecided: _renewal,
    ev.SequenceFinished: _finished,
    ev.PathwayInterrupted: _interrupted,
    ev.PathwayResumed: _resumed,
    ev.PathwayTransferred: _transferred,
    ev.RecordsMerged: _absorbed,
    ev.MergedInto: _merged,
    ev.PathwayExited: _exited,
    ev.SurveyAnswered: _answered,
}
