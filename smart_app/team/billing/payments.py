"""Money that reached the bank: payments with what has found its claim, by hand or from a file."""

from flask import redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.services.billing.payments import record_payment
from sesame_fhir.services.billing.records import LineFate
from smart_app.team.attempts import Trouble
from smart_app.team.billing.desk import Desk, desk_of, show
from smart_app.team.billing.files import counts, imports
from smart_app.team.billing.texts import FIELDS
from smart_app.team.billing.tried import tried
from smart_app.team.billing.typed import amount_of
from smart_app.team.context import TeamContext
from smart_app.team.drafts import load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted

PAYMENT = "billing-payment"
_SEE_OTHER = 303
_LISTED = 100
_LONGEST = 64


def show_payments(page: TeamContext) -> str:
    """Payments, newest first; where a file is brought, and where one is written down by hand."""
    return _payments(desk_of(page), None)


def post_payment(page: TeamContext) -> ResponseReturnValue:
    """Write down a payment that the bank shows."""
    desk = desk_of(page)
    posted = read_posted(page, "payment")

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, desk.today)
        reference = fields.text("reference", _LONGEST)
        on, amount = fields.day("on"), amount_of(fields, "amount")
        if reference is None:
            fields.wrong(ReasonCode.TEXT_REQUIRED, "reference")
        if on is None and not fields.raw("on"):
            fields.wrong(ReasonCode.TEXT_REQUIRED, "on")
        fields.check()
        assert reference is not None and on is not None  # noqa: S101, PT018  check has asked
        record_payment(
            desk.billing, desk.who, payment_id=reference, biller_id=fields.raw("biller"), on=on, amount=amount
        )
        return redirect(page.url("show_payments"), _SEE_OTHER)

    return tried(page, PAYMENT, act, lambda trouble: _payments(desk, trouble))


def billers(desk: Desk) -> dict[str, str]:
    """Everybody who was ever configured to bill: id -> name."""
    stored = desk.billing.stores.schemes.history()
    identities = (biller.identity for one in stored for biller in one.scheme.billers)
    return {identity.biller_id: identity.name for identity in identities}


def _payments(desk: Desk, trouble: Trouble | None) -> str:
    return show(
        desk,
        "payments.html",
        payments=desk.billing.stores.payments.payments(_LISTED),
        billers=billers(desk),
        imports=imports(desk, "payments"),
        counts=counts,
        fates=tuple(LineFate),
        trouble=trouble,
        typed=load_draft(desk.page, PAYMENT),
        field_text=FIELDS,
        longest=_LONGEST,
    )
