"""The books over a period: what moved, what each account holds, and the proof in words that all of it balances."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import request
from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.billing.ledger import Account, Movement
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.calendar import month_end
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.books import TrialBalance, prove, trial_balance
from smart_app.team.billing.desk import Desk, desk_of, show
from smart_app.team.billing.months import last_month
from smart_app.team.billing.texts import BOOKS
from smart_app.team.context import TeamContext
from smart_app.team.fields import Fields


@dataclass(frozen=True, slots=True)
class Period:
    """Both days included."""

    start: date
    end: date


def show_books(page: TeamContext) -> str:
    """The period of the address, else the month before this one. Raises Refused for days that are no period."""
    desk = desk_of(page)
    period = period_asked(desk)
    balance = trial_balance(desk.billing, desk.who, period.start, period.end)
    return show(
        desk,
        "books.html",
        period=period,
        balance=balance,
        moved=_moved(balance),
        income=_balance(balance, Account.INCOME),
        wrong=prove(desk.billing, desk.who, period.start, period.end),
        codes=BOOKS,
    )


def period_asked(desk: Desk) -> Period:
    """The two days of the address; whole last month when there are none. Raises Refused."""
    fields = Fields(MultiDict(request.args), desk.today)
    start, end = fields.day("start"), fields.day("end")
    fields.check()
    month = last_month(desk)
    start = start or (month.first if end is None else end.replace(day=1))
    end = end or month_end(start)
    if start > end:
        raise Refused(Reason(ReasonCode.VALUE_OUT_OF_RANGE, "start"))
    return Period(start, end)


def _moved(balance: TrialBalance) -> dict[Movement, tuple[int, Decimal]]:
    """How many postings of each movement, and their sum; only those that there are."""
    found: dict[Movement, tuple[int, Decimal]] = {}
    for one in balance.movements:
        count, amount = found.get(one.movement, (0, ZERO))
        found[one.movement] = (count + one.count, amount + one.amount)
    return {movement: found[movement] for movement in Movement if movement in found}


def _balance(balance: TrialBalance, account: Account) -> Decimal:
    """What an account of income earned: its credits, less its debits."""
    return -next(one.balance for one in balance.accounts if one.account is account)
