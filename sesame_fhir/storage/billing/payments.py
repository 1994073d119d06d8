"""``PaymentStore``: payments of the payer, shares paid to the centres, files that came in."""

from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, func, select

from sesame_fhir.domain.billing.ledger import share_posting
from sesame_fhir.domain.billing.money import cents, from_cents
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.records import Import, Payment, SharePaid
from sesame_fhir.storage.billing.ledger import POSTING
from sesame_fhir.storage.billing_schema import (
    billing_import,
    billing_payment,
    claim_payment,
    ledger_posting,
    share_paid,
)
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Row, Session, Value

_PAID = RowMapper(SharePaid, share_paid, {"on": "day"})
_IMPORT = RowMapper(Import, billing_import)
_p = billing_payment.c

_MATCHED = select(func.coalesce(func.sum(claim_payment.c.amount), 0)).where(claim_payment.c.payment_id == _p.payment_id)
_PAYMENTS = select(
    *(_p.payment_id, _p.biller_id, _p.day, _p.amount, _p.recorded_at, _p.recorded_by), _MATCHED.scalar_subquery()
)
_PAYMENT = _PAYMENTS.where(_p.payment_id == bindparam("one"))
_NEWEST = _PAYMENTS.order_by(_p.payment_key.desc()).limit(bindparam("most"))
_ADD_PAYMENT = billing_payment.insert()

_SAME_SHARE = select(share_paid.c.share_key).where(
    share_paid.c.biller_id == bindparam("biller"),
    share_paid.c.site == bindparam("centre"),
    share_paid.c.reference == bindparam("one"),
)
_PAID_SO_FAR = select(func.coalesce(func.sum(share_paid.c.amount), 0)).where(
    share_paid.c.biller_id == bindparam("biller"), share_paid.c.site == bindparam("centre")
)
_SHARES = select(*_PAID.columns).order_by(share_paid.c.share_key)
_SHARES_OF = _SHARES.where(share_paid.c.month == bindparam("wanted"))
_ADD_SHARE = share_paid.insert()
_POST = ledger_posting.insert()

_SAME_FILE = select(*_IMPORT.columns).where(billing_import.c.digest == bindparam("one"))
_IMPORTS = (
    select(*_IMPORT.columns)
    .where(billing_import.c.kind.startswith(bindparam("beginning")))
    .order_by(billing_import.c.import_key.desc())
    .limit(bindparam("most"))
)
_ADD_IMPORT = billing_import.insert()
_FORGET_IMPORT = billing_import.delete().where(billing_import.c.digest == bindparam("one"))

_LOCK = "billing payments"


class Payments:
    """Money and files of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_payment(self, payment: Payment) -> bool:
        """Keep a payment; False when its id is known.

        Raises:
            Refused: ``PAYMENT_ALREADY_RECORDED``, it is known with another biller, day or amount.
        """
        values: dict[str, Value] = {
            "payment_id": payment.payment_id,
            "biller_id": payment.biller_id,
            "day": payment.on.isoformat(),
            "amount": cents(payment.amount),
            "recorded_at": to_micros(payment.recorded_at),
            "recorded_by": payment.recorded_by,
        }

        def job(session: Session) -> bool:
            session.lock(_LOCK)
            known = session.select(_PAYMENT, one=payment.payment_id)
            if not known:
                session.execute(_ADD_PAYMENT, values)
            elif tuple(known[0][1:4]) != (values["biller_id"], values["day"], values["amount"]):
                raise Refused(Reason(ReasonCode.PAYMENT_ALREADY_RECORDED, payment.payment_id))
            return not known

        return self._database.write(job)

    def payments(self, limit: int = 100) -> tuple[Payment, ...]:
        """Payments, newest first, with what has been matched to claims."""
        return tuple(map(_payment, self._database.read(lambda session: session.select(_NEWEST, most=limit))))

    def payment(self, payment_id: str) -> Payment | None:
        """One payment."""
        rows = self._database.read(lambda session: session.select(_PAYMENT, one=payment_id))
        return _payment(rows[0]) if rows else None

    def add_share_paid(self, paid: SharePaid, paid_before: Decimal | None = None) -> bool:
        """Keep that a centre was paid, with its posting; False when this biller's reference is known for the centre.

        False as well when the biller has paid it in all another sum than ``paid_before``: somebody else did meanwhile.

        Raises:
            ValueError: the amount is not positive.
        """
        posting = share_posting(paid.reference, paid.site, paid.biller_id, paid.amount, paid.on)

        def job(session: Session) -> bool:
            session.lock(_LOCK)
            if session.select(_SAME_SHARE, biller=paid.biller_id, centre=paid.site, one=paid.reference):
                return False
            (so_far,) = session.select(_PAID_SO_FAR, biller=paid.biller_id, centre=paid.site)[0]
            if paid_before is not None and so_far != cents(paid_before):
                return False
            session.execute(_ADD_SHARE, _PAID.values(paid))
            session.execute(_POST, POSTING.values(posting))
            return True

        return self._database.write(job)

    def shares_paid(self, month: str | None = None) -> tuple[SharePaid, ...]:
        """What centres were paid, oldest first."""
        rows = self._database.read(
            lambda session: session.select(_SHARES) if month is None else session.select(_SHARES_OF, wanted=month)
        )
        return tuple(map(_PAID.record, rows))

    def imported(self, digest: str) -> Import | None:
        """A file with the same bytes that came in before."""
        rows = self._database.read(lambda session: session.select(_SAME_FILE, one=digest))
        return _IMPORT.record(rows[0]) if rows else None

    def add_import(self, one: Import) -> None:
        """Keep what became of a file, in the place of what became of the same bytes before."""

        def job(session: Session) -> None:
            session.lock(_LOCK)
            session.execute(_FORGET_IMPORT, {"one": one.digest})
            session.execute(_ADD_IMPORT, _IMPORT.values(one))

        self._database.write(job)

    def imports(self, limit: int = 100, kind: str = "") -> tuple[Import, ...]:
        """Files that came in, newest first; those whose kind begins with ``kind`` (``answers``, ``payments``)."""
        rows = self._database.read(lambda session: session.select(_IMPORTS, most=limit, beginning=kind))
        return tuple(map(_IMPORT.record, rows))


def _payment(row: Row) -> Payment:
    payment_id, biller_id, day, amount, recorded_at, recorded_by, matched = row
    money = from_cents(amount), from_cents(int(matched))
    return Payment(
        payment_id,
        biller_id,
        on=date.fromisoformat(day),
        amount=money[0],
        recorded_at=from_micros(recorded_at),
        recorded_by=recorded_by,
        matched=money[1],
    )
