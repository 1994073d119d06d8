"""A batch: its lines, held and put back; frozen, approved by another person, submitted in steps, exported."""

from http import HTTPStatus
from time import monotonic

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing import batches as steps
from sesame_fhir.services.billing.records import Batch, BatchStatus, Totals
from sesame_fhir.services.billing.submitting import submit
from sesame_fhir.services.errors import NotFound
from smart_app.team.billing.desk import Desk, desk_of, name_of, show
from smart_app.team.billing.month import step_of
from smart_app.team.context import TeamContext
from smart_app.team.drafts import load_draft, save_draft
from smart_app.team.posted import Posted, read_posted

HOLDING = "billing-hold:{batch_id}"
"""Draft of the reason for which a line is held."""

_ROWS = 50
_SEE_OTHER = 303
_SECONDS = 8.0
"""Claims are made for so long in one request; the page then offers to go on."""
_WIDEST = 6
_COUNTED = 5000
"""Lines without a claim are counted as far as this."""


class _Enough(Exception):  # noqa: N818  a pause, not a fault
    """The time of one request is over; what was done is done."""


def show_batch(page: TeamContext, batch_id: str) -> str:
    """A batch with a page of its lines. Raises NotFound."""
    return _shown(page, batch_id, frozenset())


def _shown(page: TeamContext, batch_id: str, changed: frozenset[str]) -> str:
    """The page; ``changed`` are claims whose facts are no longer those of the lines."""
    desk = desk_of(page)
    batch = _batch(desk, batch_id)
    store = desk.billing.stores.batches
    offset = _offset()
    lines = store.line_page(batch_id, offset, _ROWS + 1)
    totals = store.totals(batch_id, desk.who.sites)
    return show(
        desk,
        "batch.html",
        batch=batch,
        totals=totals,
        step=step_of(desk, batch),
        lines=[line for line in lines[:_ROWS] if line.terms.site in desk.who.sites],
        elsewhere=sum(line.terms.site not in desk.who.sites for line in lines[:_ROWS]),
        offset=offset,
        rows=_ROWS,
        more=len(lines) > _ROWS,
        by={name: name_of(desk, actor) for name, actor in _people(batch).items()},
        example_scheme=_example(desk, batch),
        changed=[line for line in store.lines(batch_id) if line.claim_id in changed] if changed else [],
        refused=bool(changed),
        at={"offset": str(offset)} if offset else {},
        claimed=_claimed(desk, batch, totals),
        typed=load_draft(page, HOLDING.format(batch_id=batch_id)),
    )


def post_hold(page: TeamContext, batch_id: str) -> ResponseReturnValue:
    """Keep a line out, with a reason. Raises NotFound, Refused."""
    desk = desk_of(page)
    posted = _posted(page, desk, batch_id)
    why = posted.values.get("why", "")
    steps.hold(desk.billing, desk.who, batch_id, *_line(posted), why=why)
    save_draft(page, HOLDING.format(batch_id=batch_id), MultiDict())
    return _back(page, batch_id)


def post_release(page: TeamContext, batch_id: str) -> ResponseReturnValue:
    """Put a line back. Raises NotFound, Refused."""
    desk = desk_of(page)
    posted = _posted(page, desk, batch_id)
    steps.release(desk.billing, desk.who, batch_id, *_line(posted))
    return _back(page, batch_id)


def post_freeze(page: TeamContext, batch_id: str) -> ResponseReturnValue:
    """Fix the lines. Raises Refused."""
    desk = desk_of(page)
    _posted(page, desk, batch_id)
    steps.freeze(desk.billing, desk.who, batch_id)
    return _back(page, batch_id)


def post_reopen(page: TeamContext, batch_id: str) -> ResponseReturnValue:
    """Make it a draft again. Raises Refused."""
    desk = desk_of(page)
    _posted(page, desk, batch_id)
    steps.reopen(desk.billing, desk.who, batch_id)
    return _back(page, batch_id)


def post_drop(page: TeamContext, batch_id: str) -> ResponseReturnValue:
    """Forget a draft. Raises Refused."""
    desk = desk_of(page)
    batch = _batch(desk, batch_id)
    _posted(page, desk, batch_id)
    steps.drop(desk.billing, desk.who, batch_id)
    return redirect(page.url("show_billing", month=batch.month), _SEE_OTHER)


def post_approve(page: TeamContext, batch_id: str) -> ResponseReturnValue:
    """Approve what somebody else froze. Raises Refused."""
    desk = desk_of(page)
    _posted(page, desk, batch_id)
    steps.approve(desk.billing, desk.who, batch_id)
    return _back(page, batch_id)


def post_submit(page: TeamContext, batch_id: str) -> ResponseReturnValue:
    """Make claims for a few seconds; the page that follows says how many are left. Raises Refused, Conflict."""
    desk = desk_of(page)
    _posted(page, desk, batch_id)
    until = monotonic() + _SECONDS

    def watched(_done: int, _of: int | None) -> None:
        if monotonic() > until:
            raise _Enough

    try:
        submit(desk.billing, desk.who, batch_id, desk.today, watched)
    except _Enough:
        page.trace("submit-billing", "paused")
    except Refused as refused:
        changed = frozenset(r.detail or batch_id for r in refused.reasons if r.code is ReasonCode.BATCH_CHANGED)
        if not changed:
            raise
        page.trace("refused", "post_submit", outcome="refused")
        return make_response(_shown(page, batch_id, changed), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _back(page, batch_id)


def _batch(desk: Desk, batch_id: str) -> Batch:
    batch = desk.billing.stores.batches.batch(batch_id)
    if batch is None:
        raise NotFound("batch")
    return batch


def _posted(page: TeamContext, desk: Desk, batch_id: str) -> Posted:
    """The form, opened for this batch. Raises NotFound, and AppError for a form that is not ours."""
    _batch(desk, batch_id)
    return read_posted(page, batch_id)


def _line(posted: Posted) -> tuple[PathwayId, int]:
    case, _, rank = posted.values.get("line", "").rpartition(":")
    if not (case and rank.isascii() and rank.isdigit() and len(rank) == 1):
        raise NotFound("line")
    return PathwayId(case), int(rank)


def _back(page: TeamContext, batch_id: str) -> ResponseReturnValue:
    offset = request.args.get("offset", "")
    rest = {"offset": offset} if offset.isascii() and offset.isdigit() and offset != "0" else {}
    return redirect(page.url("show_batch", batch_id=batch_id, **rest), _SEE_OTHER)


def _offset() -> int:
    asked = request.args.get("offset", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _WIDEST else 0


def _people(batch: Batch) -> dict[str, str | None]:
    return {
        "created": batch.created_by,
        "frozen": batch.frozen_by,
        "approved": batch.approved_by,
        "submitted": batch.submitted_by,
    }


def _example(desk: Desk, batch: Batch) -> bool:
    """True when any version of the batch's scheme is an example."""
    schemes = (stored.scheme for stored in desk.billing.stores.schemes.schemes())
    return any(scheme.example for scheme in schemes if scheme.scheme_id == batch.scheme_id)


def _claimed(desk: Desk, batch: Batch, totals: Totals) -> int | None:
    """How many claims of a batch on its way are made; None when it is not on its way."""
    if batch.status is not BatchStatus.SUBMITTING:
        return None
    left = len(desk.billing.stores.batches.unclaimed(batch.batch_id, _COUNTED))
    return max(0, totals.lines - left)
