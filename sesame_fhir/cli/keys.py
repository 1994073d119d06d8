"""``sesame keys rotate``: new signing keys; the old ones stay published while tokens signed with them may live."""

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server.rotation import rotate_all


@click.group()
def keys() -> None:
    """Manage the keys that sign our assertions and tokens."""


@keys.command()
@click.pass_obj
def rotate(context: CliContext) -> None:
    """Make new signing keys; retired ones stay in the JWKS for 30 days, then go."""
    with context.store() as store:
        for line in rotate_all(store):
            click.echo(line)
