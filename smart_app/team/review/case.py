"""One case, to be read in two minutes: who, why it is here, how it goes, what was tried; then the advice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import request
from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.progress.flags import flags
from sesame_fhir.domain.reasons import Reason, ReasonCode
from sesame_fhir.domain.transitions import FOLLOWED
from smart_app.pages import pathway_texts
from smart_app.pages.pathway import week_of
from smart_app.pages.render import age_of
from smart_app.pages.trend import FOLLOWED_SCORES, trends
from smart_app.team.about import exists
from smart_app.team.attempts import Trouble
from smart_app.team.context import TeamContext
from smart_app.team.dates import short_day
from smart_app.team.drafts import load_draft
from smart_app.team.flags import ShownFlag, shown
from smart_app.team.patient.charts import Chart, charts_of
from smart_app.team.posted import own_values
from smart_app.team.render import render
from smart_app.team.review.listing import next_case
from smart_app.team.review.session import session_of_case
from smart_app.team.review.texts import REVIEW_FIELDS

DRAFT = "review"
_SHOWN_CONTACTS = 3
_SHOWN_REVIEWS = 4
_HAPPENED = frozenset({ev.ContactStatus.HELD, ev.ContactStatus.MISSED})


@dataclass(frozen=True, slots=True)
class Score:
    """One line of the table of scores: the day, and what each instrument gave then (by title)."""

    on: date
    totals: Mapping[str, str]


def show_case(page: TeamContext) -> str:
    """The case and, for the psychiatrist of its care team, the form."""
    return shown_case(page, None)


def shown_case(page: TeamContext, trouble: Trouble | None) -> str:
    """The page; ``trouble`` is why the form came back."""
    pathway, traits = page.patient_pathway, page.patient_pathway.traits
    today = local_day(page.now)
    following = next_case(page, pathway.pathway_id)
    typed = own_values() if request.method == "POST" and trouble is not None else load_draft(page, DRAFT)
    return render(
        page,
        "team/review/case.html",
        traits=traits,
        age=None if traits is None else age_of(traits, today),
        week=week_of(pathway, today),
        flags=flags_of(page, pathway),
        trends=trends(pathway),
        charts=_charts(page, pathway),
        short_day=short_day,
        today=today,
        scores=scores_of(pathway),
        contacts=_with_notes(pathway),
        reviews=tuple(reversed(pathway.reviews))[:_SHOWN_REVIEWS],
        obstacles=obstacles(page, pathway),
        session=session_of_case(page),
        kinds=list(ev.RecommendationKind),
        typed=typed,
        restored=bool(typed) and trouble is None,
        following=following if following != pathway.pathway_id else None,
        words=pathway_texts,
        field_text=REVIEW_FIELDS,
        trouble=trouble,
        exists=exists,
    )


def obstacles(page: TeamContext, pathway: Pathway) -> tuple[Reason, ...]:
    """Why this person cannot sign a review of this case; empty for the psychiatrist of its care team."""
    if page.actor.role is not Role.PSYCHIATRIST:
        return (Reason(ReasonCode.PSYCHIATRIST_REQUIRED),)
    if pathway.state not in FOLLOWED:
        return (Reason(ReasonCode.EVENT_NOT_ALLOWED),)
    return () if pathway.on_team(page.actor) else (Reason(ReasonCode.NOT_ON_CARE_TEAM),)


def flags_of(page: TeamContext, pathway: Pathway) -> tuple[ShownFlag, ...]:
    """The flags that stand today, the most pressing first."""
    policy, today = page.deps.engine.policy, local_day(page.now)
    return tuple(shown(flag, policy) for flag in flags(pathway, policy) if flag.raised(today))


def _charts(page: TeamContext, pathway: Pathway) -> tuple[Chart, ...]:
    """The scores that follow the patient, once there is a course to draw."""
    every = charts_of(pathway, page.deps.engine.policy, local_day(page.now))
    return tuple(chart for chart in every if chart.code in FOLLOWED_SCORES and chart.line)


def scores_of(pathway: Pathway) -> tuple[Score, ...]:
    """Every total by day, newest first: questionnaires, and totals of licensed instruments."""
    days: dict[date, dict[str, str]] = {}
    for screening in pathway.screenings:
        instrument = INSTRUMENTS[screening.instrument]
        if screening.total is not None:
            shown_total = f"{screening.total} / {instrument.maximum}"
            days.setdefault(local_day(screening.taken_at), {})[instrument.title] = shown_total
    for total in pathway.totals:
        days.setdefault(total.on, {})[gettext(LICENSED[total.instrument].title)] = str(total.total)
    return tuple(Score(on, days[on]) for on in sorted(days, reverse=True))


def _with_notes(pathway: Pathway) -> tuple[Contact, ...]:
    """The last contacts, newest first; a private note is its author's own and is never shown here."""
    told = [(c.at, c) for c in pathway.contacts if c.at is not None and c.status in _HAPPENED]
    newest_first = sorted(told, key=lambda pair: pair[0], reverse=True)
    return tuple(contact for _, contact in newest_first[:_SHOWN_CONTACTS])
