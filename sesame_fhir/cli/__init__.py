"""The ``sesame`` command: one small module per subcommand. Every error says what to do and exits with 1."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from sesame_fhir.cli.billing import billing
from sesame_fhir.cli.client import client
from sesame_fhir.cli.context import CliContext
from sesame_fhir.cli.database import migrate, rebuild
from sesame_fhir.cli.doctor import doctor
from sesame_fhir.cli.ehr import ehr
from sesame_fhir.cli.keys import keys
from sesame_fhir.cli.serving import demo, serve
from sesame_fhir.cli.staff import staff
from sesame_fhir.cli.subscription import subscription
from sesame_fhir.server import logs
from sesame_fhir.server.opening import StoreProblem
from sesame_fhir.server.registration import RegistrationError
from sesame_fhir.server.serving import ServingError
from sesame_fhir.server.settings import Settings, SettingsError, load
from sesame_fhir.server.system import KeyFileError

_EXPLAINED = (KeyFileError, StoreProblem, RegistrationError, ServingError)


class _Explaining(click.Group):
    """Turns what an operator can put right into one line; anything else is a fault of ours and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except _EXPLAINED as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Explaining)
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
    logs.configure(context.obj.settings.log_level)


def _load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    try:
        return load(config, environ)
    except SettingsError as error:
        raise click.ClickException(f"wrong settings: {'; '.join(error.problems)}") from error


def main() -> None:
    """Entry point of the ``sesame`` command."""
    cli()


for _command in (serve, demo, migrate, rebuild, ehr, client, subscription, staff, billing, keys, doctor):
    cli.add_command(_command)
