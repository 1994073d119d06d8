"""Team routes as tables, and what stands before every view: the session, the role, the reach.

A feature module has ``ROUTES: tuple[TeamRoute, ...]``; ``smart_app.team.blueprint`` collects them. No view checks a
role or a site by itself, and every page that is opened, or refused, is in the audit log.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from http import HTTPStatus

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.access import role_refusals, scope_refusals
from sesame_fhir.domain.ids import PathwayId
from smart_app.deps import AppDeps, current_deps
from smart_app.session.csrf import posted_ticket
from smart_app.team.addresses import page_of
from smart_app.team.context import TeamContext, begin_page, scope_of
from smart_app.team.drafts import keep_values, save_draft
from smart_app.team.guard import SignInNeeded, ended_session, signed_in
from smart_app.team.posted import own_values
from smart_app.team.render import render

View = Callable[..., ResponseReturnValue]

OpenRoute = tuple[str, str, View]
"""Method, path below ``/app/team``, view: a page without a session."""

PATHWAY = "pathway_id"
_SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class TeamRoute:
    """One address below ``/app/team``; the view's name is its endpoint.

    ``action`` is a key of ``domain.access.ACTIONS``; None for what everybody signed in may open. With
    ``<pathway_id>`` in ``path`` the pathway is loaded, checked against the caller's reach and given as
    ``page.pathway``; the view gets the other values of the address. ``draft`` names where a posted form is kept when a
    rule, a colleague or an ended session stands in its way; it may hold values of the address:
    ``contact:{contact_id}``. ``subject`` is what that form is opened for where no pathway is in the address, alike.
    """

    method: str
    path: str
    action: str | None
    view: View
    draft: str | None = None
    subject: str = ""


def guarded(route: TeamRoute) -> View:
    """The Flask view of a route."""

    @wraps(route.view)
    def view(**values: str) -> ResponseReturnValue:
        deps = current_deps()
        try:
            who = signed_in(deps)
        except SignInNeeded:
            return _to_sign_in(deps, route, values)
        now = deps.clock.now()
        page = begin_page(TeamContext(deps, who.session, who.member, now, scope_of(deps, who.member, now)))
        if route.action is not None and role_refusals(route.action, page.member.role):
            _trace(page, route, "refused")
            return make_response(render(page, "team/forbidden.html"), HTTPStatus.FORBIDDEN)
        if PATHWAY in values:
            return _on_a_pathway(page, route, values)
        _trace(page, route, "done")
        return _call(page, route, values)

    return view


def _on_a_pathway(page: TeamContext, route: TeamRoute, values: dict[str, str]) -> ResponseReturnValue:
    """Load the pathway of the address. Raises NotFound for an unknown one."""
    pathway = page.deps.engine.load(PathwayId(values[PATHWAY]))
    refusals = scope_refusals(pathway, page.actor, page.scope)
    _trace(page, route, "refused" if refusals else "done", pathway.pathway_id)
    if refusals:
        body = render(page, "team/out_of_reach.html", reasons=refusals, pathway_id=pathway.pathway_id)
        return make_response(body, HTTPStatus.FORBIDDEN)
    rest = {name: value for name, value in values.items() if name != PATHWAY}
    return _call(begin_page(replace(page, pathway=pathway)), route, rest)


def _trace(page: TeamContext, route: TeamRoute, outcome: str, pathway_id: PathwayId | None = None) -> None:
    page.trace(route.action or "open", route.view.__name__, pathway_id, outcome)


def _call(page: TeamContext, route: TeamRoute, values: dict[str, str]) -> ResponseReturnValue:
    if route.draft is None or request.method != "POST":
        return route.view(page, **values)
    try:
        return route.view(page, **values)
    except Exception:
        save_draft(page, route.draft.format(**values), own_values())
        raise


def _to_sign_in(deps: AppDeps, route: TeamRoute, values: dict[str, str]) -> ResponseReturnValue:
    kept = request.method == "POST" and _keep_late(deps, route, values)
    return redirect(url_for("team.show_sign_in", next=page_of(request.path), kept="1" if kept else None), _SEE_OTHER)


def _keep_late(deps: AppDeps, route: TeamRoute, values: dict[str, str]) -> bool:
    """Keep a form posted after its session has ended; False when it is not this browser's, or recorded already."""
    who = None if route.draft is None else ended_session(deps)
    if who is None or route.draft is None:
        return False
    subject = values.get(PATHWAY, "")
    opened_for = subject or route.subject.format(**values)
    ticket = posted_ticket(deps.vault, who.session.session_hash, request.form, opened_for)
    posted = own_values()
    if deps.engine.pathways.applied(ticket.command_id(posted.items(multi=True))) is not None:
        return False
    rest = {name: value for name, value in values.items() if name != PATHWAY}
    keep_values(deps, who.member, subject, route.draft.format(**rest), posted)
    return True
