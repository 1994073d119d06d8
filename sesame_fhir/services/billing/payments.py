"""Money that reached the bank: payments as the bank shows them, and the claims that each of them pays.

A payment is kept whole as soon as its lines add up to it; each line that finds its claim is one command whose id is
made of the payment and the claim. What is left of a payment is listed until it is matched.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.money import ZERO, is_euros
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import BillerId, ClaimPaid
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.acting import Trace, act, claim_in_reach, needed_claim, take_all, trace
from sesame_fhir.services.billing.answers import none_kept, refused_by, remember, unread_result
from sesame_fhir.services.billing.incoming import LineCode, PaymentFile, PaymentLine
from sesame_fhir.services.billing.publishing import publish_payments
from sesame_fhir.services.billing.records import Import, LineFate, LineResult, Payment
from sesame_fhir.services.billing.setting import Billing, Coordinator, Progress, unheard


def record_payment(
    billing: Billing, who: Coordinator, *, payment_id: str, biller_id: str, on: date, amount: Decimal
) -> Payment:
    """Keep a payment that the bank shows, before or without a file that says which claims it pays. Twice: once.

    Raises:
        Refused: the role may not, no scheme has this biller, the day is to come, the amount is nothing or no euros, or
            the payment is known with other values.
    """
    who.may("reconcile-payments")
    now = billing.engine.clock.now()
    reasons = []
    if biller_id not in set(_billers(billing).values()):
        reasons.append(Reason(ReasonCode.VALUE_NOT_UNDERSTOOD, biller_id))
    if on > local_day(now):
        reasons.append(Reason(ReasonCode.DATE_IN_FUTURE, on.isoformat()))
    if not is_euros(amount) or not amount:
        reasons.append(Reason(ReasonCode.VALUE_OUT_OF_RANGE, str(amount)))
    if reasons:
        raise Refused(*reasons)
    payment = Payment(payment_id, biller_id, on, amount, now, who.actor.actor_id, ZERO)
    if billing.stores.payments.add_payment(payment):
        trace(billing, who, Trace("reconcile-payments", "payment", {"payment": payment_id}))
    return billing.stores.payments.payment(payment_id) or payment


def reconcile(
    billing: Billing,
    who: Coordinator,
    file: PaymentFile,
    *,
    all_or_nothing: bool = False,
    progress: Progress = unheard,
) -> Import:
    """Match the lines of a file of payments to claims. The same file again repeats nothing.

    Args:
        billing: the use cases' setting.
        who: the coordinator; a claim of a site out of reach is unknown.
        file: as read by ``mappings.billing.incoming``.
        all_or_nothing: with one line refused, all are, and nothing is written.
        progress: told how many lines have been written.

    Raises:
        Refused: the role may not do this.
        Conflict: others kept writing to a pathway; what was written stays, the same file again does the rest.
    """
    who.may("reconcile-payments")
    lines = _in_order(file.lines, _billers(billing))
    judge = _Judge(billing, who, local_day(billing.engine.clock.now()), lines)
    judged = [judge.judge(line) for line in lines]
    unread = [*map(unread_result, file.unread)]
    if all_or_nothing and any(result.fate is LineFate.REFUSED for result in (*unread, *judged)):
        return _import(billing, who, file, [*unread, *map(none_kept, judged)])
    for payment in judge.payments():
        billing.stores.payments.add_payment(payment)
    recorded = _record(billing, who, lines, judged, progress)
    paid = sorted({line.payment_id for line in lines})
    publish_payments(billing.publisher, billing.stores, paid, billing.engine.clock.now())
    came = _import(billing, who, file, [*unread, *recorded])
    remember(billing, who, came, "reconcile-payments")
    return came


def _record(
    billing: Billing, who: Coordinator, lines: Sequence[PaymentLine], judged: Sequence[LineResult], progress: Progress
) -> list[LineResult]:
    """Write the lines that were found good; what changed since then may still stand against one."""
    good = [line for line, result in zip(lines, judged, strict=True) if result.fate is LineFate.RECORDED]
    acts = (act(billing, who, needed_claim(billing, who, line.claim_id), _paid(line), line.payment_id) for line in good)
    outcomes = dict(zip((line.number for line in good), take_all(billing, acts, len(good), progress), strict=True))
    return [refused_by(outcomes.get(result.number), result) for result in judged]


def _in_order(lines: Sequence[PaymentLine], billers: Mapping[str, str]) -> list[PaymentLine]:
    """Lines by day, what is taken back last, so that nothing depends on their order in the file; billers by our id."""
    known = (replace(line, biller_id=billers.get(line.biller_id, "")) for line in lines)
    return sorted(known, key=lambda line: (line.on, line.amount < ZERO, line.payment_id, line.number))


def _billers(billing: Billing) -> Mapping[str, str]:
    """Every biller that was ever configured, under its id and under its identifier."""
    found: dict[str, str] = {}
    for stored in billing.stores.schemes.history():
        for biller in stored.scheme.billers:
            found.update(dict.fromkeys(_names(biller.identity), biller.identity.biller_id))
    return found


def _names(biller: BillerId) -> tuple[str, str]:
    return biller.biller_id, f"{biller.system}|{biller.value}"


@dataclass(slots=True)
class _Judge:
    """Judges the lines of one file, one after the other; remembers what each claim has been given so far."""

    billing: Billing
    who: Coordinator
    today: date
    lines: Sequence[PaymentLine]
    _groups: dict[str, tuple[LineCode | None, PaymentLine]] = field(default_factory=dict)
    _claims: dict[tuple[str, str], int] = field(default_factory=dict)
    _given: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_payment: dict[str, list[PaymentLine]] = {}
        for line in self.lines:
            by_payment.setdefault(line.payment_id, []).append(line)
            key = line.payment_id, line.claim_id
            self._claims[key] = self._claims.get(key, 0) + 1
        for payment_id, group in by_payment.items():
            self._groups[payment_id] = self._wrong(group), group[0]

    def judge(self, line: PaymentLine) -> LineResult:
        """What becomes of one line."""
        wrong, _ = self._groups[line.payment_id]
        if wrong is not None:
            return _refused(line, wrong)
        row = claim_in_reach(self.billing, self.who, line.claim_id)
        if row is None:
            return _refused(line, LineCode.UNKNOWN_CLAIM)
        if self._claims[line.payment_id, line.claim_id] > 1:
            return _refused(line, LineCode.CLAIM_TWICE)
        known = next((one for one in row.claim.payments if one.payment_id == line.payment_id), None)
        if known is not None:
            same = known == _paid(line)
            fate = LineResult(line.number, LineFate.KNOWN_ALREADY, line.claim_id)
            return fate if same else _refused(line, LineCode.PAYMENT_ALREADY_RECORDED)
        if codes := tuple(self._against(row.claim, line)):
            return _refused(line, *codes)
        self._given[line.claim_id] = self._given.get(line.claim_id, ZERO) + line.amount
        return LineResult(line.number, LineFate.RECORDED, line.claim_id)

    def payments(self) -> Iterator[Payment]:
        """The payments of the file that add up, as the bank shows them."""
        now = self.billing.engine.clock.now()
        for wrong, line in self._groups.values():
            if wrong is None:
                by = self.who.actor.actor_id
                yield Payment(line.payment_id, line.biller_id, line.on, line.total, now, by, ZERO)

    def _wrong(self, group: Sequence[PaymentLine]) -> LineCode | None:
        """Why a payment as a whole cannot be; all of its lines are refused for it."""
        if len({(line.biller_id, line.on, line.total) for line in group}) > 1:
            return LineCode.PAYMENT_CONTRADICTED
        first = group[0]
        if not first.biller_id:
            return LineCode.UNKNOWN_BILLER
        if first.on > self.today:
            return LineCode.DATE_IN_FUTURE
        if sum((line.amount for line in group), ZERO) != first.total:
            return LineCode.SUM_DIFFERS
        known = self.billing.stores.payments.payment(first.payment_id)
        if known is None:
            return None
        same = (known.biller_id, known.on, known.amount) == (first.biller_id, first.on, first.total)
        # Its lines are all of it: what it has paid of other claims cannot be paid once more. Somebody else who takes in
        # the same file meanwhile makes these claims' part the larger one, which is nothing against it.
        elsewhere = known.matched - self._matched(first.payment_id, {line.claim_id for line in group})
        twice = elsewhere * first.total > 0 or (elsewhere and not first.total)
        return None if same and not twice else LineCode.PAYMENT_ALREADY_RECORDED

    def _matched(self, payment_id: str, claim_ids: Iterable[str]) -> Decimal:
        """What the payment has paid of these claims so far, at whatever site."""
        rows = map(self.billing.stores.claims.claim, claim_ids)
        paid = (one for row in rows if row is not None for one in row.claim.payments)
        return sum((one.amount for one in paid if one.payment_id == payment_id), ZERO)

    def _against(self, claim: Claim, line: PaymentLine) -> Iterator[LineCode]:
        if claim.terms is None or claim.terms.biller.biller_id != line.biller_id:
            yield LineCode.OTHER_BILLER
        if line.on < claim.billed_on:
            yield LineCode.BEFORE_CLAIM
        paid = claim.paid + self._given.get(line.claim_id, ZERO) + line.amount
        if not line.amount:
            yield LineCode.AMOUNT_WRONG
        elif paid > claim.amount:
            yield LineCode.OVERPAID
        elif paid < ZERO:
            yield LineCode.NOT_PAID_SO_MUCH


def _paid(line: PaymentLine) -> ClaimPaid:
    return ClaimPaid(line.claim_id, line.payment_id, line.amount, line.on)


def _refused(line: PaymentLine, *codes: LineCode) -> LineResult:
    return LineResult(line.number, LineFate.REFUSED, line.claim_id, codes)


def _import(billing: Billing, who: Coordinator, file: PaymentFile, results: Sequence[LineResult]) -> Import:
    now = billing.engine.clock.now()
    ordered = tuple(sorted(results, key=lambda result: result.number))
    return Import(file.digest, f"payments-{file.kind}", file.name, now, who.actor.actor_id, ordered)
