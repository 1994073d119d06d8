"""The administrator's pages: accounts, what they reach, and the link by which somebody enrols."""

from dataclasses import replace
from http import HTTPStatus

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.actors import STAFF
from sesame_fhir.services.accounts import (
    LINK_LIFE,
    AccountRefused,
    Described,
    issue_link,
    member_from,
    save_account,
    set_active,
)
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.staff import StaffMember
from smart_app.team.context import TeamContext
from smart_app.team.opening import ports_of
from smart_app.team.posted import Posted, read_posted
from smart_app.team.render import render
from smart_app.team.routing import TeamRoute
from smart_app.team.texts import ACCOUNT_PROBLEMS, ROLES

VIEW, CHANGE = "view-accounts", "change-accounts"
PAGE = 50
NEW = "new"
"""What the form of an account that does not exist yet is about."""

_SEE_OTHER = 303
_HOURS = int(LINK_LIFE.total_seconds()) // 3600
_EMPTY = Described("", "", "", ())


def show_accounts(page: TeamContext) -> str:
    """Accounts by login, a page at a time."""
    found = page.deps.staff.page(request.args.get("after", ""), PAGE + 1)
    members, more = found[:PAGE], len(found) > PAGE
    return render(
        page,
        "team/accounts.html",
        members=members,
        following=members[-1].login if more else None,
        site_name=page.deps.team.site_name,
    )


def show_new_account(page: TeamContext) -> str:
    """An empty form."""
    return _form(page, NEW, _EMPTY)


def post_new_account(page: TeamContext) -> ResponseReturnValue:
    """Make the account, and show the link by which its person enrols."""
    posted = read_posted(page, NEW)
    return _save(page, posted, NEW, page.deps.ids.new(), active=True)


def show_account(page: TeamContext, staff_id: str) -> str:
    """One account: change it, give a new link, close it or open it again. Raises NotFound."""
    return _form(page, staff_id, _described(_member(page, staff_id)))


def post_account(page: TeamContext, staff_id: str) -> ResponseReturnValue:
    """Change an account. Raises NotFound."""
    posted = read_posted(page, staff_id)
    return _save(page, posted, staff_id, staff_id, active=_member(page, staff_id).active)


def post_link(page: TeamContext, staff_id: str) -> ResponseReturnValue:
    """Show a new link, once. Raises NotFound."""
    read_posted(page, staff_id)
    return _link_page(page, _member(page, staff_id))


def post_state(page: TeamContext, staff_id: str) -> ResponseReturnValue:
    """Close the account, or open it again. Raises NotFound."""
    posted = read_posted(page, staff_id)
    active = posted.values.get("active") == "yes"
    try:
        set_active(ports_of(page.deps), page.actor, staff_id, active=active, now=page.now)
    except AccountRefused as refused:
        return _form(page, staff_id, _described(_member(page, staff_id)), refused), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(page.url("show_accounts"), _SEE_OTHER)


def _save(page: TeamContext, posted: Posted, subject: str, staff_id: str, *, active: bool) -> ResponseReturnValue:
    described = Described(
        login=posted.values.get("login", ""),
        name=posted.values.get("name", ""),
        role=posted.values.get("role", ""),
        sites=posted.choices("site"),
        rpps=posted.values.get("rpps", ""),
        external=tuple(posted.values.get("external", "").split()),
    )
    try:
        member = replace(member_from(described, staff_id, frozenset(page.deps.team.sites)), active=active)
        save_account(ports_of(page.deps), page.actor, member, page.now)
    except AccountRefused as refused:
        return _form(page, subject, described, refused), HTTPStatus.UNPROCESSABLE_ENTITY
    return _link_page(page, member) if subject == NEW else redirect(page.url("show_accounts"), _SEE_OTHER)


def _form(page: TeamContext, subject: str, described: Described, refused: AccountRefused | None = None) -> str:
    return render(
        page,
        "team/account.html",
        subject=subject,
        account=None if subject == NEW else page.deps.staff.by_id(subject),
        described=described,
        sites=page.deps.team.sites,
        roles=[role for role in ROLES if role in STAFF],
        problems=() if refused is None else tuple(ACCOUNT_PROBLEMS[problem] for problem in refused.problems),
    )


def _link_page(page: TeamContext, member: StaffMember) -> str:
    token = issue_link(ports_of(page.deps), page.deps.ids, page.actor, member.staff_id, page.now)
    path = url_for("team.show_enrolment", token=token)
    link = f"{page.deps.app_url}{path.removeprefix('/app')}"
    return render(page, "team/account_link.html", account=member, link=link, hours=_HOURS)


def _member(page: TeamContext, staff_id: str) -> StaffMember:
    member = page.deps.staff.by_id(staff_id)
    if member is None:
        raise NotFound(staff_id)
    return member


def _described(member: StaffMember) -> Described:
    rpps = member.rpps.value if member.rpps else ""
    return Described(member.login, member.name, member.role.value, member.sites, rpps, member.external)


ROUTES = (
    TeamRoute("GET", "/accounts", VIEW, show_accounts),
    TeamRoute("GET", "/accounts/new", CHANGE, show_new_account),
    TeamRoute("POST", "/accounts/new", CHANGE, post_new_account),
    TeamRoute("GET", "/accounts/<staff_id>", CHANGE, show_account),
    TeamRoute("POST", "/accounts/<staff_id>", CHANGE, post_account),
    TeamRoute("POST", "/accounts/<staff_id>/link", CHANGE, post_link),
    TeamRoute("POST", "/accounts/<staff_id>/state", CHANGE, post_state),
)
