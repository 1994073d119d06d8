"""``sesame migrate`` and ``sesame rebuild``."""

from pathlib import Path

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server.system import make_key, read_key
from sesame_fhir.server.wiring import projector
from sesame_fhir.services.rebuild import rebuild as rebuild_projections
from sesame_fhir.storage import open_store


@click.command()
@click.pass_obj
def migrate(context: CliContext) -> None:
    """Create or update the database's tables, and the key file when there is none."""
    settings = context.settings
    key_file = Path(settings.key_file)
    if make_key(key_file):
        click.echo(f"new key: {key_file} (keep it with your backups)")
    store = open_store(settings.database_url, read_key(key_file))
    try:
        store.migrate()
    finally:
        store.close()
    click.echo("database is up to date")


@click.command()
@click.pass_obj
def rebuild(context: CliContext) -> None:
    """Re-create every projection (caseload, FHIR resources, outbox targets) from the pathways' events.

    It may be stopped at any time and run again; each pathway is rebuilt in one transaction.
    """
    with context.store() as store:
        ids = list(store.pathways.pathway_ids())
        with click.progressbar(length=len(ids), label="pathways") as bar:
            rebuild_projections(store.pathways, projector(context.settings), lambda _done: bar.update(1))
    click.echo(f"{len(ids)} pathways rebuilt")
