"""Beginning and closing a review session, and the log of those that were held: who took part, how long, which cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flask import redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.access import scope_refusals
from sesame_fhir.domain.actors import CLINICIANS
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.services.caseload import CaseloadQuery, CaseloadRow, CaseloadSort, ReviewSession
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.staff import StaffMember
from smart_app.team.attempts import Trouble, attempt
from smart_app.team.caseload.asked import own
from smart_app.team.context import TeamContext
from smart_app.team.drafts import load_draft, save_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import Posted, own_values, read_posted
from smart_app.team.render import render
from smart_app.team.review.listing import question, rows_listed
from smart_app.team.review.session import Running, begin, end, running
from smart_app.team.review.texts import REVIEW_FIELDS

CLOSING = "review-close"
LONGEST_SESSION = 480
"""Minutes."""
_SESSIONS = 10
_MOST_CASES = 100
_LONGEST_NAME = 100
_SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Told:
    """A logged session as shown; ``cases`` are the patients in this person's reach, ``others`` counts the rest."""

    session: ReviewSession
    cases: tuple[Pathway, ...]
    others: int


def post_review_start(page: TeamContext) -> ResponseReturnValue:
    """Begin a session; one that is under way goes on."""
    posted = read_posted(page)
    asked = posted.values.get("site", "")
    begin(page, SiteId(asked) if asked in page.member.sites else page.site)
    return redirect(page.url("show_review"), _SEE_OTHER)


def show_review_close(page: TeamContext) -> ResponseReturnValue:
    """Who took part, how long, which cases: filled in from what was signed meanwhile."""
    going_on = running(page)
    return redirect(page.url("show_review"), _SEE_OTHER) if going_on is None else _closing(page, going_on, None)


def post_review_close(page: TeamContext) -> ResponseReturnValue:
    """Log the session, or forget one that was begun by mistake."""
    posted, going_on = read_posted(page), running(page)
    if going_on is None:
        return redirect(page.url("show_review_sessions"), _SEE_OTHER)
    if "forget" in posted.values:
        return _over(page, "show_review")

    def act() -> ResponseReturnValue:
        page.deps.review_sessions.record(_held(page, posted, going_on))
        return _over(page, "show_review_sessions")

    return attempt(page, CLOSING, act, lambda again, trouble: _closing(again, going_on, trouble))


def show_review_sessions(page: TeamContext) -> str:
    """Sessions of this person's sites, newest first, a page at a time."""
    found = page.deps.review_sessions.at_sites(page.member.sites, _SESSIONS + 1, request.args.get("before"))
    sessions, more = found[:_SESSIONS], len(found) > _SESSIONS
    # The same case comes back week after week: it is read once.
    every = dict.fromkeys(one for session in sessions for one in session.pathways)
    reached = {one: pathway for one in every if (pathway := _reached(page, one)) is not None}
    return render(
        page,
        "team/review/sessions.html",
        told=tuple(_told(session, reached) for session in sessions),
        following=sessions[-1].session_id if more else None,
    )


def _over(page: TeamContext, endpoint: str) -> ResponseReturnValue:
    end(page)
    save_draft(page, CLOSING, MultiDict())
    return redirect(page.url(endpoint), _SEE_OTHER)


def _closing(page: TeamContext, going_on: Running, trouble: Trouble | None) -> str:
    typed = own_values() if request.method == "POST" else load_draft(page, CLOSING)
    reviewed = tuple(_reviewed_since(page, going_on))
    signed = {row.pathway_id for row in reviewed}
    others = tuple(row for row in rows_listed(page) if row.pathway_id not in signed)
    people = _colleagues(page, going_on.site)
    present = {row.nurse_id for row in reviewed} | {row.psychiatrist_id for row in reviewed} | {page.actor.actor_id}
    return render(
        page,
        "team/review/close.html",
        going_on=going_on,
        minutes=typed.get("minutes") or min(going_on.minutes(page.now), LONGEST_SESSION),
        people=people,
        present=set(typed.getlist("participants"))
        if typed
        else {m.staff_id for m in people if m.actor.actor_id in present},
        others_typed=typed.get("others", ""),
        rows=(*reviewed, *others),
        ticked=set(typed.getlist("cases")) if typed else signed,
        trouble=trouble,
        field_text=REVIEW_FIELDS,
    )


def _held(page: TeamContext, posted: Posted, going_on: Running) -> ReviewSession:
    fields = Fields(posted.values, local_day(page.now))
    minutes = fields.number("minutes", 1, LONGEST_SESSION)
    people = {member.staff_id: member for member in _colleagues(page, going_on.site)}
    names = [people[one].name for one in posted.choices("participants") if one in people]
    names += fields.lines("others", _LONGEST_NAME * len(CLINICIANS))
    cases = tuple(PathwayId(one) for one in dict.fromkeys(posted.choices("cases")))
    for name, missing in (("minutes", minutes is None), ("participants", not names)):
        if missing:
            fields.wrong(ReasonCode.TEXT_REQUIRED, name)
    if len(cases) > _MOST_CASES or any(_reached(page, one) is None for one in cases):
        fields.wrong(ReasonCode.OUT_OF_SCOPE, "cases")
    fields.check()
    return ReviewSession(
        session_id=going_on.session_id,
        site=going_on.site,
        held_at=going_on.began_at,
        minutes=minutes or 0,
        participants=tuple(dict.fromkeys(names)),
        pathways=cases,
        logged_by=page.member.name,
    )


def _colleagues(page: TeamContext, site: SiteId) -> tuple[StaffMember, ...]:
    return tuple(m for m in page.deps.staff.at_sites((site,)) if m.role in CLINICIANS)


def _reviewed_since(page: TeamContext, going_on: Running) -> Iterator[CaseloadRow]:
    """Cases signed since the session began, from the pathways changed last."""
    everybody = replace(question(page, everybody=True), nurse_id=None)
    latest: CaseloadQuery = replace(own(page, everybody), sort=CaseloadSort.UPDATED, descending=True, limit=_MOST_CASES)
    for row in page.deps.engine.pathways.caseload(latest).rows:
        if row.reviewed_at is not None and row.reviewed_at >= going_on.began_at:
            yield row


def _reached(page: TeamContext, pathway_id: PathwayId) -> Pathway | None:
    """The pathway, where it is in this person's reach."""
    try:
        pathway = page.deps.engine.load(pathway_id)
    except NotFound:
        return None
    return None if scope_refusals(pathway, page.actor, page.scope) else pathway


def _told(session: ReviewSession, reached: Mapping[PathwayId, Pathway]) -> Told:
    cases = tuple(reached[one] for one in session.pathways if one in reached)
    return Told(session, cases, len(session.pathways) - len(cases))
