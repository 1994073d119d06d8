"""The rules of billing: may this sequence be claimed today, for how much, and why.

Every reason that applies is given, for and against, so that a coordinator sees the whole case at once. The rules are
numbered as a whole (``RULE_VERSION``): a claim says which version decided it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.billing.money import ZERO, part_of, percent_of
from sesame_fhir.domain.billing.scheme import (
    Biller,
    BillingScheme,
    InterruptedEarns,
    Tariff,
    applicable,
)
from sesame_fhir.domain.consents import stands

RULE_VERSION = "1"
"""Version of the rules below; it changes with them, never with the configuration."""


class BillingCode(StrEnum):
    """Reasons for and against billing a sequence."""

    # for
    FINISHED = "finished"
    ENOUGH_CONTACTS = "enough-contacts"
    CONSENT_STANDS = "consent-stands"
    INS_KNOWN = "ins-known"
    COVERAGE_KNOWN = "coverage-known"
    IN_TIME = "in-time"
    INTERRUPTED_IN_FULL = "interrupted-in-full"
    INTERRUPTED_PRO_RATA = "interrupted-pro-rata"
    # against, for now: time or a correction at the source may change it
    NOT_FINISHED = "not-finished"
    TOO_FEW_CONTACTS = "too-few-contacts"
    NO_CONSENT = "no-consent"
    NO_INS = "no-ins"
    NO_COVERAGE = "no-coverage"
    OUTSIDE_SCHEME = "outside-scheme"
    SCHEME_AMBIGUOUS = "scheme-ambiguous"
    NO_BILLER = "no-biller"
    NO_TARIFF = "no-tariff"
    # against, for good
    ALREADY_BILLED = "already-billed"
    INTERRUPTED_EARNS_NOTHING = "interrupted-earns-nothing"
    TOO_LATE = "too-late"


AGAINST = frozenset(BillingCode) - {
    BillingCode.FINISHED,
    BillingCode.ENOUGH_CONTACTS,
    BillingCode.CONSENT_STANDS,
    BillingCode.INS_KNOWN,
    BillingCode.COVERAGE_KNOWN,
    BillingCode.IN_TIME,
    BillingCode.INTERRUPTED_IN_FULL,
    BillingCode.INTERRUPTED_PRO_RATA,
}
FOR_GOOD = frozenset({BillingCode.ALREADY_BILLED, BillingCode.INTERRUPTED_EARNS_NOTHING, BillingCode.TOO_LATE})


class Verdict(StrEnum):
    """What may be done with a sequence."""

    BILLABLE = "billable"
    NOT_YET = "not-yet"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class BillingReason:
    """One coded reason; ``detail`` is a number, a day or a code (``6/4`` contacts held of those needed)."""

    code: BillingCode
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say of one sequence on one day. ``day``: the deciding day. ``amount`` and ``share`` in euros."""

    reasons: tuple[BillingReason, ...]
    scheme: BillingScheme | None = None
    biller: Biller | None = None
    tariff: Tariff | None = None
    day: date | None = None
    amount: Decimal = ZERO
    share: Decimal = ZERO

    @property
    def against(self) -> tuple[BillingReason, ...]:
        """Reasons against."""
        return tuple(reason for reason in self.reasons if reason.code in AGAINST)

    @property
    def supporting(self) -> tuple[BillingReason, ...]:
        """Reasons for."""
        return tuple(reason for reason in self.reasons if reason.code not in AGAINST)

    @property
    def verdict(self) -> Verdict:
        """Billable when nothing stands against it."""
        against = {reason.code for reason in self.against}
        if not against:
            return Verdict.BILLABLE
        return Verdict.NEVER if against & FOR_GOOD else Verdict.NOT_YET


def decide(facts: SequenceFacts, schemes: Iterable[BillingScheme], today: date) -> Decision:
    """Decide on one sequence; ``schemes`` are all versions of all schemes, in the order in which they were given."""
    found = applicable(schemes, facts.site, facts.start, facts.end or facts.planned_end)
    general = tuple(_general(facts))
    if len(found) != 1:
        code = BillingCode.SCHEME_AMBIGUOUS if found else BillingCode.OUTSIDE_SCHEME
        detail = ",".join(scheme.scheme_id for scheme in found) or None
        return Decision((*general, BillingReason(code, detail)))
    return _under(facts, found[0], general, today)


def _general(facts: SequenceFacts) -> Iterator[BillingReason]:
    if facts.live_claim is not None:
        yield BillingReason(BillingCode.ALREADY_BILLED, facts.live_claim.claim_id)
    code = BillingCode.NOT_FINISHED if facts.end is None else BillingCode.FINISHED
    yield BillingReason(code, (facts.end or facts.planned_end).isoformat())


def _under(facts: SequenceFacts, scheme: BillingScheme, general: tuple[BillingReason, ...], today: date) -> Decision:
    day = scheme.deciding_day(facts.start, facts.end or facts.planned_end)
    biller, tariff = scheme.biller_on(day), scheme.tariff_on(facts.rank, day)
    reasons = [*general, *_proof(facts, scheme), *_rights(facts, scheme), *_timing(facts, scheme, today)]
    if biller is None:
        reasons.append(BillingReason(BillingCode.NO_BILLER, day.isoformat()))
    if tariff is None:
        reasons.append(BillingReason(BillingCode.NO_TARIFF, str(facts.rank)))
    amount = ZERO if tariff is None or facts.end is None else _amount(facts, scheme, tariff)
    return Decision(
        tuple(reasons), scheme, biller, tariff, day, amount=amount, share=percent_of(amount, scheme.share_percent)
    )


def _proof(facts: SequenceFacts, scheme: BillingScheme) -> Iterator[BillingReason]:
    held = sum(1 for contact in facts.contacts if scheme.counts(contact.code))
    least = scheme.minimum_contacts_interrupted if facts.interrupted else scheme.minimum_contacts
    code = BillingCode.ENOUGH_CONTACTS if held >= least else BillingCode.TOO_FEW_CONTACTS
    yield BillingReason(code, f"{held}/{least}")
    if facts.interrupted and facts.end is not None:
        yield BillingReason(_INTERRUPTED[scheme.interrupted], f"{_days(facts)}/{_planned(facts)}")


_INTERRUPTED = {
    InterruptedEarns.FULL: BillingCode.INTERRUPTED_IN_FULL,
    InterruptedEarns.PRO_RATA: BillingCode.INTERRUPTED_PRO_RATA,
    InterruptedEarns.NONE: BillingCode.INTERRUPTED_EARNS_NOTHING,
}


def _rights(facts: SequenceFacts, scheme: BillingScheme) -> Iterator[BillingReason]:
    standing = {consent.purpose for consent in facts.consents if stands(consent.purpose, consent.status)}
    for purpose in scheme.consents:
        code = BillingCode.CONSENT_STANDS if purpose in standing else BillingCode.NO_CONSENT
        yield BillingReason(code, purpose)
    if scheme.ins_required:
        yield BillingReason(BillingCode.NO_INS if facts.beneficiary.ins is None else BillingCode.INS_KNOWN)
    if scheme.coverage_required:
        known = facts.coverage is not None and facts.coverage.known
        yield BillingReason(BillingCode.COVERAGE_KNOWN if known else BillingCode.NO_COVERAGE)


def _timing(facts: SequenceFacts, scheme: BillingScheme, today: date) -> Iterator[BillingReason]:
    if scheme.late_days is None or facts.end is None:
        return
    until = facts.end + timedelta(days=scheme.late_days)
    # Claimed in time once, it is not late when it is claimed again after a rejection or a correction.
    first = min((claim.on for claim in facts.claims), default=today)
    yield BillingReason(BillingCode.TOO_LATE if first > until else BillingCode.IN_TIME, until.isoformat())


def _amount(facts: SequenceFacts, scheme: BillingScheme, tariff: Tariff) -> Decimal:
    if not facts.interrupted or scheme.interrupted is InterruptedEarns.FULL:
        return tariff.amount
    if scheme.interrupted is InterruptedEarns.NONE:
        return ZERO
    return part_of(tariff.amount, _days(facts), _planned(facts))


def _days(facts: SequenceFacts) -> int:
    return ((facts.end or facts.planned_end) - facts.start).days + 1


def _planned(facts: SequenceFacts) -> int:
    return (facts.planned_end - facts.start).days + 1
