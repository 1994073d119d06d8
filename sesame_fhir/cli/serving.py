"""``sesame serve`` and ``sesame demo``."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server import demo_ehr, serving
from sesame_fhir.server.demo import billing_folder, prepare_demo
from sesame_fhir.server.demo_billing import MONTHS
from sesame_fhir.server.opening import ready_store
from sesame_fhir.server.registration import register_all
from sesame_fhir.server.sandbox import ask_reset, sandbox_folder
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import make_key
from sesame_fhir.server.team import team_settings


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
@click.option("--sandbox", is_flag=True, help="For strangers: what is entered is forgotten, limits, test clients.")
@click.option("--reset", is_flag=True, help="Make the sandbox that runs forget everything, and end.")
@click.pass_obj
def demo(context: CliContext, patients: int, seed: int, *, sandbox: bool, reset: bool) -> None:
    """Serve a demo EHR with synthetic patients on 127.0.0.1, and the app inside it on localhost."""
    settings = context.settings
    if reset:
        ask_reset(settings)
        click.echo("the sandbox goes back to its beginning within seconds")
        return
    if sandbox:
        _sandbox(context)
        return
    _begin(settings, patients, seed)
    _where(settings)
    click.echo(f"billing:   {billing_folder(settings)}/   (files of an invented payer, to bring on the billing pages)")
    _pass_config(context)
    serving.run(serving.DEMO, settings)


def _begin(settings: Settings, patients: int, seed: int) -> None:
    """Make what is missing, and say how far that is: people first, then the months that are billed."""
    with click.progressbar(length=patients + MONTHS, label="beginning:", file=sys.stderr) as bar:
        prepare_demo(
            settings,
            patients=patients,
            seed=seed,
            progress=lambda done, _all: bar.update(done - bar.pos),
            billed=lambda done, _all: bar.update(patients + done - bar.pos),
        )
        bar.update(patients + MONTHS - bar.pos)


def _sandbox(context: CliContext) -> None:
    """One process: a generation is its own. Its patients come from the settings, which the worker reads again."""
    sandbox_folder(context.settings)
    make_key(Path(context.settings.key_file))
    _where(context.settings)
    click.echo(
        f"sandbox:   forgets everything every {context.settings.sandbox.reset_hours} hours; see: sesame demo --reset"
    )
    _pass_config(context)
    serving.run(serving.SANDBOX, replace(context.settings, workers=1))


def _where(settings: Settings) -> None:
    click.echo(f"demo EHR:  {demo_ehr.ehr_url(settings)}/   (synthetic patients; Ctrl-C stops)")
    click.echo(f"team:      {demo_ehr.app_root(settings)}/app/team/")


def _pass_config(context: CliContext) -> None:
    """The workers are other processes: they read the same configuration again."""
    if context.config is not None:
        os.environ["SESAME_CONFIG"] = str(context.config)
