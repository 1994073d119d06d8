"""``sesame client``: which other systems may use our facade."""

import json
from pathlib import Path

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.server.clients import SECRET_CHARACTERS, Clients
from sesame_fhir.server.opening import ready_store
from sesame_fhir.server.registration import read_secret
from sesame_fhir.server.system import SystemClock, SystemIds
from sesame_fhir.server.team import team_settings
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.clients import ClientProblem, ClientRefused, DescribedClient
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import Store

_OPERATOR = Actor("cli", Role.SYSTEM, "sesame client")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

PROBLEMS: dict[ClientProblem, str] = {
    ClientProblem.ID_INVALID: "CLIENT_ID: 1 to 200 of A-Z, a-z, 0-9, dot, hyphen, underscore, tilde",
    ClientProblem.ID_TAKEN: "CLIENT_ID: registered already",
    ClientProblem.NAME_MISSING: "--name: 1 to 100 characters",
    ClientProblem.KIND_UNKNOWN: "no such kind of client",
    ClientProblem.SCOPES_MISSING: "--scopes: none given",
    ClientProblem.SCOPES_UNKNOWN: "scopes that cannot be granted",
    ClientProblem.ADDRESS_UNSAFE: "address",
    ClientProblem.REDIRECT_MISSING: "without --redirect-uri only a backend service can be served: "
    "it needs --jwks-uri or --jwks-file, and a system/ scope",
    ClientProblem.KEYS_MISSING: "no keys: give --jwks-uri or --jwks-file",
    ClientProblem.KEYS_INVALID: "--jwks-file: not a set of public RSA or EC keys that each have a kid",
    ClientProblem.SECRET_SHORT: f"--secret-file: shorter than {SECRET_CHARACTERS} characters; "
    "try `openssl rand -base64 32`",
    ClientProblem.SITE_UNKNOWN: "--site: not a site of the settings",
    ClientProblem.ORIGIN_INVALID: "not an origin; expected https://host",
}


@click.group()
def client() -> None:
    """Register the systems that may use our own FHIR facade."""


@client.command()
@click.argument("client_id")
@click.option("--name", required=True, help="What people are shown.")
@click.option("--scopes", required=True, help="Scopes it may be granted at most, separated by spaces.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where codes may be sent (repeatable, exact).")
@click.option("--launch-uri", default="", help="Where it is opened by an EHR launch.")
@click.option("--jwks-uri", default="", help="Where its public keys are; it signs assertions (ES384 or RS384).")
@click.option("--jwks-file", type=_FILE, help="File with its public keys, when they are at no address.")
@click.option("--secret-file", type=_FILE, help="File with its secret; only a hash of it is kept.")
@click.option("--new-secret", is_flag=True, help="Give it a secret, printed once.")
@click.option("--site", "sites", multiple=True, help="Site whose data it may reach (repeatable); default: every site.")
@click.option("--origin", "origins", multiple=True, help="Origin from which a browser may call (CORS; repeatable).")
@click.option("--notify-origin", "notify_origins", multiple=True, help="Origin that its subscriptions may notify.")
@click.option("--may-assert-professionals", is_flag=True, help="What it writes may name the professional who acted.")
@click.pass_obj
def add(
    context: CliContext,
    /,
    *,
    jwks_file: Path | None,
    secret_file: Path | None,
    new_secret: bool,
    jwks_uri: str,
    **fields: object,
) -> None:
    """Register CLIENT_ID, or replace its registration; without keys and secret it is a public client."""
    described = DescribedClient(
        kind=_kind(jwks_uri or jwks_file, secret_file or new_secret).value,
        jwks_uri=jwks_uri,
        jwks="" if jwks_file is None else jwks_file.read_text(encoding="utf-8", errors="replace"),
        secret=None if secret_file is None else read_secret(secret_file),
        **fields,  # type: ignore[arg-type]  # click gives what the options say
    )
    with ready_store(context.settings) as store:
        clients = _clients(context, store)
        replaced = clients.find(described.client_id) is not None
        try:
            secret = clients.save(described, _OPERATOR, new=False)
        except ClientRefused as refused:
            raise click.ClickException("; ".join(_said(*one) for one in refused.problems)) from refused
    public = context.settings.public_url
    click.echo(f"{'replaced' if replaced else 'registered'} {described.client_id} ({described.kind} client)")
    click.echo(f"give the system:  FHIR base URL       {public}/fhir")
    click.echo(f"                  SMART configuration {public}/fhir/.well-known/smart-configuration")
    if secret is not None:
        _print_secret(secret)


@client.command("list")
@click.pass_obj
def list_(context: CliContext) -> None:
    """List the registered systems."""
    with ready_store(context.settings) as store:
        clients = store.authorization.clients()
    for one in clients:
        state = "" if one.active else "  closed"
        click.echo(f"{one.client_id}  {one.kind.value}  {one.name}  scopes={' '.join(one.scopes)}{state}")
    if not clients:
        click.echo("no client is registered; use: sesame client add CLIENT_ID --name NAME --scopes SCOPES ...")


@client.command()
@click.argument("client_id")
@click.pass_obj
def show(context: CliContext, *, client_id: str) -> None:
    """Show the registration of CLIENT_ID."""
    with ready_store(context.settings) as store:
        found = _clients(context, store).find(client_id)
    if found is None:
        raise click.ClickException(_unknown(client_id))
    for name, value in _lines(found):
        click.echo(f"{name:26}{value}")


@client.command()
@click.argument("client_id")
@click.pass_obj
def remove(context: CliContext, *, client_id: str) -> None:
    """Forget CLIENT_ID: its tokens end at once."""
    with ready_store(context.settings) as store:
        try:
            _clients(context, store).remove(client_id, _OPERATOR)
        except NotFound:
            raise click.ClickException(_unknown(client_id)) from None
    click.echo(f"removed {client_id}")


@client.command("rotate-secret")
@click.argument("client_id")
@click.pass_obj
def rotate_secret(context: CliContext, *, client_id: str) -> None:
    """Give CLIENT_ID another secret, printed once; the one before opens nothing any more."""
    with ready_store(context.settings) as store:
        try:
            secret = _clients(context, store).new_secret(client_id, _OPERATOR)
        except NotFound:
            raise click.ClickException(f"{client_id}: no such client, or one without a secret") from None
    _print_secret(secret)


def _clients(context: CliContext, store: Store) -> Clients:
    sites = frozenset(team_settings(context.settings).sites)
    return Clients(store.authorization, store.audit, SystemClock(), SystemIds(), sites)


def _kind(keys: object, secret: object) -> ClientKind:
    if keys and secret:
        raise click.ClickException("give either its keys or a secret, not both")
    return ClientKind.ASYMMETRIC if keys else ClientKind.SYMMETRIC if secret else ClientKind.PUBLIC


def _said(problem: ClientProblem, shown: str) -> str:
    return f"{PROBLEMS[problem]}: {shown}" if shown else PROBLEMS[problem]


def _lines(one: OAuthClient) -> tuple[tuple[str, str], ...]:
    return (
        ("client_id", one.client_id),
        ("name", one.name),
        ("kind", one.kind.value),
        ("state", "active" if one.active else "closed"),
        ("scopes", " ".join(one.scopes)),
        ("redirect_uris", " ".join(one.redirect_uris) or "-"),
        ("launch_uri", one.launch_uri or "-"),
        ("jwks_uri", one.jwks_uri or "-"),
        ("jwks", json.dumps([key.get("kid") for key in one.jwks["keys"]]) if one.jwks else "-"),
        ("sites", " ".join(one.sites) or "every site"),
        ("origins", " ".join(one.origins) or "-"),
        ("notify_origins", " ".join(one.notify_origins) or "-"),
        ("may_assert_professionals", "yes" if one.may_assert_professionals else "no"),
    )


def _unknown(client_id: str) -> str:
    return f"{client_id}: no such client; see `sesame client list`"


def _print_secret(secret: str) -> None:
    click.echo("its secret, shown once (give it over a safe channel):")
    click.echo(f"  {secret}")
