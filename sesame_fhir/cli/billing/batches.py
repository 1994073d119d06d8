"""``sesame billing batches`` and the steps of a batch: hold, release, freeze, reopen, approve, submit, drop."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.options import AS_JSON, MONTH, today
from sesame_fhir.cli.billing.output import put_json
from sesame_fhir.cli.billing.progress import counted
from sesame_fhir.cli.billing.tables import put_table
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.services.billing import batches as steps
from sesame_fhir.services.billing import submitting
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.records import Batch
from sesame_fhir.services.errors import NotFound

_BATCH = click.argument("batch_id", metavar="BATCH")


@click.command()
@_BATCH
@click.argument("pathway_id", metavar="PATHWAY")
@click.argument("rank", type=int)
@click.option("--why", required=True, help="The reason, for colleagues; no name of a patient, nothing clinical.")
@by_coordinator
def hold(desk: Desk, batch_id: str, pathway_id: str, rank: int, *, why: str) -> None:
    """Keep the sequence RANK of PATHWAY out of the draft BATCH; it stays out until it is released."""
    with _known(batch_id, pathway_id, rank):
        steps.hold(desk.billing, desk.who, batch_id, PathwayId(pathway_id), rank, why=why)
    click.echo(f"held: {pathway_id} {rank}")


@click.command()
@_BATCH
@click.argument("pathway_id", metavar="PATHWAY")
@click.argument("rank", type=int)
@by_coordinator
def release(desk: Desk, batch_id: str, pathway_id: str, rank: int) -> None:
    """Put the sequence RANK of PATHWAY back into the draft BATCH."""
    with _known(batch_id, pathway_id, rank):
        steps.release(desk.billing, desk.who, batch_id, PathwayId(pathway_id), rank)
    click.echo(f"released: {pathway_id} {rank}")


@click.command()
@_BATCH
@by_coordinator
def freeze(desk: Desk, batch_id: str) -> None:
    """Fix the draft BATCH: totals and digest; nothing of it changes unless it is reopened."""
    _put_step(steps.freeze(desk.billing, desk.who, batch_id))


@click.command()
@_BATCH
@by_coordinator
def reopen(desk: Desk, batch_id: str) -> None:
    """Make the frozen or approved BATCH a draft again."""
    _put_step(steps.reopen(desk.billing, desk.who, batch_id))


@click.command()
@_BATCH
@by_coordinator
def approve(desk: Desk, batch_id: str) -> None:
    """Approve the frozen BATCH; where four eyes are asked for, by another account than the one that froze it."""
    _put_step(steps.approve(desk.billing, desk.who, batch_id))


@click.command()
@_BATCH
@by_coordinator
def drop(desk: Desk, batch_id: str) -> None:
    """Forget the draft BATCH; its sequences can be prepared again, what was held in it is forgotten."""
    steps.drop(desk.billing, desk.who, batch_id)
    click.echo(f"dropped: {batch_id}")


@click.command()
@_BATCH
@AS_JSON
@by_coordinator
def submit(desk: Desk, batch_id: str, *, as_json: bool) -> None:
    """Make the claims of the approved BATCH; when it was stopped, the same command goes on."""
    with counted("claims") as progress:
        done = submitting.submit(desk.billing, desk.who, batch_id, today(desk), progress)
    if as_json:
        put_json(done)
        return
    click.echo(f"{done.batch.status}: {batch_id}, {done.claimed} claims, {done.refused} kept out")
    if done.refused:
        click.echo("what was kept out is a candidate again: see `sesame billing review`")


@click.command()
@click.argument("month", type=MONTH, required=False)
@AS_JSON
@by_coordinator
def batches(desk: Desk, month: Month | None, *, as_json: bool) -> None:
    """List the batches of MONTH, or all of them, newest month first."""
    put_batches(steps.listed(desk.billing, desk.who, month), as_json=as_json)


@contextmanager
def _known(batch_id: str, pathway_id: str, rank: int) -> Iterator[None]:
    try:
        yield
    except NotFound as unknown:
        raise click.ClickException(
            f"{batch_id}: no line for {pathway_id} {rank}; see `sesame billing review`"
        ) from unknown


def _put_step(batch: Batch) -> None:
    totals = "" if batch.frozen is None else f", {batch.frozen.lines} lines, {batch.frozen.amount:.2f} EUR"
    click.echo(f"{batch.status}: {batch.batch_id}{totals}")
    if batch.digest is not None:
        click.echo(f"sha256 {batch.digest}")


def put_batches(found: Sequence[steps.Listed], *, as_json: bool) -> None:
    """Print a list of batches."""
    if as_json:
        put_json(found)
        return
    heads = ("batch", "status", "lines", "EUR", "share EUR", "frozen by", "approved by", "submitted by")
    put_table(heads, [_batch_row(one) for one in found])
    if not found:
        click.echo("no batch; use: sesame billing prepare MONTH --by LOGIN")


def _batch_row(one: steps.Listed) -> tuple[object, ...]:
    batch, totals = one.batch, one.totals
    people = (batch.frozen_by or "", batch.approved_by or "", batch.submitted_by or "")
    return (batch.batch_id, batch.status, totals.lines, totals.amount, totals.share, *people)
