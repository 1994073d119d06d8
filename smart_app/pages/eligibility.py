"""Eligibility and information given to the patient: pre-filled, so that the GP only confirms."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.eligibility import EligibilityDecision, phq2_total
from sesame_fhir.domain.events import ConsentStatus, DeclineReason
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.engine import Command
from sesame_fhir.services.referral import Criteria, confirm_eligibility, decide_eligibility, decline
from smart_app.pages.context import PageContext
from smart_app.pages.drafts import becoming_events, keep_draft, load_draft, save_draft
from smart_app.pages.posted import Posted, read_posted
from smart_app.pages.render import render

DRAFT = "eligibility"
OVERRIDE_FIELD = "override_reason"
CONSENT_FIELD = "consent"
_SEE_OTHER = 303
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Question:
    """One criterion that only the GP can decide. ``wanted`` is the answer of an eligible patient."""

    name: str
    text: str
    wanted: bool


QUESTIONS = (
    Question("psychiatric_follow_up", "Suivi psychiatrique en cours", wanted=False),
    Question("masters_french", "Parle assez bien français", wanted=True),
    Question(
        "common_mental_disorder",
        "Anxiété, dépression, insomnie ou burn-out, d'intensité modérée à sévère",
        wanted=True,
    ),
)


def show_eligibility(page: PageContext) -> str:
    """Criteria with their source, the reasons that stand against a referral, the text to read to the patient."""
    pathway = _screened(page)
    draft = load_draft(page, DRAFT)
    criteria = _prefilled(page, draft)
    decision = _decide(page, pathway, criteria)
    return render(
        page,
        "app/eligibility.html",
        questions=QUESTIONS,
        phq2=phq2_total(pathway),
        criteria=criteria,
        reasons=decision.reasons,
        overridable=bool(decision.reasons) and decision.overridable,
        override=draft.get(OVERRIDE_FIELD, ""),
        override_missing="incomplete" in request.args,
        decline_reasons=list(DeclineReason),
    )


def post_eligibility(page: PageContext) -> Answer:
    """Record the criteria and what the patient said; then on to the referral, or back with what stands against it.

    Without the patient's word (« vérifier à nouveau ») nothing is recorded: the criteria are only judged again.
    """
    posted = read_posted(page)
    pathway = _screened(page)
    consent = posted.values.get(CONSENT_FIELD)
    if consent == ConsentStatus.REFUSED:
        return _patient_refuses(page, posted, pathway)
    _keep(page, posted)
    if consent != ConsentStatus.GIVEN:
        return redirect(page.url("show_eligibility"), _SEE_OTHER)
    criteria = _answered(posted.values)
    decision = _decide(page, pathway, criteria)
    if decision.reasons and decision.overridable and posted.text(OVERRIDE_FIELD) is None:
        return redirect(page.url("show_eligibility", incomplete="1", anchor="missing"), _SEE_OTHER)
    confirm_eligibility(page.deps.engine, posted.command, pathway.pathway_id, criteria, ConsentStatus.GIVEN)
    possible = not decision.reasons or decision.overridable
    return redirect(page.url("show_referral" if possible else "show_eligibility"), _SEE_OTHER)


def post_eligibility_draft(page: PageContext) -> Response:
    """Keep the criteria and the reason being typed (called by the script)."""
    return keep_draft(page, DRAFT)


def override_of(page: PageContext) -> str | None:
    """The reason that the GP wrote for going on in spite of a criterion, if any."""
    return load_draft(page, DRAFT).get(OVERRIDE_FIELD, "").strip() or None


def _patient_refuses(page: PageContext, posted: Posted, pathway: Pathway) -> Answer:
    """The refusal is a consent decision and ends this referral: two facts, two commands, one click."""
    engine, criteria = page.deps.engine, _answered(posted.values)
    with becoming_events(page, posted, DRAFT) as command:
        confirm_eligibility(engine, posted.command, pathway.pathway_id, criteria, ConsentStatus.REFUSED)
        decline(engine, _second(command), pathway.pathway_id, DeclineReason.PATIENT_REFUSED)
    page.deps.deliver(pathway.pathway_id)
    return redirect(page.url("show_done"), _SEE_OTHER)


def _keep(page: PageContext, posted: Posted) -> None:
    """Keep the criteria and the reason for the referral's page, unless that page would find the same without it."""
    values = {name: value for name, value in posted.values.items() if name != CONSENT_FIELD}
    if _meaning(page, values) != _meaning(page, load_draft(page, DRAFT)):
        save_draft(page, DRAFT, values)


def _meaning(page: PageContext, draft: Mapping[str, str]) -> tuple[Criteria, str]:
    return _prefilled(page, draft), draft.get(OVERRIDE_FIELD, "").strip()


def _second(command: Command) -> Command:
    again = CommandId(str(uuid.uuid5(uuid.UUID(command.command_id), "decline")))
    return replace(command, command_id=again, expected_version=None)


def _screened(page: PageContext) -> Pathway:
    if page.pathway is None or not page.pathway.screenings:
        raise Refused(Reason(ReasonCode.NOT_SCREENED))
    return page.pathway


def _decide(page: PageContext, pathway: Pathway, criteria: Criteria) -> EligibilityDecision:
    return decide_eligibility(page.deps.engine, page.question(), pathway, criteria)


def _prefilled(page: PageContext, draft: Mapping[str, str]) -> Criteria:
    """What the GP chose before, else what the record says, else the answer that makes the patient eligible."""
    if any(question.name in draft for question in QUESTIONS):
        return _answered(draft)
    record = page.record.psychiatric_follow_up
    return Criteria(
        psychiatric_follow_up=bool(record),
        masters_french=True,
        common_mental_disorder=True,
    )


def _answered(values: Mapping[str, str]) -> Criteria:
    return Criteria(**{q.name: {_YES: True, _NO: False}.get(values.get(q.name, "")) for q in QUESTIONS})
