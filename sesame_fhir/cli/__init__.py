"""The ``sesame`` command: one small module per subcommand. Every error says what to do and exits with 1."""

import os
from collections.abc import Mapping
from pathlib import Path

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.cli.database import migrate, rebuild
from sesame_fhir.cli.doctor import doctor
from sesame_fhir.cli.ehr import ehr
from sesame_fhir.cli.keys import keys
from sesame_fhir.cli.serving import demo, serve
from sesame_fhir.server.settings import Settings, SettingsError, load
from sesame_fhir.server.system import KeyFileError


@click.group()
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="SESAME_CONFIG",
    help="Settings file (TOML); see docs/reference/settings.md.",
)
@click.version_option(package_name="sesame-fhir")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """SÉSAME inside the GP's own record: SMART-on-FHIR app and FHIR R4 facade."""
    context.obj = CliContext(config, _load(config, os.environ))


def _load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    try:
        return load(config, environ)
    except SettingsError as error:
        raise click.ClickException("\n".join(["wrong settings:", *error.problems])) from error


def main() -> None:
    """Entry point of the ``sesame`` command."""
    try:
        cli()
    except KeyFileError as error:
        raise SystemExit(f"Error: {error}") from error


for _command in (serve, demo, migrate, rebuild, ehr, keys, doctor):
    cli.add_command(_command)
