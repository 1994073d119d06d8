"""The patient's page."""

from datetime import date

from flask import Response, request
from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from mappings.code_systems import CONSENT_PURPOSES
from mappings.summary import plain_text, summary_of
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.care import Contact, Message
from sesame_fhir.domain.events import ContactStatus
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.progress.flags import flags
from sesame_fhir.domain.transitions import FOLLOWED, State
from sesame_fhir.exports.summary_pdf import summary_pdf
from smart_app.pages.texts import STATE_BEGINS, STATES
from smart_app.team.about import render_about
from smart_app.team.apps import apps_of
from smart_app.team.caseload.marks import ON_PATIENT
from smart_app.team.caseload.rows import week_of
from smart_app.team.context import TeamContext
from smart_app.team.dates import short_day, short_moment
from smart_app.team.documents import document
from smart_app.team.flags import ShownFlag, shown
from smart_app.team.patient import texts
from smart_app.team.patient.charts import charts_of
from smart_app.team.patient.steps import documents_of, links_of, next_step
from smart_app.team.patient.timeline import timeline_of
from smart_app.team.patient.told import Telling, advice_text, state_mark

_PAST_CONTACTS = 6
_MESSAGES = 3
_LONGEST_NUMBER = 9


def show_patient(page: TeamContext) -> str:
    """Where the patient stands, what to do now, and everything that the role may read and open."""
    pathway, today, policy = page.patient_pathway, local_day(page.now), page.deps.engine.policy
    history = page.deps.engine.pathways.history(pathway.pathway_id)
    telling = Telling(pathway, page.deps.team.site_name)
    return render_about(
        page,
        "team/patient.html",
        sentence=state_sentence(pathway, today),
        step=next_step(page),
        links=links_of(page),
        documents=documents_of(page),
        apps=apps_of(page),
        flags=_flags(page),
        charts=charts_of(pathway, policy, today),
        timeline=timeline_of(history, page.actor, telling, _before()),
        paged=_before() is not None,
        past=past_contacts(pathway),
        messages=_messages(page),
        today=today,
        followed=pathway.state in FOLLOWED,
        words=texts,
        purposes=CONSENT_PURPOSES.concepts,
        on_patient=ON_PATIENT,
        advice_text=advice_text,
        state_mark=state_mark,
        short_day=short_day,
        short_moment=short_moment,
    )


def download_summary(page: TeamContext) -> Response:
    """The summary that a record gets, as it stands now and signed by who asks for it."""
    summary = summary_of(page.patient_pathway, page.actor, page.now, policy=page.deps.engine.policy)
    return document("sesame-synthese", lambda: summary_pdf(summary), lambda: plain_text(summary))


def state_sentence(pathway: Pathway, today: date) -> str:
    """Where the patient stands, since when, in which week and sequence: one line."""
    since = next((at for state, at in reversed(pathway.state_since) if state is pathway.state), None)
    began, parts = pathway.since(State.CARE), [gettext(STATES[pathway.state]).removesuffix(".")]
    if since is not None:
        word = gettext("le") if pathway.state in STATE_BEGINS else gettext("depuis le")
        parts[0] += f" {word} {short_day(local_day(since), today)}"
    if pathway.state in FOLLOWED and (week := week_of(local_day(began) if began else None, today)):
        parts.append(gettext("semaine %(week)s", week=week))
    if (running := pathway.open_sequence) is not None:
        end = short_day(running.planned_end, today)
        parts.append(gettext("séquence %(rank)s jusqu'au %(end)s", rank=running.rank, end=end))
    return ", ".join(parts) + "."


def past_contacts(pathway: Pathway) -> tuple[Contact, ...]:
    """The latest contacts that were held, missed or called off, newest first."""
    timed = [(c.when, c) for c in pathway.contacts if c.when and c.status is not ContactStatus.PLANNED]
    newest = sorted(timed, key=lambda pair: pair[0], reverse=True)
    return tuple(contact for _, contact in newest[:_PAST_CONTACTS])


def _flags(page: TeamContext) -> tuple[ShownFlag, ...]:
    policy, today = page.deps.engine.policy, local_day(page.now)
    return tuple(shown(flag, policy) for flag in flags(page.patient_pathway, policy) if flag.raised(today))


def _messages(page: TeamContext) -> tuple[Message, ...]:
    """The latest messages that this person may read, newest first."""
    mine = [m for m in page.patient_pathway.messages if m.is_for(page.actor)]
    return tuple(reversed(mine[-_MESSAGES:]))


def _before() -> int | None:
    asked = request.args.get("before", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST_NUMBER else None
