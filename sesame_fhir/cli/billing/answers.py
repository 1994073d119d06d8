"""``sesame billing import-response|reconcile``: files of the payer, and what became of each line."""

from collections import Counter
from pathlib import Path

import click

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.fhir_answers import read_fhir_answers
from mappings.billing.incoming.fhir_payments import read_fhir_payments
from mappings.billing.incoming.payments import read_payments
from mappings.billing.incoming.table import MAX_BYTES
from mappings.billing.layout import Kind, Layout, LayoutError, layout_from, shipped, shipped_names
from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.line_texts import line_text
from sesame_fhir.cli.billing.options import AS_JSON
from sesame_fhir.cli.billing.output import put_json
from sesame_fhir.cli.billing.progress import counted
from sesame_fhir.server.team import team_settings
from sesame_fhir.services.billing import payments as paying
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.records import Import, LineFate

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FORMAT = click.option(
    *("--format", "form"), type=click.Choice(["csv", "fhir"]), help="Default: fhir for a .json file, else csv."
)
_LAYOUT = click.option(
    *("--layout", "layout"), metavar="NAME|FILE", help="Layout of a CSV; default: that of the settings, else ours."
)
_ALL = click.option("--all-or-nothing", is_flag=True, help="With one line refused, none is kept.")


@click.command("import-response")
@click.argument("file", type=_FILE)
@_ALL
@_FORMAT
@_LAYOUT
@click.option("--batch", "batch_id", help="Refuse what does not answer this batch.")
@AS_JSON
@by_coordinator
def import_response(
    desk: Desk,
    file: Path,
    *,
    all_or_nothing: bool,
    form: str | None,
    layout: str | None,
    batch_id: str | None,
    as_json: bool,
) -> None:
    """Take in the payer's answers to claims from FILE: a CSV by a layout, or a FHIR Bundle of ClaimResponse.

    The same file again changes nothing; stopped, run it again.
    """
    data = _read(file)
    if _is_fhir(file, form):
        read = read_fhir_answers(data, file.name, batch_id=batch_id)
    else:
        read = read_answers(data, file.name, layout=_layout(desk, layout, Kind.ANSWERS), batch_id=batch_id)
    with counted("answers") as progress:
        came = import_answers(desk.billing, desk.who, read, all_or_nothing=all_or_nothing, progress=progress)
    _put(came, as_json=as_json)


@click.command()
@click.argument("file", type=_FILE)
@_ALL
@_FORMAT
@_LAYOUT
@AS_JSON
@by_coordinator
def reconcile(
    desk: Desk, file: Path, *, all_or_nothing: bool, form: str | None, layout: str | None, as_json: bool
) -> None:
    """Match the payments of FILE to claims: a CSV by a layout, or a FHIR Bundle of PaymentReconciliation.

    The same file again changes nothing; stopped, run it again.
    """
    data = _read(file)
    if _is_fhir(file, form):
        read = read_fhir_payments(data, file.name)
    else:
        read = read_payments(data, file.name, layout=_layout(desk, layout, Kind.PAYMENTS))
    with counted("payments") as progress:
        came = paying.reconcile(desk.billing, desk.who, read, all_or_nothing=all_or_nothing, progress=progress)
    _put(came, as_json=as_json)


def _read(file: Path) -> bytes:
    """One byte more than any file has is enough to refuse it."""
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _is_fhir(file: Path, form: str | None) -> bool:
    return form == "fhir" or (form is None and file.suffix.lower() == ".json")


def _layout(desk: Desk, name: str | None, kind: Kind) -> Layout | None:
    if name is None:
        return next(iter(team_settings(desk.settings).layouts_of(kind)), None)
    try:
        layout = shipped(name) if name in shipped_names() else layout_from(Path(name))
    except LayoutError as wrong:
        raise click.ClickException(f"{name}: {wrong}; check it with `sesame billing check-layout`") from wrong
    if layout.kind is not kind:
        raise click.ClickException(f"{name}: is a layout of {layout.kind}; give one of {kind}")
    return layout


def _put(came: Import, *, as_json: bool) -> None:
    """What became of the lines; exit code 1 when one was refused."""
    counts = Counter(result.fate for result in came.results)
    refused = counts[LineFate.REFUSED]
    if as_json:
        put_json(came)
    else:
        for result in came.results:
            if result.fate is LineFate.REFUSED:
                where = f"line {result.number}" if result.number else "the file"
                about = "".join(
                    f" {part}" for part in (result.claim_id, result.detail and f"({result.detail})") if part
                )
                why = "; ".join(f"{code}: {line_text(code)}" for code in result.reasons)
                click.echo(f"{where}{about}: {why}")
        click.echo(f"{counts[LineFate.RECORDED]} recorded, {counts[LineFate.KNOWN_ALREADY]} known, {refused} refused")
    if refused:
        raise click.ClickException(f"{refused} lines of {came.name} were refused; correct them and give the file again")
