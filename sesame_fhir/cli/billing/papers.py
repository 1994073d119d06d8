"""``sesame billing statement-pdf|dossier``: what a hosting centre is told of a month, and what an inspection asks."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.options import MONTH, today
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.exports.billing.dossier_pdf import Names, dossier_pdf
from sesame_fhir.exports.billing.statement_pdf import statement_pdf
from sesame_fhir.server.team import team_settings
from sesame_fhir.services.billing.dossier import dossier as gathered
from sesame_fhir.services.billing.exporting import trace_export
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.shares import statement
from sesame_fhir.services.errors import DocumentUnavailable, NotFound

_TO = click.option(
    *("--to", "path"),
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    required=True,
    help="The PDF file to write; one that is there is replaced.",
)


@click.command("statement-pdf")
@click.argument("site")
@click.argument("month", type=MONTH)
@_TO
@by_coordinator
def statement_as_pdf(desk: Desk, site: str, month: Month, *, path: Path) -> None:
    """Write the statement of the hosting centre SITE for MONTH: claims, shares, what was paid and what is due."""
    found = statement(desk.billing, desk.who, SiteId(site), str(month))
    _write(path, lambda: statement_pdf(found, team_settings(desk.settings).site_name(found.site)))
    trace_export(desk.billing, desk.who, "statement", {"site": site, "month": str(month)})
    click.echo(f"{site} {month}: {found.due:.2f} EUR due, written to {path}")


@click.command("dossier")
@click.argument("claim_id", metavar="CLAIM")
@_TO
@by_coordinator
def dossier(desk: Desk, claim_id: str, *, path: Path) -> None:
    """Write the dossier of CLAIM for an inspection: each proof, the decision checked again, answers and corrections."""
    try:
        found = gathered(desk.billing, desk.who, claim_id)
    except NotFound as unknown:
        raise click.ClickException(f"{claim_id}: no such claim; check the id") from unknown
    names = Names(team_settings(desk.settings).site_name, partial(_account, desk))
    _write(path, lambda: dossier_pdf(found, names, printed_on=today(desk)))
    trace_export(desk.billing, desk.who, "dossier", {"claim": claim_id}, found.pathway_id)
    checked = found.checked
    as_claimed = checked is not None and checked.same_facts and checked.same_amount is not False
    about = "as its events tell it" if as_claimed else "NOT as its events tell it: read the dossier's warnings"
    click.echo(f"{claim_id}: {found.claim.status}, {len(found.proofs)} proofs, {about}; written to {path}")


def _account(desk: Desk, actor_id: str) -> str | None:
    member = desk.store.staff.by_actor(actor_id)
    return None if member is None else member.name


def _write(path: Path, render: Callable[[], bytes]) -> None:
    """Write a document that its owner alone may read; a run that is stopped leaves the file that was there."""
    try:
        document = render()
    except DocumentUnavailable as missing:
        raise click.ClickException("this machine cannot make PDF files: see docs/how-to/install.md") from missing
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    part.write_bytes(document)
    part.replace(path)
