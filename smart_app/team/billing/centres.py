"""The hosting centres: what each one is owed, its statement as PDF, and that it was paid."""

from dataclasses import dataclass
from decimal import Decimal

from flask import Response, redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.exports.billing.statement_pdf import statement_pdf
from sesame_fhir.services.billing.exporting import trace_export
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.records import SharePaid
from sesame_fhir.services.billing.shares import Statement, owed, pay_share, statement
from sesame_fhir.services.errors import NotFound
from smart_app.team.attempts import Trouble
from smart_app.team.billing.desk import Desk, desk_of, show
from smart_app.team.billing.months import after, before, month_asked
from smart_app.team.billing.payments import billers
from smart_app.team.billing.texts import FIELDS
from smart_app.team.billing.tried import tried
from smart_app.team.billing.typed import amount_of
from smart_app.team.context import TeamContext
from smart_app.team.drafts import load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted

PAYING = "billing-share:{site}"
_SEE_OTHER = 303
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Centre:
    """One centre: its statement of the month, and what each biller owes it today."""

    told: Statement
    owed: dict[str, Decimal]


def show_centres(page: TeamContext) -> str:
    """Every centre in reach, for the month of the address. Raises NotFound for a month to come."""
    return _centres(desk_of(page), None, None)


def export_statement(page: TeamContext, site: str) -> Response:
    """A centre's statement of the month, as a file to print. Raises NotFound."""
    desk = desk_of(page)
    month = month_asked(desk)
    found = statement(desk.billing, desk.who, _site(desk, site), str(month))
    answer = Response(statement_pdf(found, page.deps.team.site_name(found.site)), mimetype="application/pdf")
    trace_export(desk.billing, desk.who, "statement", {"site": site, "month": str(month)})
    answer.headers["Content-Disposition"] = f'attachment; filename="releve-{site}-{month}.pdf"'
    return answer


def post_share(page: TeamContext, site: str) -> ResponseReturnValue:
    """Record that a centre was paid. Raises NotFound."""
    desk = desk_of(page)
    at = _site(desk, site)
    posted = read_posted(page, at)
    month = month_asked(desk, posted.values.get("month", ""))

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, desk.today)
        pay_share(desk.billing, desk.who, _paid(desk, fields, at, month))
        return redirect(page.url("show_centres", month=str(month)), _SEE_OTHER)

    return tried(page, PAYING.format(site=site), act, lambda trouble: _centres(desk, trouble, at, month))


def _paid(desk: Desk, fields: Fields, site: SiteId, month: Month) -> SharePaid:
    """What the form says. Raises Refused."""
    reference, biller_id = fields.text("reference", _LONGEST), fields.raw("biller")
    on, amount = fields.day("on") or desk.today, amount_of(fields, "amount")
    if reference is None:
        fields.wrong(ReasonCode.TEXT_REQUIRED, "reference")
    if biller_id not in billers(desk):
        fields.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD, "biller")
    fields.check()
    return SharePaid(reference or "", site, biller_id, str(month), amount, on, desk.who.actor.actor_id)


def _centres(desk: Desk, trouble: Trouble | None, at: SiteId | None, month: Month | None = None) -> str:
    month = month or month_asked(desk)
    following = after(month)
    names = billers(desk)
    centres = [
        Centre(
            statement(desk.billing, desk.who, site, str(month)),
            {biller: due for biller in names if (due := owed(desk.billing, site, biller))},
        )
        for site in desk.sites
    ]
    return show(
        desk,
        "centres.html",
        month=month,
        previous=before(month),
        following=following if following.first <= desk.today else None,
        centres=centres,
        billers=names,
        examples=_examples(desk),
        trouble=trouble,
        at=at,
        typed={site: load_draft(desk.page, PAYING.format(site=site)) for site in desk.sites},
        field_text=FIELDS,
        longest=_LONGEST,
    )


def _examples(desk: Desk) -> set[str]:
    """Billers of a scheme that is an example."""
    stored = (one.scheme for one in desk.billing.stores.schemes.history())
    return {biller.identity.biller_id for scheme in stored if scheme.example for biller in scheme.billers}


def _site(desk: Desk, site: str) -> SiteId:
    if SiteId(site) not in desk.who.sites:
        raise NotFound("site")
    return SiteId(site)
