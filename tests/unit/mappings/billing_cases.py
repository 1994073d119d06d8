"""Stories of billing: coverage, a claim, what the payer answered and paid, what was taken back. An invented tariff."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import claim_id_of
from sesame_fhir.domain.billing.facts import sequence_facts
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.billing.publishing import Settlement
from sesame_fhir.services.billing.records import ClaimRow, Payment
from tests.support.billed import COVERAGE, terms_of
from tests.support.story import COORDINATOR, PATHWAY, SITE
from tests.unit.mappings.care_cases import Told

Payloads = tuple[ev.Payload | Told, ...]

TODAY = date(2026, 7, 1)
_LATER = 120
FIRST, SECOND = claim_id_of(PATHWAY, 1, 1), claim_id_of(PATHWAY, 1, 2)
COVERED = Told(COVERAGE, COORDINATOR)
ACCEPTED = ev.ClaimAnswered(FIRST, "R-2026-0001", ev.ClaimOutcome.ACCEPTED, date(2026, 7, 6), Decimal("300.00"))
NO_RIGHTS = ev.RejectionReason("D 07", "Droits non ouverts à cette date.")
REJECTED = ev.ClaimAnswered(
    FIRST, "R-2026-0002", ev.ClaimOutcome.REJECTED, date(2026, 7, 6), None, (NO_RIGHTS, ev.RejectionReason("12"))
)
PART = ev.ClaimPaid(FIRST, "VIR 2026/07", Decimal("100.00"), date(2026, 7, 10))
REST = ev.ClaimPaid(FIRST, "VIR 2026/08", Decimal("200.00"), date(2026, 8, 10))
MISTAKEN = ev.ClaimCancelled(FIRST, ev.CancelReason.MISTAKE, "Mauvais site.")
PAYMENT = Payment(
    "VIR 2026/07", "operator", PART.on, Decimal("5000.00"), datetime(2026, 7, 11, 8, tzinfo=UTC), "coord-1", PART.amount
)


def _told(*payloads: ev.Payload) -> Payloads:
    return tuple(Told(data, COORDINATOR, _LATER + number) for number, data in enumerate(payloads))


def stories(finished: Payloads, state: Callable[[Sequence[ev.Payload | Told]], Pathway]) -> dict[str, Payloads]:
    """Stories that go on from a pathway whose first sequence is finished; ``state`` folds payloads."""

    def billed(before: Payloads, replaces: str | None = None) -> Payloads:
        facts = sequence_facts(state(before))[0]
        terms = terms_of(facts, TODAY, replaces=replaces)
        return (*before, *_told(ev.SequenceBilled(1, claim_id_of(PATHWAY, 1, terms.attempt), terms)))

    covered = (*finished, COVERED)
    first = billed(covered)
    rejected = (*first, *_told(REJECTED))
    return {
        "covered": covered,
        "billed": first,
        "billed-bare": billed(finished),
        "billed-before": (*finished, *_told(ev.SequenceBilled(1, "facture 17"))),
        "answered": (*first, *_told(ACCEPTED)),
        "partly-paid": (*first, *_told(ACCEPTED, PART)),
        "paid": (*first, *_told(ACCEPTED, PART, REST)),
        "rejected": rejected,
        "cancelled": (*first, *_told(MISTAKEN)),
        "replaced": billed(rejected, FIRST),
        "confirmed": (*first, *_told(ev.ClaimConfirmed(FIRST, "0" * 64))),
    }


def settlement(pathway: Pathway, payment: Payment = PAYMENT, site: SiteId = SITE) -> Settlement:
    """What the payment settled of the pathway's claims."""
    rows = [ClaimRow(PATHWAY, claim, claim.status, stale=False) for claim in pathway.claims]
    return Settlement(payment, site, 1, [row for row in rows if row.claim.payments])
