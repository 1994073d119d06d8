"""``sesame billing import-response|reconcile|work-list|corrections|cancel|confirm``: what comes back from the payer."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.decision import Decision
from sesame_fhir.domain.billing.terms import as_text
from sesame_fhir.domain.events.billing import CancelReason
from sesame_fhir.server.team import team_settings
from sesame_fhir.services.billing import corrections as correcting
from sesame_fhir.services.billing import payments as paying
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.differences import Difference
from sesame_fhir.services.billing.records import Import, LineFate
from sesame_fhir.services.billing.work_list import Rejected
from sesame_fhir.services.billing.work_list import work_list as rejected_claims
from sesame_fhir.services.errors import NotFound

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


@click.command("work-list")
@AS_JSON
@by_coordinator
def work_list(desk: Desk, *, as_json: bool) -> None:
    """List the claims that the payer rejected and that have not been claimed again, with its reasons."""
    rows = list(_rejected(desk))
    if as_json:
        put_json([_rejection(one) for one in rows])
        return
    for one in rows:
        click.echo(f"{one.row.claim.claim_id}  {one.row.claim.amount:.2f} EUR  rejected {one.answer.on}")
        for reason in one.answer.reasons:
            click.echo(f"  {reason.code}: {reason.text or ''}".rstrip(": "))
        click.echo(f"  now: {_now(one.decision)}")
    if not rows:
        click.echo("nothing was rejected that is not claimed again")


def _rejected(desk: Desk) -> Iterator[Rejected]:
    page = rejected_claims(desk.billing, desk.who)
    yield from page.rows
    while page.next is not None:
        page = rejected_claims(desk.billing, desk.who, after=page.next)
        yield from page.rows


def _rejection(one: Rejected) -> dict[str, object]:
    answer = one.answer
    return {
        "claim": one.row.claim.claim_id,
        "amount": one.row.claim.amount,
        "response": answer.response_id,
        "on": answer.on,
        "reasons": answer.reasons,
        "now": _decision(one.decision),
    }


@click.command()
@AS_JSON
@by_coordinator
def corrections(desk: Desk, *, as_json: bool) -> None:
    """List the claims whose facts changed since they were made, with what changed and what the rules say now."""
    rows = list(_to_correct(desk))
    if as_json:
        put_json([_correction(one) for one in rows])
        return
    for one in rows:
        click.echo(f"{one.row.claim.claim_id}  {one.row.claim.amount:.2f} EUR  facts {one.digest}")
        for difference in one.differences:
            click.echo(f"  {_difference(difference)}")
        click.echo(f"  now: {_now(one.decision)}")
    if not rows:
        click.echo("no claim whose facts changed")


def _to_correct(desk: Desk) -> Iterator[correcting.ToCorrect]:
    page = correcting.to_correct(desk.billing, desk.who)
    yield from page.rows
    while page.next is not None:
        page = correcting.to_correct(desk.billing, desk.who, after=page.next)
        yield from page.rows


def _correction(one: correcting.ToCorrect) -> dict[str, object]:
    return {
        "claim": one.row.claim.claim_id,
        "amount": one.row.claim.amount,
        "facts": one.digest,
        "differences": one.differences,
        "now": _decision(one.decision),
    }


def _difference(one: Difference) -> str:
    about = f"{one.part} {one.reference}" if one.reference else str(one.part)
    return f"{about}: {one.before or 'nothing'} -> {one.after or 'nothing'}"


def _now(decision: Decision) -> str:
    against = "".join(f", {as_text(reason)}" for reason in decision.against)
    return f"{decision.verdict} {decision.amount:.2f} EUR{against}"


def _decision(decision: Decision) -> dict[str, object]:
    against = [as_text(reason) for reason in decision.against]
    return {"verdict": decision.verdict, "amount": decision.amount, "against": against}


@click.command()
@click.argument("claim_id", metavar="CLAIM")
@click.option(
    "--reason", required=True, type=click.Choice([one.value for one in CancelReason]), help="Why it is taken back."
)
@click.option("--note", help="For colleagues; no name of a patient, nothing clinical.")
@by_coordinator
def cancel(desk: Desk, claim_id: str, *, reason: str, note: str | None) -> None:
    """Take CLAIM back: its sequence may be claimed again, as a replacement."""
    with _known():
        claim = correcting.cancel_claim(desk.billing, desk.who, claim_id, CancelReason(reason), note)
    _put_claim(claim)


@click.command()
@click.argument("claim_id", metavar="CLAIM")
@click.option("--facts", required=True, help="The facts that were looked at, as `sesame billing corrections` says.")
@click.option("--note", default="", help="For colleagues; no name of a patient, nothing clinical.")
@by_coordinator
def confirm(desk: Desk, claim_id: str, *, facts: str, note: str) -> None:
    """Let CLAIM stand as it is although its facts changed; changed once more meanwhile, it is refused."""
    with _known():
        claim = correcting.confirm_claim(desk.billing, desk.who, claim_id, facts, note)
    _put_claim(claim)


def _put_claim(claim: Claim) -> None:
    click.echo(f"{claim.claim_id}  {claim.amount:.2f} EUR  {claim.status}")


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except NotFound as unknown:
        raise click.ClickException(f"{unknown}: no such claim at the sites of this account; check the id") from unknown
