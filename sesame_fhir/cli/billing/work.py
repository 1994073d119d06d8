"""``sesame billing work-list|corrections|cancel|confirm``: what comes back to the coordinator, and the choice."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.options import AS_JSON
from sesame_fhir.cli.billing.output import put_json
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.decision import Decision
from sesame_fhir.domain.billing.terms import as_text
from sesame_fhir.domain.events.billing import CancelReason
from sesame_fhir.services.billing import corrections as correcting
from sesame_fhir.services.billing.differences import Difference
from sesame_fhir.services.billing.work_list import Rejected
from sesame_fhir.services.billing.work_list import work_list as rejected_claims
from sesame_fhir.services.errors import Conflict, NotFound


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
        try:
            claim = correcting.confirm_claim(desk.billing, desk.who, claim_id, facts, note)
        except Conflict as other:
            raise click.ClickException(
                f"{claim_id}: its facts are not those of --facts; look at them with `sesame billing corrections`"
            ) from other
    _put_claim(claim)


def _put_claim(claim: Claim) -> None:
    click.echo(f"{claim.claim_id}  {claim.amount:.2f} EUR  {claim.status}")


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except NotFound as unknown:
        raise click.ClickException(f"{unknown}: no such claim at the sites of this account; check the id") from unknown
