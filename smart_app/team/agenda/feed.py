"""The calendar feed of one nurse: an address that nobody can guess, made, replaced and revoked by its owner.

Only the hash of the address's secret is stored; the address is shown once. A calendar program brings no session, so the
feed itself is open to whoever has the address, and says nothing about patients.
"""

from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from sesame_fhir.domain.access import role_refusals
from sesame_fhir.services.caseload import AgendaSlot
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.services.staff import StaffMember
from smart_app.deps import AppDeps, current_deps
from smart_app.session.cookies import fingerprint
from smart_app.team.agenda.calendar import calendar_of, etag_of
from smart_app.team.context import TeamContext
from smart_app.team.posted import read_posted
from smart_app.team.render import render

ACTION = "subscribe-calendar"
_BACK, _AHEAD = timedelta(days=31), timedelta(days=366)
_MOST_SLOTS = 2000


def show_calendar(page: TeamContext) -> str:
    """Say whether there is an address, and offer to make, replace or revoke it."""
    return _shown(page)


def post_calendar(page: TeamContext) -> str:
    """Make an address, which ends the earlier one. It is shown now, and never again."""
    read_posted(page)
    secret = page.deps.ids.secret()
    page.deps.staff_access.feeds.issue(page.member.staff_id, fingerprint(secret), page.now)
    return _shown(page, f"{_origin(page.deps)}{url_for('team.calendar_feed', token=secret)}")


def post_calendar_end(page: TeamContext) -> str:
    """Revoke the address."""
    read_posted(page)
    page.deps.staff_access.feeds.revoke(page.member.staff_id)
    return _shown(page)


def calendar_feed(token: str) -> ResponseReturnValue:
    """The owner's contacts to come. Raises NotFound for an address that is unknown, revoked, or whose owner left."""
    deps = current_deps()
    now, owner = deps.clock.now(), _owner(deps, token)
    slots = deps.engine.pathways.agenda(owner.sites, owner.actor.actor_id, now - _BACK, now + _AHEAD, _MOST_SLOTS)
    _trace(deps, owner, now)
    answer = Response(status=HTTPStatus.OK, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Disposition"] = 'inline; filename="sesame.ics"'
    answer.set_etag(etag_of(slots))
    if answer.make_conditional(request).status_code != HTTPStatus.NOT_MODIFIED:
        answer.set_data(calendar_of(slots, now, lambda slot: _link(deps, slot)))
    return answer


def _owner(deps: AppDeps, token: str) -> StaffMember:
    staff_id = deps.staff_access.feeds.owner(fingerprint(token))
    member = None if staff_id is None else deps.staff.by_id(staff_id)
    if member is None or not member.active or role_refusals(ACTION, member.role):
        raise NotFound
    return member


def _shown(page: TeamContext, address: str | None = None) -> str:
    issued = page.deps.staff_access.feeds.issued_at(page.member.staff_id)
    return render(page, "team/calendar.html", address=address, issued=issued)


def _link(deps: AppDeps, slot: AgendaSlot) -> str:
    return f"{_origin(deps)}{url_for('team.show_patient', pathway_id=slot.pathway_id)}"


def _origin(deps: AppDeps) -> str:
    return deps.app_url.removesuffix("/app")


def _trace(deps: AppDeps, owner: StaffMember, now: datetime) -> None:
    entry = AuditEntry(now, owner.actor.actor_id, owner.role.value, ACTION, "done", detail="calendar_feed")
    deps.audit.record(entry)
