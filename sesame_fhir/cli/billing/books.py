"""``sesame billing payments|open-items|ledger|statement|pay-share|objectives``: money, the books, the centres."""

import csv
import re
import sys
from datetime import date, datetime
from decimal import Decimal

import click

from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.options import AS_JSON, MONTH, today
from sesame_fhir.cli.billing.output import put_json
from sesame_fhir.cli.billing.tables import put_table
from sesame_fhir.domain.billing.money import euros
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.disclosure import Shown
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.server.team import team_settings
from sesame_fhir.services.billing.books import BEGINNING, Discrepancy, TrialBalance, prove, trial_balance
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.open_items import OpenItem, to_give_back, unmatched_payments
from sesame_fhir.services.billing.open_items import open_items as still_open
from sesame_fhir.services.billing.payments import record_payment as keep_payment
from sesame_fhir.services.billing.records import SharePaid
from sesame_fhir.services.billing.shares import Account, Statement
from sesame_fhir.services.billing.shares import pay_share as keep_share
from sesame_fhir.services.billing.shares import statement as statement_of
from sesame_fhir.services.indicators import compared, gather, reader_of

_AMOUNT = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,2})?", re.ASCII)


class _Euros(click.ParamType[Decimal]):
    """Euros of the command line: ``1250.40``."""

    name = "euros"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """Read an amount; more than two decimals are no euros."""
        if _AMOUNT.fullmatch(str(value)) is None:
            self.fail(f"{value}: write euros as 1250.40", param, ctx)
        return euros(str(value))


_DAY = click.DateTime(["%Y-%m-%d"])
_EUROS = _Euros()


@click.command()
@click.option("--unmatched", is_flag=True, help="Only those whose euros have not all found their claims.")
@AS_JSON
@by_coordinator
def payments(desk: Desk, *, unmatched: bool, as_json: bool) -> None:
    """List the payments of the payer, newest first, with what was matched to claims."""
    desk.who.may("view-billing")
    every = desk.billing.stores.payments.payments(1000)
    found = unmatched_payments(desk.billing, desk.who) if unmatched else every
    if as_json:
        put_json(found)
        return
    heads = ("payment", "day", "biller", "EUR", "matched EUR", "left EUR")
    put_table(heads, [(p.payment_id, p.on, p.biller_id, p.amount, p.matched, p.amount - p.matched) for p in found])


@click.command("record-payment")
@click.argument("payment_id", metavar="PAYMENT")
@click.option("--biller", required=True, help="Id of the biller who was paid, as the scheme names it.")
@click.option("--on", "on", required=True, type=_DAY, help="Day on which the money was on the account.")
@click.option("--amount", required=True, type=_EUROS, help="Euros, as 1250.40.")
@by_coordinator
def record_payment(desk: Desk, payment_id: str, *, biller: str, on: datetime, amount: Decimal) -> None:
    """Keep that PAYMENT reached the bank; `sesame billing reconcile` says for which claims."""
    kept = keep_payment(desk.billing, desk.who, payment_id=payment_id, biller_id=biller, on=on.date(), amount=amount)
    click.echo(f"{kept.payment_id}  {kept.on}  {kept.amount:.2f} EUR, of them {kept.matched:.2f} EUR matched")


@click.command("open-items")
@click.option("--older-than", type=click.IntRange(min=0), default=0, help="Days since the acceptance; default: 0.")
@AS_JSON
@by_coordinator
def open_items(desk: Desk, *, older_than: int, as_json: bool) -> None:
    """List claims accepted and not paid, and money that came for claims rejected or cancelled since."""
    waiting = list(still_open(desk.billing, desk.who, older_than))
    back = list(to_give_back(desk.billing, desk.who))
    if as_json:
        put_json({"open": list(map(_open_item, waiting)), "to-give-back": list(map(_open_item, back))})
        return
    rows = [_open_item(one) for one in (*waiting, *back)]
    put_table(("claim", "status", "since", "EUR"), [tuple(row.values()) for row in rows])


def _open_item(one: OpenItem) -> dict[str, object]:
    return {"claim": one.row.claim.claim_id, "status": one.row.status, "since": one.since, "amount": one.amount}


@click.command()
@click.option("--from", "start", type=_DAY, help="First day; default: the beginning.")
@click.option("--to", "end", type=_DAY, help="Last day; default: today.")
@click.option("--site", "sites", multiple=True, help="Only this site (repeatable); default: all of the account's.")
@click.option("--prove", "proof", is_flag=True, help="Work the books out from the claims as well, and compare.")
@click.option("--csv", "as_csv", is_flag=True, help="Every posting, as a CSV.")
@AS_JSON
@by_coordinator
def ledger(
    desk: Desk,
    *,
    start: datetime | None,
    end: datetime | None,
    sites: tuple[str, ...],
    proof: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Show the trial balance of a period; with --prove exit code 1 when the books and the claims disagree."""
    first, last = start.date() if start else BEGINNING, end.date() if end else today(desk)
    reach = frozenset(map(SiteId, sites)) or None
    balance = trial_balance(desk.billing, desk.who, first, last, reach)
    if as_csv:
        _put_postings(desk, first, last, reach)
    elif as_json:
        put_json(balance)
    else:
        _put_balance(balance)
    if proof:
        _put_proof(prove(desk.billing, desk.who, first, last, reach), quiet=as_csv or as_json)


def _put_balance(balance: TrialBalance) -> None:
    rows = [(one.account, one.debit, one.credit, one.balance) for one in balance.accounts]
    total = ("total", balance.debit, balance.credit, balance.debit - balance.credit)
    put_table(("account", "debit EUR", "credit EUR", "balance EUR"), [*rows, total])


def _put_postings(desk: Desk, first: date, last: date, sites: frozenset[SiteId] | None) -> None:
    heads = ("posting", "day", "movement", "debit", "credit", "amount", "claim", "site", "biller", "scheme")
    out = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    out.writerow(heads)
    for p in desk.billing.stores.ledger.postings(first, last, desk.who.sites if sites is None else sites):
        moved = (p.posting_id, p.on, p.movement, p.debit, p.credit, f"{p.amount:.2f}")
        out.writerow((*moved, p.claim_id, p.site, p.biller_id, p.scheme_id))


def _put_proof(found: tuple[Discrepancy, ...], *, quiet: bool) -> None:
    for one in found:
        place = " ".join(filter(None, (one.site, one.biller_id)))
        click.echo(f"{one.code} {place}: booked {one.booked:.2f}, by the claims {one.expected:.2f}", err=quiet)
    if found:
        raise click.ClickException(
            f"books and claims disagree in {len(found)} places; run `sesame rebuild`, then prove them again"
        )
    click.echo("proved: debit is credit, and the books say what the claims say", err=quiet)


@click.command()
@click.argument("site")
@click.argument("month", type=MONTH)
@AS_JSON
@by_coordinator
def statement(desk: Desk, site: str, month: Month, *, as_json: bool) -> None:
    """Show what the hosting centre SITE is told of MONTH (2025-03): its share by claim, paid and due."""
    found = statement_of(desk.billing, desk.who, SiteId(site), str(month))
    if as_json:
        put_json(found)
        return
    _put_statement(found)


def _put_statement(found: Statement) -> None:
    click.echo(f"{found.site}  {found.start} to {found.end}")
    for account in found.accounts:
        example = "  EXAMPLE tariff, no real money" if account.example else ""
        click.echo(f"\n{account.biller_name} ({account.biller_id}){example}")
        put_table(("rank", "claims", "claimed EUR", "share EUR"), [
            (one.rank, one.claims, one.amount, one.share) for one in account.ranks
        ])  # fmt: skip
        rows = [(one.number, one.on, one.claim_id, one.rank, one.status, one.share) for one in account.lines]
        put_table(("no", "day", "claim", "rank", "status", "share EUR"), rows)
        put_table(("", "EUR"), _sums(account))
    click.echo(f"\ndue on {found.end}: {found.due:.2f} EUR")


def _sums(account: Account) -> list[tuple[str, Decimal]]:
    return [
        ("owed before", account.carried),
        ("earned", account.earned),
        ("withdrawn", -account.withdrawn),
        ("paid to the centre", -account.paid),
        ("due", account.due),
    ]


@click.command("pay-share")
@click.argument("site")
@click.argument("month", type=MONTH)
@click.option("--biller", required=True, help="Id of the biller who paid, as the scheme names it.")
@click.option("--amount", required=True, type=_EUROS, help="Euros, as 1250.40; never more than is owed.")
@click.option("--on", "on", required=True, type=_DAY, help="Day on which it was paid.")
@click.option("--reference", required=True, help="The biller's own reference: the same again is the same payment.")
@by_coordinator
def pay_share(
    desk: Desk, site: str, month: Month, *, biller: str, amount: Decimal, on: datetime, reference: str
) -> None:
    """Keep that the hosting centre SITE was paid its share for MONTH."""
    by = desk.who.actor.actor_id
    paid = SharePaid(reference, SiteId(site), biller, str(month), amount, on.date(), by)
    kept = keep_share(desk.billing, desk.who, paid)
    click.echo(f"{site} {month}: {amount:.2f} EUR {'paid' if kept else 'known already'}")


@click.command()
@AS_JSON
@by_coordinator
def objectives(desk: Desk, *, as_json: bool) -> None:
    """Compare the sequences billed with those planned, for each objective of the settings.

    Small numbers are hidden and others rounded, as on the page of indicators.
    """
    desk.who.may("view-indicators")
    team, day = team_settings(desk.settings), today(desk)
    window = Window(BEGINNING, date.max, day, desk.who.sites)
    gathered = gather(desk.billing.engine.pathways, window)
    reader = reader_of(desk.who.actor.role, desk.billing.engine.policy)
    everywhere = desk.who.sites >= set(team.sites)
    found = compared(team.objectives, gathered, window, reader, everywhere=everywhere)
    if as_json:
        put_json(found)
        return
    put_table(
        ("from", "to", "site", "planned", "billed"),
        [(o.start, o.end, o.site or "", o.sequences, _shown(one.sequences)) for one in found for o in [one.objective]],
    )


def _shown(value: Shown) -> str:
    return "hidden" if value.count is None else str(value.count)
