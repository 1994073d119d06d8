"""The month: what is billable, not yet, never; how far each batch has come; what waits; one obvious next step."""

from dataclasses import dataclass
from enum import StrEnum

from flask import redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.billing.decision import Verdict
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.services.billing.assessing import Question, Summary, Tally, summary
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import Batch, BatchStatus, Import, Totals
from sesame_fhir.services.indicators import ShownProgress, compared, gather, reader_of
from smart_app.team.billing.desk import Desk, desk_of, show
from smart_app.team.billing.months import after, before, month_asked
from smart_app.team.billing.waiting import waiting
from smart_app.team.context import TeamContext
from smart_app.team.indicators.charts import bars
from smart_app.team.indicators.told import figure, number, percent
from smart_app.team.posted import read_posted

_SEE_OTHER = 303


class NextStep(StrEnum):
    """What to do now, in the order of a month."""

    PREPARE = "prepare"
    FREEZE = "freeze"
    APPROVE = "approve"
    WAIT = "wait"
    SUBMIT = "submit"
    EXPORT = "export"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """A batch with its totals, how many lines are held, and what it needs next."""

    batch: Batch
    totals: Totals
    held: int
    step: NextStep


@dataclass(frozen=True, slots=True)
class Part:
    """Counts of one site, or one scheme (``""`` for none), by verdict."""

    key: str
    tallies: dict[Verdict, Tally]


def show_billing(page: TeamContext) -> str:
    """The month of the address, else the last one. Raises NotFound for a month to come."""
    desk = desk_of(page)
    month = month_asked(desk)
    counted = summary(desk.billing, desk.who, Question(month.last), desk.today)
    batches = shown_batches(desk, month)
    step, chosen = next_step(counted, batches)
    following = after(month)
    return show(
        desk,
        "month.html",
        month=month,
        previous=before(month),
        following=following if following.first <= desk.today else None,
        counted=counted,
        parts=_parts(counted),
        batches=batches,
        step=step,
        chosen=chosen,
        waiting=waiting(desk),
        last_import=last_import(desk),
        schemes=desk.billing.stores.schemes.schemes(),
        progress=objectives(desk, month),
        limit=page.deps.engine.policy.small_cell,
        **_FIGURES,
    )


def post_prepare(page: TeamContext) -> ResponseReturnValue:
    """Prepare the month: its drafts are made, or brought up to date."""
    desk = desk_of(page)
    posted = read_posted(page, "prepare")
    month = month_asked(desk, posted.values.get("month", ""))
    made = prepare(desk.billing, desk.who, month, desk.today)
    if len(made) == 1:
        return redirect(page.url("show_batch", batch_id=made[0].batch_id), _SEE_OTHER)
    return redirect(page.url("show_billing", month=str(month)), _SEE_OTHER)


def shown_batches(desk: Desk, month: Month) -> tuple[ShownBatch, ...]:
    """The month's batches, then those of months before that are still to be submitted: they hold its candidates."""
    stores, asked = desk.billing.stores, str(month)
    every = stores.batches.batches()
    waiting = [one for one in every if one.month < asked and one.status is not BatchStatus.SUBMITTED]
    return tuple(
        ShownBatch(
            batch,
            stores.batches.totals(batch.batch_id, desk.who.sites),
            sum(line.terms.site in desk.who.sites for line in stores.batches.lines(batch.batch_id, held=True)),
            step_of(desk, batch),
        )
        for batch in (*(one for one in every if one.month == asked), *waiting)
    )


def step_of(desk: Desk, batch: Batch) -> NextStep:
    """What a batch needs next, of this person."""
    if batch.status is BatchStatus.FROZEN:
        own = desk.billing.four_eyes and batch.frozen_by == desk.who.actor.actor_id
        return NextStep.WAIT if own else NextStep.APPROVE
    return {
        BatchStatus.DRAFT: NextStep.FREEZE,
        BatchStatus.APPROVED: NextStep.SUBMIT,
        BatchStatus.SUBMITTING: NextStep.SUBMIT,
        BatchStatus.SUBMITTED: NextStep.EXPORT,
    }[batch.status]


_URGENT = (NextStep.SUBMIT, NextStep.APPROVE, NextStep.FREEZE)


def next_step(counted: Summary, batches: tuple[ShownBatch, ...]) -> tuple[NextStep, ShownBatch | None]:
    """The one next step of a month, and the batch that it is about.

    What is furthest on its way comes first; then what is billable and in no batch yet; then waiting for somebody else.
    A batch of which nothing is left but what is held has no next step.
    """
    for step in _URGENT:
        for one in batches:
            if one.step is step and one.totals.lines:
                return step, one
    in_batches = sum(one.totals.lines + one.held for one in batches if one.batch.status is not BatchStatus.SUBMITTED)
    if counted.by_verdict[Verdict.BILLABLE].count > in_batches:
        return NextStep.PREPARE, None
    for step in (NextStep.WAIT, NextStep.EXPORT):
        for one in batches:
            if one.step is step:
                return step, one
    return NextStep.NOTHING, None


def last_import(desk: Desk) -> Import | None:
    """The file that came in last."""
    return next(iter(desk.billing.stores.payments.imports(1)), None)


def objectives(desk: Desk, month: Month) -> list[ShownProgress]:
    """What was planned for the month's time at these sites, beside what was done."""
    page = desk.page
    team, reader = page.deps.team, reader_of(page.member.role, page.deps.engine.policy)
    if not team.objectives:
        return []
    day = min(month.last, desk.today)
    window = Window(month.first, day, day, desk.who.sites)
    gathered = gather(page.deps.engine.pathways, window)
    return compared(team.objectives, gathered, window, reader, everywhere=desk.who.sites >= set(team.sites))


def _parts(counted: Summary) -> dict[str, list[Part]]:
    by_site = [Part(site, tallies) for site, tallies in sorted(counted.by_site.items())]
    return {"site": by_site, "scheme": [Part(name, tallies) for name, tallies in sorted(counted.by_scheme.items())]}


_FIGURES = {"figure": figure, "number": number, "percent": percent, "bars": bars}
