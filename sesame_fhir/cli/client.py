"""``sesame client add`` and ``sesame client list``: which other systems may use our facade."""

from pathlib import Path

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server.clients import DescribedClient, client_from
from sesame_fhir.server.opening import ready_store


@click.group()
def client() -> None:
    """Register the systems that may use our own FHIR facade."""


@client.command()
@click.argument("client_id")
@click.option("--name", required=True, help="What people are shown.")
@click.option("--scopes", required=True, help="Scopes it may be granted at most, separated by spaces.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where codes may be sent (repeatable, exact).")
@click.option("--launch-uri", help="Where it is opened by an EHR launch.")
@click.option("--jwks-uri", help="Where its public keys are; it signs assertions (ES384 or RS384).")
@click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with its secret; only a hash of it is kept.",
)
@click.pass_obj
def add(
    context: CliContext,
    *,
    client_id: str,
    name: str,
    scopes: str,
    redirect_uris: tuple[str, ...],
    launch_uri: str | None,
    jwks_uri: str | None,
    secret_file: Path | None,
) -> None:
    """Register CLIENT_ID, or replace its registration; without --jwks-uri and --secret-file it is a public client."""
    described = DescribedClient(client_id, name, scopes, redirect_uris, launch_uri, jwks_uri, secret_file)
    with ready_store(context.settings) as store:
        made = client_from(described)
        replaced = store.authorization.client(client_id) is not None
        store.authorization.save_client(made)
    public = context.settings.public_url
    click.echo(f"{'replaced' if replaced else 'registered'} {client_id} ({made.kind.value} client)")
    click.echo(f"give the system:  FHIR base URL       {public}/fhir")
    click.echo(f"                  SMART configuration {public}/fhir/.well-known/smart-configuration")


@client.command("list")
@click.pass_obj
def list_(context: CliContext) -> None:
    """List the registered systems."""
    with ready_store(context.settings) as store:
        clients = store.authorization.clients()
    for one in clients:
        click.echo(f"{one.client_id}  {one.kind.value}  {one.name}  scopes={' '.join(one.scopes)}")
    if not clients:
        click.echo("no client is registered; use: sesame client add CLIENT_ID --name NAME --scopes SCOPES ...")
