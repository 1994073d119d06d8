"""``sesame doctor``: checks settings, key, database, clock, keys and EHRs, and says what to fix."""

from pathlib import Path

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server.diagnosis import Finding, diagnose


@click.command()
@click.pass_obj
def doctor(context: CliContext) -> None:
    """Check that the service can do its work; exit code 1 when something must be fixed."""
    source = context.config or Path("defaults and environment")
    click.echo(f"ok     settings    {source}")
    findings = diagnose(context.settings)
    for finding in findings:
        click.echo(_line(finding))
    if any(finding.problem for finding in findings):
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    if finding.problem is None:
        return f"ok     {finding.subject:<11} {finding.detail}"
    return f"WRONG  {finding.subject:<11} {finding.problem}\n       {'':<11} -> {finding.remedy}"
