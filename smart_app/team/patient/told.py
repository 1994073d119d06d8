"""What each event says on the timeline, in plain French: one function per kind that has something to add to its title.

Nothing is judged. A private note is told to its author only, a message for one role to that role and its author.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # ships no types

from mappings.displays import display
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import State
from smart_app.pages.render import day, moment
from smart_app.team.patient import texts

Lines = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """What the telling needs beside the event: the pathway as it stands, and the names of sites."""

    pathway: Pathway
    site_name: Callable[[SiteId], str]


def told(data: ev.Payload, telling: Telling) -> tuple[str, ...]:
    """The lines below an event's title; empty for a kind that says all with its title."""
    tell = _TELL.get(type(data))
    return () if tell is None else tuple(line for line in tell(data, telling) if line)


def _word(code: StrEnum) -> str:
    return str(gettext(display(code)))


def _screening(d: ev.ScreeningRecorded | ev.ScreeningCorrected, _t: Telling) -> Lines:
    instrument = INSTRUMENTS[d.instrument]
    score = f"{instrument.title} : {'–' if d.total is None else d.total} / {instrument.maximum}"
    return score, gettext("Item 9 à prendre en compte") if d.safety_flag else None


def _total(d: ev.TotalRecorded, _t: Telling) -> Lines:
    known = LICENSED[d.instrument]
    return (f"{gettext(known.title)} : {d.total} / {known.high} ({day(d.on)})",)


def _consent(d: ev.ConsentRecorded, _t: Telling) -> Lines:
    return (f"{_word(d.purpose)} : {_word(d.status).lower()}",)


def _ended(d: ev.ReferralDeclined | ev.ReferralWithdrawn | ev.ReferralNotStarted, _t: Telling) -> Lines:
    return _word(d.reason), d.note


def _assessment(d: ev.AssessmentRecorded, _t: Telling) -> Lines:
    return d.summary, *(f"« {goal} »" for goal in d.patient_goals)


def _plan(d: ev.PlanRecorded, _t: Telling) -> Lines:
    return *(goal.text for goal in d.goals), d.note


def _moved(d: ev.ContactMoved, _t: Telling) -> Lines:
    return (gettext("au %(moment)s", moment=moment(d.planned_at)),)


def _planned(d: ev.ContactPlanned, _t: Telling) -> Lines:
    return (f"{_word(d.mode)} · {moment(d.planned_at)}",)


def _cancelled(d: ev.ContactCancelled, _t: Telling) -> Lines:
    return _word(d.by), d.note


def _held(d: ev.ContactHeld | ev.ContactCorrected, _t: Telling) -> Lines:
    what = f"{_word(d.task)} · {_word(d.mode)}"
    return f"{what} · {d.minutes} min", d.note


def _reviewed(d: ev.CaseReviewed, _t: Telling) -> Lines:
    return d.summary, *(advice_text(one) for one in d.recommendations)


def _decided(d: ev.RecommendationDecided, t: Telling) -> Lines:
    advice = t.pathway.advice(d.recommendation_id)
    about = advice_text(advice.data) if advice else None
    return about, gettext("Réponse : %(fate)s", fate=_word(d.fate).lower()), d.reason


def _sequence(d: ev.SequenceStarted, _t: Telling) -> Lines:
    return (gettext("Séquence %(rank)s, jusqu'au %(end)s", rank=d.rank, end=day(d.planned_end)),)


def _renewal(d: ev.RenewalDecided, _t: Telling) -> Lines:
    decided = gettext("Séquence %(rank)s décidée") if d.renew else gettext("Pas de séquence %(rank)s")
    return decided % {"rank": d.rank}, d.reason


def _transferred(d: ev.PathwayTransferred, t: Telling) -> Lines:
    sites = f"{t.site_name(d.from_site)} → {t.site_name(d.to_site)}" if d.from_site != d.to_site else None
    return sites, d.nurse.name if d.nurse else None, d.reason


def _left(d: ev.PathwayExited, _t: Telling) -> Lines:
    return f"{_word(d.reason)} · {gettext(texts.ORIENTATIONS[d.orientation])}", d.note


def advice_text(advice: ev.Recommendation) -> str:
    """A recommendation in one line: its kind, what is advised, dose, weeks."""
    what = " ".join(part for part in (advice.drug, advice.dose) if part)
    said = " · ".join(part for part in (what, advice.text, _weeks(advice)) if part)
    kind = _word(advice.kind)
    return f"{kind} : {said}" if said else kind


def _weeks(advice: ev.Recommendation) -> str | None:
    """How often to watch, or in how many weeks to see the case again."""
    if advice.weeks is None:
        return None
    if advice.kind is ev.RecommendationKind.MONITORING:
        return str(ngettext("toutes les semaines", "toutes les %(num)s semaines", advice.weeks))
    return str(ngettext("dans %(num)s semaine", "dans %(num)s semaines", advice.weeks))


def state_mark(detail: str) -> str:
    """A change of phase as a chart's table says it."""
    return _word(ev.Phase.RELAPSE_PREVENTION if detail == State.RELAPSE_PREVENTION else ev.Phase.CARE).lower()


_TELL: Mapping[type, Callable[[Any, Telling], Lines]] = {
    ev.ScreeningRecorded: _screening,
    ev.ScreeningCorrected: _screening,
    ev.SafetyAcknowledged: lambda d, _t: (_word(d.action),),
    ev.TotalRecorded: _total,
    ev.ConsentRecorded: _consent,
    ev.PatientReferred: lambda d, _t: (d.note, d.override_reason),
    ev.ReferralDeclined: _ended,
    ev.ReferralWithdrawn: _ended,
    ev.ReferralNotStarted: _ended,
    ev.CallAttempted: lambda d, _t: (_word(d.result), d.note),
    ev.AssessmentRecorded: _assessment,
    ev.CareTeamChanged: lambda d, _t: (", ".join(member.name for member in d.members),),
    ev.PlanRecorded: _plan,
    ev.ContactPlanned: _planned,
    ev.ContactMoved: _moved,
    ev.ContactCancelled: _cancelled,
    ev.ContactHeld: _held,
    ev.ContactCorrected: _held,
    ev.ContactMissed: lambda d, _t: (d.note,),
    ev.MessageSent: lambda d, _t: (d.text,),
    ev.MarkedForReview: lambda d, _t: (d.note,),
    ev.CaseReviewed: _reviewed,
    ev.RecommendationDecided: _decided,
    ev.PhaseChanged: lambda d, _t: (_word(d.phase),),
    ev.SequenceStarted: _sequence,
    ev.RenewalDecided: _renewal,
    ev.SequenceFinished: lambda d, _t: (gettext("Séquence %(rank)s, le %(end)s", rank=d.rank, end=day(d.end)),),
    ev.PathwayInterrupted: lambda d, _t: (d.reason,),
    ev.PathwayTransferred: _transferred,
    ev.PathwayExited: _left,
}
"""Kinds that are not here say all with their title."""
