"""Answers being typed: a reload, an expired launch or a relaunch loses nothing.

They are kept under the EHR, the patient, the author and the form, so the next launch on the same record finds them.
"""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response

from sesame_fhir.services.records import DraftKey, LaunchSession
from smart_app.deps import AppDeps
from smart_app.pages.context import PageContext
from smart_app.pages.posted import check_posted, read_posted
from smart_app.session.guard import ended_launch


def load_draft(page: PageContext, form: str) -> dict[str, str]:
    """The unfinished fields of a form; empty when there are none."""
    kept = page.deps.launches.draft(_key(page.launch, form)) or {}
    return {name: value for name, value in kept.items() if isinstance(value, str)}


def save_draft(page: PageContext, form: str, values: Mapping[str, str]) -> None:
    """Keep the fields of a form."""
    page.deps.launches.save_draft(_key(page.launch, form), dict(values), page.now)


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
        page.deps.launches.discard_draft(_key(page.launch, form))


def keep_late_form(deps: AppDeps, launch_id: str, form: str) -> bool:
    """Keep a form posted after its launch has ended; False when it is not this browser's, or recorded already.

    Raises:
        AppError: as ``check_posted``, and foreign-origin for a post from another site.
    """
    launch = ended_launch(deps, launch_id)
    if launch is None:
        return False
    ticket, values = check_posted(deps.vault, launch)
    if deps.engine.pathways.applied(ticket.command_id(values.items())) is not None:
        return False
    deps.launches.save_draft(_key(launch, form), values, deps.clock.now())
    return True


def _key(launch: LaunchSession, form: str) -> DraftKey:
    return DraftKey(launch.ehr_id, launch.patient, launch.actor.actor_id, form)
