"""``sesame keys rotate``: new signing keys; the old ones stay published while tokens signed with them may live."""

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server.opening import ready_store
from sesame_fhir.server.rotation import rotate_all
from sesame_fhir.server.system import SystemClock


@click.group()
def keys() -> None:
    """Manage the keys that sign our assertions and tokens."""


@keys.command()
@click.pass_obj
def rotate(context: CliContext) -> None:
    """Make new signing keys; the ones before stay published for 30 days, so that nothing they signed is refused."""
    with ready_store(context.settings) as store:
        for line in rotate_all(store.keys, store.vault, SystemClock()):
            click.echo(line)
