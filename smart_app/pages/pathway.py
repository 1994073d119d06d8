"""The GP's view of a patient in the pathway; for a nurse or a psychiatrist, the way to the team's pages."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import request

from mappings.code_systems import DECISION_REASONS, EXIT_REASONS
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.care import Contact, Message
from sesame_fhir.domain.events import RecommendationFate
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reviews import Advice, Review
from sesame_fhir.domain.transitions import BEFORE_REFERRAL, CLOSED, State
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.patient_keys import patient_keys
from smart_app.pages import pathway_texts
from smart_app.pages.context import PageContext
from smart_app.pages.drafts import load_draft
from smart_app.pages.reading import LONG_FORMS, may_refer
from smart_app.pages.render import render
from smart_app.pages.to_decide import ToDecide, reviews_to_decide
from smart_app.pages.trend import Trend, trends
from smart_app.team.addresses import TEAM_ROOT

_SHOWN_MESSAGES = 2
_SHOWN_DECISIONS = 3
_DAYS_OF_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows. ``outcome`` is why a referral or a pathway ended, in words; ``note`` what was written to it.

    ``week`` counts from 1, on the day care began; None before. ``messages`` are the latest ones, unread ones all.
    """

    state: State
    since: datetime | None
    week: int | None
    outcome: str | None
    note: str | None
    nurse: str | None
    next_contact: Contact | None
    last_contact: Contact | None
    trends: tuple[Trend, ...]
    decided: tuple[tuple[Review, Advice], ...]
    messages: tuple[Message, ...]
    unread: tuple[Message, ...]


def in_pathway(page: PageContext) -> PageContext | None:
    """The page about the pathway that this view is for; None while there is none.

    It is the open one from the referral on, else the one that the patient left last: its recommendations may still be
    answered.
    """
    pathway = page.pathway
    if pathway is None:
        pathway = _left(page)
    before = pathway is None or pathway.state in BEFORE_REFERRAL - {State.NOT_STARTED}
    return None if before else replace(page, pathway=pathway)


def _left(page: PageContext) -> Pathway | None:
    found = page.deps.engine.pathways.find_previous(patient_keys(page.patient.traits, page.patient.ehr))
    pathway = None if found is None else page.deps.engine.load(found)
    return pathway if pathway is not None and pathway.state is State.EXITED else None


def show_pathway(page: PageContext) -> str:
    """State, recommendations waiting, trend, next contact, messages. Raises NotFound before the referral."""
    here, pathway = about(page)
    if page.actor.role is not Role.GP:
        return render(
            here,
            "app/pathway_team.html",
            view=view_of(here, pathway),
            words=pathway_texts,
            team_url=f"{TEAM_ROOT}/p/{pathway.pathway_id}",
        )
    return render(
        here,
        "app/pathway.html",
        view=view_of(here, pathway),
        words=pathway_texts,
        to_decide=_to_decide(here, pathway),
        decisions=list(RecommendationFate),
        may_decide=may_decide(here, pathway),
        may_refer=may_refer(pathway) and bool(pathway.screenings),
        closed=pathway.state in CLOSED,
        forms=tuple(INSTRUMENTS[name] for name in LONG_FORMS),
    )


def about(page: PageContext) -> tuple[PageContext, Pathway]:
    """The page and its pathway from the referral on. Raises NotFound before."""
    here = in_pathway(page)
    if here is None or here.pathway is None:
        raise NotFound("no referral")
    return here, here.pathway


def may_decide(page: PageContext, pathway: Pathway) -> bool:
    """True for a GP: by the profession that the record names, or as the GP whom this pathway already knows.

    A launch whose record names no profession has the GP's role by default; that is not enough to decide.
    """
    known = {member.actor_id for member in pathway.team if member.role is Role.GP}
    if pathway.referral is not None:
        known.add(pathway.referral.referrer.actor_id)
    return page.actor.role is Role.GP and (page.record.profession_known or page.actor.actor_id in known)


def view_of(page: PageContext, pathway: Pathway) -> View:
    """Everything but the recommendations that wait."""
    planned, held, nurse = pathway.planned_contacts, pathway.held_contacts, pathway.member(Role.NURSE)
    outcome, note = _outcome(pathway)
    decided = [(review, a) for review in pathway.reviews for a in review.advice if a.decision or not a.data.asks_the_gp]
    unread = tuple(m for m in pathway.messages if m.waits_for(page.actor))
    older = tuple(m for m in pathway.messages if m.is_for(page.actor) and m not in unread)[-_SHOWN_MESSAGES:]
    return View(
        state=pathway.state,
        since=pathway.state_since[-1][1] if pathway.state_since else None,
        week=week_of(pathway, local_day(page.now)),
        outcome=outcome,
        note=note,
        nurse=nurse.name if nurse else None,
        next_contact=planned[0] if planned and pathway.state not in CLOSED else None,
        last_contact=held[-1] if held else None,
        trends=trends(pathway),
        decided=tuple(reversed(decided))[:_SHOWN_DECISIONS],
        messages=older if not unread else (),
        unread=unread,
    )


def week_of(pathway: Pathway, today: date) -> int | None:
    """Week of care, from 1; None before care began."""
    began = pathway.since(State.CARE)
    return None if began is None else (today - local_day(began)).days // _DAYS_OF_A_WEEK + 1


def _outcome(pathway: Pathway) -> tuple[str | None, str | None]:
    if pathway.exit is not None:
        return EXIT_REASONS.concepts.get(pathway.exit.reason.value), pathway.exit.note
    referral = pathway.referral
    if pathway.state is not State.NOT_STARTED or referral is None or referral.end_reason is None:
        return None, None
    return DECISION_REASONS.concepts.get(referral.end_reason), referral.end_note


def _to_decide(page: PageContext, pathway: Pathway) -> tuple[ToDecide, ...]:
    def typed(draft: str) -> str:
        return load_draft(page, draft).get("reason", "")

    return reviews_to_decide(pathway, typed, request.args.get("incomplete"))
