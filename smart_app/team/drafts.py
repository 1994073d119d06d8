"""What is typed on the team's pages: a refusal, a colleague who was faster or an ended session loses nothing.

A draft belongs to one person, one subject (a pathway, mostly) and one form; the command that records it forgets it.
"""

from dataclasses import replace
from http import HTTPStatus

from flask import Response
from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.ids import EhrId
from sesame_fhir.services.engine import Command
from sesame_fhir.services.records import DraftKey
from sesame_fhir.services.staff import StaffMember
from smart_app.deps import AppDeps
from smart_app.team.context import TeamContext
from smart_app.team.posted import read_posted

_TEAM = EhrId("team")
"""Stands where a launch's drafts have their EHR."""


def load_draft(page: TeamContext, form: str) -> MultiDict[str, str]:
    """The unfinished fields of a form; empty when there are none."""
    return kept_values(page.deps, page.actor.actor_id, _subject(page), form)


def save_draft(page: TeamContext, form: str, values: MultiDict[str, str]) -> None:
    """Keep the fields of a form."""
    keep_values(page.deps, page.member, _subject(page), form, values)


def keep_draft(page: TeamContext, form: str) -> Response:
    """Answer the script that posts a form as it is being filled in."""
    posted = read_posted(page)
    if not _over(page, posted.ticket.version):
        save_draft(page, form, posted.values)
    return Response(status=HTTPStatus.NO_CONTENT)


def finishing(page: TeamContext, command: Command, *forms: str) -> Command:
    """The same command, in whose transaction the drafts of these forms go."""
    return replace(command, finishes=tuple(_key(page.member, _subject(page), form) for form in forms))


def keep_values(deps: AppDeps, member: StaffMember, subject: str, form: str, values: MultiDict[str, str]) -> None:
    """Keep fields posted by somebody whose session may have ended."""
    key = _key(member, subject, form)
    deps.launches.save_draft(key, dict(values.to_dict(flat=False)), deps.clock.now())


def kept_values(deps: AppDeps, actor_id: str, subject: str, form: str) -> MultiDict[str, str]:
    """What ``keep_values`` kept for a person; empty when there is nothing."""
    kept = deps.launches.draft(DraftKey(_TEAM, subject, actor_id, form)) or {}
    return MultiDict([(name, text) for name, texts in kept.items() for text in texts])


def _over(page: TeamContext, version: int) -> bool:
    """True when this person has written since the form was opened: a draft sent just before it may arrive after it.

    What a colleague writes meanwhile ends nobody's form.
    """
    if page.pathway is None or version == page.pathway.version:
        return False
    unseen = (e for e in page.deps.engine.pathways.history(page.pathway.pathway_id) if e.sequence > version)
    return any(event.actor.actor_id == page.actor.actor_id for event in unseen)


def _subject(page: TeamContext) -> str:
    return "" if page.pathway is None else page.pathway.pathway_id


def _key(member: StaffMember, subject: str, form: str) -> DraftKey:
    return DraftKey(_TEAM, subject, member.actor.actor_id, form)
