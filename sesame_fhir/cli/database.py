"""``sesame migrate`` and ``sesame rebuild``."""

from pathlib import Path

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.search_index import index_json
from sesame_fhir.server.opening import opened_store, ready_store
from sesame_fhir.server.system import make_key
from sesame_fhir.server.wiring import projector
from sesame_fhir.services.rebuild import rebuild as rebuild_projections
from sesame_fhir.services.rebuild import reindex
from sesame_fhir.storage.readiness import OUTDATED


@click.command()
@click.pass_obj
def migrate(context: CliContext) -> None:
    """Create or update the database's tables, and the key file when there is none."""
    settings = context.settings
    key_file = Path(settings.key_file)
    if make_key(key_file):
        click.echo(f"new key: {key_file} (keep it with your backups)")
    with opened_store(settings, create=True) as store:
        store.migrate()
        outdated = OUTDATED in store.check()
    click.echo("database is up to date")
    if outdated:
        click.echo("its pathways were written by an earlier release: now run `sesame rebuild`, then start the service")


@click.command()
@click.option("--after", help="Resume after this pathway id (printed when a run is stopped).")
@click.pass_obj
def rebuild(context: CliContext, after: str | None) -> None:
    """Re-create every projection (caseload, FHIR resources, outbox targets) from the pathways' events.

    Then what was received through the facade is indexed anew, so that it is found by what this release searches.

    It may be stopped at any time and taken up again with --after; each pathway is rebuilt in one transaction.
    """
    last: PathwayId | None = PathwayId(after) if after else None

    def progress(pathway_id: PathwayId) -> None:
        nonlocal last
        last = pathway_id
        bar.update(1)

    with ready_store(context.settings) as store:
        ids = list(store.pathways.pathway_ids())
        if last is not None and last not in ids:
            raise click.ClickException(f"--after {last}: no such pathway; leave it out to rebuild all of them")
        remaining = len(ids) if last is None else len(ids) - ids.index(last) - 1
        with click.progressbar(length=remaining, label="pathways") as bar:
            try:
                done = rebuild_projections(store.pathways, projector(context.settings), progress, last)
            except KeyboardInterrupt:
                resume = f" --after {last}" if last is not None else ""
                raise click.ClickException(f"stopped; go on with: sesame rebuild{resume}") from None
        reindex(store.resources, index_json)
    click.echo(f"{done} pathways rebuilt, received resources indexed anew")
