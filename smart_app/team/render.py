"""Renders a page for somebody who is signed in: header, navigation as the role allows, ticket."""

from dataclasses import dataclass

from flask import current_app, render_template, request

from smart_app.session.csrf import FormTicket
from smart_app.team.context import TeamContext
from smart_app.team.texts import ROLES


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page in the header: its French label, the name of its view, and the action that a role must be allowed."""

    label: str
    endpoint: str
    action: str


NAV = (
    NavItem("File active", "show_caseload", "view-caseload"),
    NavItem("Revue de cas", "show_review", "view-review"),
    NavItem("Agenda", "show_agenda", "view-agenda"),
    NavItem("Questionnaires", "show_handouts", "print-form"),
    NavItem("Indicateurs", "show_indicators", "view-indicators"),
    NavItem("Facturation", "show_billing", "view-billing"),
    NavItem("Comptes", "show_accounts", "view-accounts"),
    NavItem("Applications", "show_clients", "view-clients"),
)


@dataclass(frozen=True, slots=True)
class NavLink:
    """A navigation entry as shown."""

    label: str
    url: str
    current: bool


def nav_of(page: TeamContext) -> tuple[NavLink, ...]:
    """The entries that this role may open."""
    return tuple(
        NavLink(item.label, page.url(item.endpoint), request.endpoint == f"team.{item.endpoint}")
        for item in NAV
        if page.may(item.action) and f"team.{item.endpoint}" in current_app.view_functions
    )


def render(page: TeamContext, template: str, **values: object) -> str:
    """Render a template that extends ``team/base.html``.

    The template gets ``page``, ``ticket`` and ``csrf`` (for ``hidden()`` of ``app/parts.html``: one form about this
    page's pathway), and ``seal`` with ``page.new_ticket`` for forms about something else.
    """
    ticket: FormTicket = page.new_ticket()
    return render_template(
        template,
        page=page,
        ticket=ticket,
        csrf=page.seal(ticket),
        nav=nav_of(page),
        role_text=ROLES,
        site_names=tuple(page.deps.team.site_name(site) for site in page.member.sites),
        **values,
    )
