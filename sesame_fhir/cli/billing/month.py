"""``sesame billing prepare`` and ``review``: what a month has to bill, and what stands against the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from itertools import islice

import click

from sesame_fhir.cli.billing.batches import put_batches
from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.options import AS_JSON, MONTH, today
from sesame_fhir.cli.billing.output import put_json
from sesame_fhir.cli.billing.progress import counted
from sesame_fhir.cli.billing.tables import put_table
from sesame_fhir.domain.billing.decision import AGAINST, BillingCode, Verdict
from sesame_fhir.domain.billing.terms import as_text
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing import preparing
from sesame_fhir.services.billing.assessing import Assessed, Question, Summary, Tally, assess, summary
from sesame_fhir.services.billing.batches import listed
from sesame_fhir.services.billing.month import Month


@click.command()
@click.argument("month", type=MONTH)
@AS_JSON
@by_coordinator
def prepare(desk: Desk, month: Month, *, as_json: bool) -> None:
    """Make the drafts of MONTH (2025-03), or bring them up to date with the facts; as often as you like.

    Every sequence that ended by the month's last day and is not claimed yet is taken, if it is billable.
    """
    with counted("sequences") as progress:
        preparing.prepare(desk.billing, desk.who, month, today(desk), progress)
    put_batches(listed(desk.billing, desk.who, month), as_json=as_json)


@click.command()
@click.argument("month", type=MONTH)
@click.option("--verdict", type=click.Choice([one.value for one in Verdict]), help="Only those with this verdict.")
@click.option("--reason", type=click.Choice([one.value for one in BillingCode]), help="Only those with this reason.")
@click.option("--site", help="Only those of this site.")
@click.option("--unfinished", is_flag=True, help="Those that still run as well, by their planned end.")
@click.option("--limit", type=click.IntRange(min=0), default=100, help="Sequences listed at most; default: 100.")
@AS_JSON
@by_coordinator
def review(
    desk: Desk,
    month: Month,
    *,
    verdict: str | None,
    reason: str | None,
    site: str | None,
    unfinished: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show what may be billed for MONTH as of today, and what may not, with the reasons; nothing is written."""
    question = Question(
        month.last,
        unfinished,
        None if verdict is None else Verdict(verdict),
        None if reason is None else BillingCode(reason),
        None if site is None else SiteId(site),
    )
    day = today(desk)
    found = summary(desk.billing, desk.who, question, day)
    walk = assess(desk.billing, desk.who, question.until, day, unfinished=unfinished, site=question.site)
    rows = list(islice((one for one in walk if question.answered_by(one)), limit))
    if as_json:
        put_json({"month": str(month), "today": day, **asdict(found), "sequences": [_row(one) for one in rows]})
        return
    _put_summary(found)
    _put_rows(rows, sum(tally.count for tally in found.by_verdict.values()))


def _put_summary(found: Summary) -> None:
    heads = ("sequences", "EUR", "share EUR")
    put_table(("verdict", *heads), [(verdict, *_sums(tally)) for verdict, tally in found.by_verdict.items()])
    against = [(code, *_sums(tally)) for code, tally in sorted(found.by_reason.items()) if code in AGAINST]
    if against:
        click.echo()
        put_table(("reason against", *heads), against)
    for head, tallies in (("site", found.by_site), ("scheme", found.by_scheme)):
        click.echo()
        put_table((head, "verdict", *heads), _nested(tallies))


def _nested(
    tallies: Mapping[SiteId, Mapping[Verdict, Tally]] | Mapping[str, Mapping[Verdict, Tally]],
) -> list[tuple[object, ...]]:
    return [(name or "-", verdict, *_sums(by[verdict])) for name, by in sorted(tallies.items()) for verdict in by]


def _sums(tally: Tally) -> tuple[int, Decimal, Decimal]:
    return tally.count, tally.amount, tally.share


def _put_rows(rows: Sequence[Assessed], of: int) -> None:
    click.echo()
    heads = ("pathway", "rank", "site", "from", "to", "verdict", "EUR", "against", "for")
    put_table(heads, [tuple(_row(one).values()) for one in rows])
    if len(rows) < of:
        click.echo(f"{len(rows)} of {of} listed; ask for more with --limit, or for less with --reason and --site")


def _row(one: Assessed) -> dict[str, object]:
    facts, decision = one.facts, one.decision
    return {
        "pathway": facts.pathway_id,
        "rank": facts.rank,
        "site": facts.site,
        "from": facts.start,
        "to": facts.end or facts.planned_end,
        "verdict": decision.verdict,
        "amount": decision.amount,
        "against": " ".join(map(as_text, decision.against)),
        "for": " ".join(map(as_text, decision.supporting)),
    }
