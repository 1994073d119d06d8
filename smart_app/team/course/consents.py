"""Consents of a patient, one per purpose: what was said, to whom, with which notice, and what a no changes."""

from dataclasses import dataclass

from flask.typing import ResponseReturnValue

from sesame_fhir.domain.care import Consent
from sesame_fhir.domain.consents import EFFECTS, STATUSES, Effect, standing_effects
from sesame_fhir.domain.events import ConsentPurpose, ConsentRecorded, ConsentStatus, Event
from sesame_fhir.services.care import record_consent
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.course import texts
from smart_app.team.course.days import on_day
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

_DRAFT = "consent"


@dataclass(frozen=True, slots=True)
class PurposeLine:
    """One purpose: what stands, what could be said instead, and what a no changes."""

    purpose: ConsentPurpose
    stands: Consent | None
    choices: tuple[ConsentStatus, ...]
    effects: tuple[Effect, ...]
    history: tuple[Event, ...]


def show_consents(page: TeamContext) -> str:
    """Every purpose with its history."""
    return _shown(page, None)


def post_consent(page: TeamContext) -> ResponseReturnValue:
    """Record what the patient says for one purpose."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        purpose, status = fields.choice("purpose", ConsentPurpose), fields.choice("status", ConsentStatus)
        day = fields.day("day")
        fields.check()
        command = on_day(posted.command, day)
        after = record_consent(page.deps.engine, command, page.patient_pathway.pathway_id, purpose, status)
        return recorded(page, after, "show_consents")

    return attempt(page, _DRAFT, act, _shown)


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    pathway = page.patient_pathway
    said = [e for e in page.deps.engine.pathways.history(pathway.pathway_id) if isinstance(e.data, ConsentRecorded)]
    lines = tuple(_line(purpose, pathway.consents.get(purpose), said) for purpose in ConsentPurpose)
    return render_about(
        page,
        "team/consents.html",
        trouble=trouble,
        lines=lines,
        effects=standing_effects(pathway),
        notice=page.deps.engine.policy.notice,
        today=page.local(page.now).date(),
        texts_of=texts,
    )


def _line(purpose: ConsentPurpose, stands: Consent | None, said: list[Event]) -> PurposeLine:
    given = stands is not None and stands.status is ConsentStatus.GIVEN
    # What was given is withdrawn, what was never given is refused: each word where it is true.
    wrong = ConsentStatus.REFUSED if given else ConsentStatus.WITHDRAWN
    order = [s for s in ConsentStatus if s in STATUSES[purpose] and s is not wrong]
    now = None if stands is None else stands.status
    history = tuple(e for e in said if isinstance(e.data, ConsentRecorded) and e.data.purpose is purpose)
    return PurposeLine(purpose, stands, tuple(s for s in order if s is not now), EFFECTS[purpose], history[::-1])


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/consents", "view-patient", show_consents),
    TeamRoute("POST", "/p/<pathway_id>/consents", "record-consent", post_consent, draft=_DRAFT),
)
