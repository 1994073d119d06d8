"""``sesame subscription list|events|wake|stop``: who is told of changes, what waits, what failed."""

import click

from sesame_fhir.cli.context import CliContext
from sesame_fhir.server.opening import ready_store
from sesame_fhir.services.subscriptions import Status, Subscription, SubscriptionStore


@click.group()
def subscription() -> None:
    """Look at the systems that are told of changes, and wake those that were given up."""


@subscription.command("list")
@click.pass_obj
def list_(context: CliContext) -> None:
    """List the subscriptions: status, what waits, why."""
    with ready_store(context.settings) as store:
        found = store.subscriptions.all()
    for one in found:
        click.echo(
            f"{one.subscription_id}  {one.client_id}  {one.status.value}  {one.criteria}  sent={one.sent} "
            f"waiting={one.events - one.sent} attempts={one.attempts} error={one.error.value if one.error else '-'}"
        )
    if not found:
        click.echo("no system has subscribed")


@subscription.command()
@click.argument("subscription_id")
@click.pass_obj
def events(context: CliContext, subscription_id: str) -> None:
    """List the events of SUBSCRIPTION_ID that have not arrived, the one that is tried next first."""
    with ready_store(context.settings) as store:
        one = _known(store.subscriptions, subscription_id)
        waiting = store.subscriptions.events(subscription_id, one.sent + 1, one.events)
    for event in waiting:
        click.echo(
            f"{event.number}  {event.resource_type}/{event.resource_id}  version {event.version}  {event.at:%F %T}"
        )
    if not waiting:
        click.echo("everything has arrived")


@subscription.command()
@click.argument("subscription_id")
@click.pass_obj
def wake(context: CliContext, subscription_id: str) -> None:
    """Try SUBSCRIPTION_ID again, from the event that did not arrive; nothing in between was lost."""
    with ready_store(context.settings) as store:
        one = _known(store.subscriptions, subscription_id)
        if one.status is Status.OFF:
            raise click.ClickException("it was ended: its owner must subscribe again")
        store.subscriptions.set_status(subscription_id, Status.REQUESTED)
    click.echo(f"{subscription_id} is tried again; {one.events - one.sent} events wait")


@subscription.command()
@click.argument("subscription_id")
@click.pass_obj
def stop(context: CliContext, subscription_id: str) -> None:
    """End SUBSCRIPTION_ID: its system is told nothing more."""
    with ready_store(context.settings) as store:
        _known(store.subscriptions, subscription_id)
        store.subscriptions.set_status(subscription_id, Status.OFF)
    click.echo(f"{subscription_id} is off")


def _known(store: SubscriptionStore, subscription_id: str) -> Subscription:
    found = store.by_id(subscription_id)
    if found is None:
        raise click.ClickException("no such subscription; see: sesame subscription list")
    return found
