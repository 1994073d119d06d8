"""Answers being typed: a reload, an expired launch or a relaunch loses nothing.

They are kept under the EHR, the patient, the author and the form, so the next launch on the same record finds them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus

from flask import Response

from sesame_fhir.services.engine import Command
from sesame_fhir.services.records import DraftKey, LaunchSession
from smart_app.deps import AppDeps
from smart_app.pages.context import PageContext
from smart_app.pages.posted import Posted, check_posted, read_posted
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


def finishing(page: PageContext, command: Command, *forms: str) -> Command:
    """The same command, in whose transaction the drafts of these forms go."""
    return replace(command, finishes=tuple(_key(page.launch, form) for form in forms))


@contextmanager
def becoming_events(page: PageContext, posted: Posted, form: str, *others: str) -> Iterator[Command]:
    """Run the form's command in this block: what was typed is in its events then, or else in the draft of ``form``.

    The drafts of ``form`` and ``others`` go in the command's own transaction; when it is refused, comes too late or
    fails, the fields are kept instead.
    """
    try:
        yield finishing(page, posted.command, form, *others)
    except Exception:
        save_draft(page, form, posted.values)
        raise


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
