"""``sesame billing billable-on|what-if``: the cohort on another day, or under other schemes. Nothing is written."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.options import today
from sesame_fhir.cli.billing.output import put_json
from sesame_fhir.cli.billing.progress import counted
from sesame_fhir.cli.billing.schemes import read_for
from sesame_fhir.domain.billing.decision import BillingCode
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.assessing import Summary
from sesame_fhir.services.billing.time_travel import (
    as_if_added,
    at_any_time,
    billable_on,
    difference,
    schemes_on,
    what_if,
)

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("billable-on")
@click.argument("day", type=_DAY)
@click.option("--schemes-of-then", is_flag=True, help="Decide by the schemes as they were configured on that day.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@by_coordinator
def billable_on_day(desk: Desk, day: datetime, *, schemes_of_then: bool, as_json: bool) -> None:
    """Say what could have been billed on DAY (2025-03-31), by what had been recorded by then.

    Sequences that ended by that day, at the coordinator's sites, under the schemes configured now.
    """
    on, counts = day.date(), Summary()
    if on > today(desk):
        raise Refused(Reason(ReasonCode.DATE_IN_FUTURE, on.isoformat()))
    schemes = schemes_on(desk.billing, on) if schemes_of_then else None
    with counted("pathways") as progress:
        for one in billable_on(desk.billing, desk.who, on, schemes=schemes, progress=progress):
            counts.add(one)
    if as_json:
        put_json(counts)
        return
    for verdict, tally in counts.by_verdict.items():
        click.echo(f"{verdict}: {tally.count} sequences, {tally.amount} euros, of them {tally.share} for the centres")
    for code, tally in sorted(counts.by_reason.items()):
        click.echo(f"  {code}: {tally.count}")


@click.command("what-if")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--only", metavar="ID", help="Of the file's schemes, this one.")
@click.option("--alone", is_flag=True, help="Without the schemes in force, instead of beside them.")
@click.option(
    "--at-any-time", "always", is_flag=True, help="Alone, and as if it had always been in force; with one scheme only."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@by_coordinator
def what_if_schemes(desk: Desk, file: Path, *, only: str | None, alone: bool, always: bool, as_json: bool) -> None:
    """Say what would change if the scheme file FILE were added to the schemes in force; it is not.

    Every finished sequence of the coordinator's sites is decided twice, as if nothing had been claimed yet.
    """
    schemes = _schemes(desk, file, only, alone=alone, always=always)
    with counted("sequences") as progress:
        found = difference(what_if(desk.billing, desk.who, schemes, progress=progress))
    if as_json:
        put_json(found)
        return
    click.echo(f"{found.sequences} finished sequences, {found.changed} would change")
    click.echo(f"billable only then: {found.gained}{_why(found.why_gained)}")
    click.echo(f"billable only now: {found.lost}{_why(found.why_lost)}")
    click.echo(f"now:  {found.now} euros, of them {found.share_now} for the centres")
    click.echo(f"then: {found.then} euros, of them {found.share_then} for the centres")


def _why(counts: Mapping[BillingCode, int]) -> str:
    """What stands against them on the other side."""
    return f" ({', '.join(f'{code}: {count}' for code, count in sorted(counts.items()))})" if counts else ""


def _schemes(desk: Desk, file: Path, only: str | None, *, alone: bool, always: bool) -> tuple[BillingScheme, ...]:
    reading = read_for(desk.settings, (), file)
    chosen = tuple(scheme for scheme in reading.schemes if only in {None, scheme.scheme_id})
    if not chosen:
        known = ", ".join(sorted({scheme.scheme_id for scheme in reading.schemes}))
        raise click.ClickException(f"--only {only}: the file has {known}")
    if always and len(chosen) > 1:
        raise click.ClickException("--at-any-time compares one scheme with the past; choose it with --only ID")
    if always:
        return tuple(map(at_any_time, chosen))
    return chosen if alone else as_if_added(desk.billing, chosen)
