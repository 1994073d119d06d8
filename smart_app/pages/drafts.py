"""Answers being typed: a reload, an expired token or a relaunch loses nothing.

They are kept under the EHR, the patient, the author and the form, so the next launch on the same record finds them.
"""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response

from sesame_fhir.services.records import DraftKey
from smart_app.pages.context import PageContext
from smart_app.pages.posted import read_posted


def load_draft(page: PageContext, form: str) -> dict[str, str]:
    """The unfinished fields of a form; empty when there are none."""
    kept = page.deps.launches.draft(_key(page, form)) or {}
    return {name: value for name, value in kept.items() if isinstance(value, str)}


def save_draft(page: PageContext, form: str, values: Mapping[str, str]) -> None:
    """Keep the fields of a form."""
    page.deps.launches.save_draft(_key(page, form), dict(values), page.now)


def keep_draft(page: PageContext, form: str) -> Response:
    """Answer the script that posts a form as it is being filled in."""
    posted = read_posted(page)
    # A draft sent just before « Valider » may arrive after it: the form it belongs to is over then.
    if posted.ticket.version == page.version:
        save_draft(page, form, posted.values)
    return Response(status=HTTPStatus.NO_CONTENT)


def discard_draft(page: PageContext, *forms: str) -> None:
    """Forget drafts that have become events."""
    for form in forms:
        page.deps.launches.discard_draft(_key(page, form))


def _key(page: PageContext, form: str) -> DraftKey:
    return DraftKey(page.launch.ehr_id, page.launch.patient, page.actor.actor_id, form)
