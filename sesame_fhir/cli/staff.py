"""``sesame staff``: accounts of people who sign in without an EHR."""

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.domain.actors import STAFF, Actor, Role
from sesame_fhir.server.opening import ready_store
from sesame_fhir.server.people import published_staff
from sesame_fhir.server.system import SystemClock, SystemIds
from sesame_fhir.server.team import team_settings
from sesame_fhir.services.accounts import (
    LINK_LIFE,
    AccountProblem,
    AccountRefused,
    Described,
    issue_link,
    member_from,
    save_account,
    set_active,
)
from sesame_fhir.services.sign_in import SignInPorts
from sesame_fhir.services.staff import StaffMember
from sesame_fhir.storage import Store

ROLES = sorted(role.value for role in STAFF)
_OPERATOR = Actor("cli", Role.SYSTEM, "sesame staff")

PROBLEMS: dict[AccountProblem, str] = {
    AccountProblem.LOGIN_INVALID: "LOGIN: 2 to 64 of a-z, 0-9, dot, hyphen, underscore, @",
    AccountProblem.LOGIN_TAKEN: "another account has this login or this --external; see `sesame staff list`",
    AccountProblem.NAME_MISSING: "--name: 1 to 100 characters",
    AccountProblem.ROLE_UNKNOWN: "--role: no such role",
    AccountProblem.SITE_UNKNOWN: "--site: not a site of the settings; see [[sites]]",
    AccountProblem.SITE_MISSING: "--site: every role but administrator works at one site at least",
    AccountProblem.RPPS_INVALID: "--rpps: 11 digits, of which the last is a check digit",
    AccountProblem.OWN_ACCOUNT: "one's own account",
    AccountProblem.OWN_ROLE: "--role: one's own role",
}


@click.group()
def staff() -> None:
    """Manage the accounts of people who sign in without an EHR."""


@staff.command()
@click.argument("login")
@click.option("--name", required=True, help="The name as colleagues write it.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What the person does; one account per role.")
@click.option("--site", "sites", multiple=True, help="Id of a site of the settings (repeatable).")
@click.option("--rpps", default="", help="RPPS: launches and this account are then the same person.")
@click.option("--external", multiple=True, help="Identity at an OpenID provider, as `issuer|sub` (repeatable).")
@click.pass_obj
def add(
    context: CliContext,
    *,
    login: str,
    name: str,
    role: str,
    sites: tuple[str, ...],
    rpps: str,
    external: tuple[str, ...],
) -> None:
    """Make the account LOGIN, and print the one-time link by which its person chooses how to sign in."""
    known = frozenset(team_settings(context.settings).sites)
    with ready_store(context.settings) as store:
        try:
            member = member_from(Described(login, name, role, sites, rpps, external), SystemIds().new(), known)
            save_account(_ports(context, store), _OPERATOR, member, SystemClock().now())
        except AccountRefused as refused:
            raise click.ClickException("; ".join(PROBLEMS[problem] for problem in refused.problems)) from refused
        click.echo(f"account {member.login} ({member.role.value})")
        _print_link(context, store, member)


@staff.command("list")
@click.pass_obj
def list_(context: CliContext) -> None:
    """List the accounts."""
    with ready_store(context.settings) as store:
        everybody = store.staff.all()
    for member in everybody:
        state = "active" if member.active else "deactivated"
        click.echo(f"{member.login}  {member.role.value}  {state}  sites={','.join(member.sites)}  {member.name}")
    if not everybody:
        click.echo("no account; use: sesame staff add LOGIN --name NAME --role ROLE --site SITE")


@staff.command()
@click.argument("login")
@click.pass_obj
def link(context: CliContext, *, login: str) -> None:
    """Print a new one-time link for LOGIN; when it is used, what worked before works no more."""
    with ready_store(context.settings) as store:
        member = _account(store, login)
        if not member.active:
            raise click.ClickException(f"{login}: deactivated; an administrator can open the account again")
        _print_link(context, store, member)


@staff.command()
@click.argument("login")
@click.pass_obj
def deactivate(context: CliContext, *, login: str) -> None:
    """Close the account LOGIN: its sessions end at once; what its person recorded stays."""
    with ready_store(context.settings) as store:
        member = _account(store, login)
        set_active(_ports(context, store), _OPERATOR, member.staff_id, active=False, now=SystemClock().now())
    click.echo(f"deactivated {member.login}")


def _ports(context: CliContext, store: Store) -> SignInPorts:
    return SignInPorts(published_staff(context.settings, store), store.staff_access, store.vault, store.audit)


def _account(store: Store, login: str) -> StaffMember:
    member = store.staff.by_login(login)
    if member is None:
        raise click.ClickException(f"{login}: no such account; see `sesame staff list`")
    return member


def _print_link(context: CliContext, store: Store, member: StaffMember) -> None:
    token = issue_link(_ports(context, store), SystemIds(), _OPERATOR, member.staff_id, SystemClock().now())
    hours = int(LINK_LIFE.total_seconds()) // 3600
    click.echo(f"give this person, and nobody else, within {hours} hours (it works once):")
    click.echo(f"  {context.settings.public_url}/app/team/enrol/{token}")
