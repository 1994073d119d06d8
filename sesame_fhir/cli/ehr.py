"""``sesame ehr add`` and ``sesame ehr list``: which EHRs may launch the app."""

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server.opening import ready_store
from sesame_fhir.server.registration import registration_from
from sesame_fhir.services.records import ClientKind


@click.group()
def ehr() -> None:
    """Register the EHRs that may launch the app."""


@ehr.command()
@click.argument("iss")
@click.option("--client-id", required=True, help="Our client id at this EHR.")
@click.option("--secret-file", type=click.Path(exists=True, dir_okay=False), help="File with the client secret.")
@click.option("--private-key-jwt", type=click.Choice(["ES384", "RS384"]), help="Sign assertions with our own key.")
@click.option("--frame-origin", "frame_origins", multiple=True, help="Origin that may frame the app (repeatable).")
@click.option("--scopes", help="Scopes to ask for, instead of the app's own set.")
@click.option("--authorize-method", type=click.Choice(["get", "post"]), default="get", show_default=True)
@click.pass_obj
def add(context: CliContext, /, iss: str, **options: str | tuple[str, ...] | None) -> None:
    """Register the EHR whose FHIR base URL is ISS (the value it sends in `iss`), or replace its registration."""
    described: dict[str, object] = {"issuer": iss, **{name: value for name, value in options.items() if value}}
    with ready_store(context.settings) as store:
        registration = registration_from(described, context.settings.site_id, store.vault)
        replaced = store.ehrs.by_issuer(registration.issuer) is not None
        store.ehrs.add(registration)
    public = context.settings.public_url
    done = "replaced" if replaced else "registered"
    click.echo(f"{done} {registration.issuer} as {registration.ehr_id} ({registration.kind.value} client)")
    click.echo(f"give the EHR:  launch URL    {public}/app/launch")
    click.echo(f"               redirect URL  {public}/app/callback")
    if registration.kind is ClientKind.ASYMMETRIC:
        click.echo(f"               JWKS URL      {public}/app/jwks.json")


@ehr.command("list")
@click.pass_obj
def list_(context: CliContext) -> None:
    """List the registered EHRs."""
    with ready_store(context.settings) as store:
        registrations = store.ehrs.all()
    for one in registrations:
        origins = " ".join(one.frame_origins)
        click.echo(f"{one.ehr_id}  {one.issuer}  {one.kind.value}  client={one.client_id}  frames={origins}")
    if not registrations:
        click.echo("no EHR is registered; use: sesame ehr add ISS --client-id ID")
