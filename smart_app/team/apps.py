"""Another software's app, opened on this patient (SMART EHR launch), in a window of its own."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.launching import LaunchableApp
from smart_app.team.context import TeamContext
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

ACTION = "open-application"
INTENT = "sesame-patient"
"""Opened from the patient's page; an app that knows it may show its summary of the patient first."""

_CONTEXT_TYPES = ("EpisodeOfCare", "CarePlan")


def apps_of(page: TeamContext) -> tuple[LaunchableApp, ...]:
    """The apps that this person may open on this patient; none where none is registered."""
    launcher = page.deps.launcher
    return launcher.apps(page.site) if launcher is not None and page.may(ACTION) else ()


def post_application(page: TeamContext, client_id: str) -> ResponseReturnValue:
    """Lead on to the app. Raises NotFound for one that is not offered here.

    A page leads on, not a redirect: a browser follows a posted form only to origins that its page names.
    """
    read_posted(page)
    offered = {app.client_id: app for app in apps_of(page)}
    if client_id not in offered or page.deps.launcher is None:
        raise NotFound(client_id)
    url = page.deps.launcher.launch(client_id, page.member, _context(page))
    return render_template("team/onward.html", url=url, app=offered[client_id].name)


def _context(page: TeamContext) -> dict[str, Any]:
    """The patient, and what of the pathway is published under its id."""
    pathway_id = page.patient_pathway.pathway_id
    published = (name for name in _CONTEXT_TYPES if page.deps.resources.read(name, pathway_id) is not None)
    context: dict[str, Any] = {"patient": pathway_id, "intent": INTENT, "tenant": page.site}
    if references := [{"reference": f"{name}/{pathway_id}"} for name in published]:
        context["fhirContext"] = references
    return context


ROUTES = (TeamRoute("POST", "/p/<pathway_id>/app/<client_id>", ACTION, post_application),)
