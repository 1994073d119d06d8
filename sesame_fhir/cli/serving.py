"""``sesame serve`` and ``sesame demo``."""

import os
import sys
from pathlib import Path

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server import demo_ehr, serving
from sesame_fhir.server.demo_cohort import load_cohort
from sesame_fhir.server.opening import opened_store, ready_store
from sesame_fhir.server.registration import register_all
from sesame_fhir.server.system import make_key, read_key
from sesame_fhir.server.team import team_settings
from sesame_fhir.server.wiring import projector
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.storage import Store
from sesame_fhir.storage.readiness import OUTDATED


@click.command()
@click.pass_obj
def serve(context: CliContext) -> None:
    """Serve the app (/app) and the facade (/fhir) for the EHRs that are registered."""
    settings = context.settings
    with ready_store(settings, rebuilt=True) as store:
        # What cannot work is said here, once and in one line, before there are workers to fail one by one.
        register_all(settings.ehrs, settings.site_id, store.vault, store.ehrs)
    team_settings(settings)
    _pass_config(context)
    serving.run(serving.SERVE, settings)


@click.command()
@click.option("--patients", type=click.IntRange(0, 1_000_000), default=60, help="Synthetic pathways to begin with.")
@click.option("--seed", type=int, default=1, help="The same seed gives the same people.")
@click.pass_obj
def demo(context: CliContext, patients: int, seed: int) -> None:
    """Serve a demo EHR with synthetic patients on 127.0.0.1, and the app inside it on localhost."""
    settings = context.settings
    key_file = Path(settings.key_file)
    make_key(key_file)
    with opened_store(settings, create=True) as store:
        store.migrate()
        if OUTDATED in store.check():
            rebuild(store.pathways, projector(settings), lambda _done: None)
        demo_ehr.register(store, settings)
        _load_cohort(context, store, patients, seed)
    demo_ehr.prepare(settings, read_key(key_file))
    click.echo(f"demo EHR:  {demo_ehr.ehr_url(settings)}/   (synthetic patients; Ctrl-C stops)")
    click.echo(f"team:      {demo_ehr.app_root(settings)}/app/team/")
    _pass_config(context)
    serving.run(serving.DEMO, settings)


def _load_cohort(context: CliContext, store: Store, patients: int, seed: int) -> None:
    """Invent the cohort, with its progress; stopped on the way, the next start goes on where it was."""
    with click.progressbar(length=patients, label="cohort:   ", file=sys.stderr) as bar:
        load_cohort(
            context.settings,
            store,
            patients=patients,
            seed=seed,
            progress=lambda done, _all: bar.update(done - bar.pos),
        )


def _pass_config(context: CliContext) -> None:
    """The workers are other processes: they read the same configuration again."""
    if context.config is not None:
        os.environ["SESAME_CONFIG"] = str(context.config)
