"""Files of the payer: answers and payments come in, and every line says what became of it."""

from dataclasses import replace
from http import HTTPStatus

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.fhir_answers import read_fhir_answers
from mappings.billing.incoming.fhir_payments import read_fhir_payments
from mappings.billing.incoming.payments import read_payments
from mappings.billing.layout import Kind, Layout
from sesame_fhir.services.billing.acting import site_of
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.billing.records import Batch, BatchStatus, Import, LineFate, LineResult
from sesame_fhir.services.errors import NotFound
from smart_app.team.billing.desk import Desk, desk_of, name_of, show
from smart_app.team.billing.texts import Upload
from smart_app.team.billing.uploads import UploadRefused, read_upload
from smart_app.team.context import TeamContext
from smart_app.team.posted import Posted, read_posted

_SEE_OTHER = 303
_LISTED = 50
_SHOWN = 500
"""Lines of one result on a page; those refused come first."""


def show_answers(page: TeamContext) -> str:
    """Where a file of answers is brought, and the files that came before."""
    return _answers(desk_of(page), None)


def post_answers(page: TeamContext) -> ResponseReturnValue:
    """Record the answers of a file, as far as its lines are good."""
    desk = desk_of(page)
    posted = read_posted(page, "answers")
    try:
        sent = read_upload("file")
    except UploadRefused as refused:
        return make_response(_answers(desk, refused.problem), HTTPStatus.UNPROCESSABLE_ENTITY)
    batch_id = posted.text("batch")
    if sent.fhir:
        file = read_fhir_answers(sent.data, sent.name, batch_id=batch_id)
    else:
        file = read_answers(sent.data, sent.name, layout=_layout(desk, Kind.ANSWERS), batch_id=batch_id)
    came = import_answers(desk.billing, desk.who, file, all_or_nothing=_strict(posted))
    return _result(desk, came)


def post_payment_file(page: TeamContext) -> ResponseReturnValue:
    """Match the lines of a file of payments to claims."""
    desk = desk_of(page)
    posted = read_posted(page, "payments")
    try:
        sent = read_upload("file")
    except UploadRefused as refused:
        body = show(desk, "upload_refused.html", problem=refused.problem, back=page.url("show_payments"))
        return make_response(body, HTTPStatus.UNPROCESSABLE_ENTITY)
    if sent.fhir:
        file = read_fhir_payments(sent.data, sent.name)
    else:
        file = read_payments(sent.data, sent.name, layout=_layout(desk, Kind.PAYMENTS))
    came = reconcile(desk.billing, desk.who, file, all_or_nothing=_strict(posted))
    return _result(desk, came)


def _layout(desk: Desk, kind: Kind) -> Layout | None:
    """The payer's layout of such files; None: ours."""
    return next(iter(desk.page.deps.team.layouts_of(kind)), None)


def show_import(page: TeamContext, digest: str) -> str:
    """What became of a file that came in before. Raises NotFound."""
    desk = desk_of(page)
    came = desk.billing.stores.payments.imported(digest)
    if came is None:
        raise NotFound("import")
    return _import(desk, came, kept=True)


def imports(desk: Desk, kind: str) -> tuple[Import, ...]:
    """Files of answers, or of payments, that came in, newest first."""
    return desk.billing.stores.payments.imports(_LISTED, kind)


def counts(came: Import) -> dict[LineFate, int]:
    """How many lines had each fate."""
    return {fate: sum(result.fate is fate for result in came.results) for fate in LineFate}


def _answers(desk: Desk, problem: Upload | None) -> str:
    return show(
        desk,
        "answers.html",
        problem=problem,
        imports=imports(desk, "answers"),
        counts=counts,
        fates=tuple(LineFate),
        batch=request.args.get("batch", "") or request.form.get("batch", ""),
        batches=_claimed(desk),
    )


def _claimed(desk: Desk) -> list[Batch]:
    """The batches that a payer may have answered, newest month first."""
    found = desk.billing.stores.batches.batches()
    return [one for one in found if one.status in {BatchStatus.SUBMITTING, BatchStatus.SUBMITTED}][:_LISTED]


def _strict(posted: Posted) -> bool:
    return posted.values.get("lines") != "good"


def _result(desk: Desk, came: Import) -> ResponseReturnValue:
    """Go to the page of what was kept; what was refused as a whole left nothing behind, and is shown at once."""
    kept = desk.billing.stores.payments.imported(came.digest)
    if kept is not None and kept.results == came.results:
        return redirect(desk.page.url("show_import", digest=came.digest), _SEE_OTHER)
    return make_response(_import(desk, came, kept=kept is not None), _status(came))


def _status(came: Import) -> HTTPStatus:
    """Something was refused and nothing recorded: it is to be sent again. A file that is known already is good."""
    each = counts(came)
    nothing = each[LineFate.REFUSED] and not each[LineFate.RECORDED]
    return HTTPStatus.UNPROCESSABLE_ENTITY if nothing else HTTPStatus.OK


def _import(desk: Desk, came: Import, *, kept: bool) -> str:
    return show(
        desk,
        "import.html",
        came=came,
        kept=kept,
        by=name_of(desk, came.imported_by),
        counts=counts(came),
        results=_results(desk, came),
        hidden=max(0, len(came.results) - _SHOWN),
        payments=came.kind.startswith("payments"),
    )


def _results(desk: Desk, came: Import) -> list[tuple[LineResult, bool]]:
    """Lines, refused ones first; True for those whose claim can be opened. A claim out of reach is not named."""
    ordered = sorted(came.results, key=lambda one: (one.fate is not LineFate.REFUSED, one.number))[:_SHOWN]
    return [_told(desk, came, one) for one in ordered]


def _told(desk: Desk, came: Import, one: LineResult) -> tuple[LineResult, bool]:
    row = None if one.claim_id is None else desk.billing.stores.claims.claim(one.claim_id)
    if row is None or site_of(row) in desk.who.sites:
        return one, row is not None
    # Whoever brought the file has read it; a colleague of other sites sees that there was a line.
    own = came.imported_by == desk.who.actor.actor_id
    return one if own else replace(one, claim_id=None), False
