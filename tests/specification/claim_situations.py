"""Where claims stand when an example begins, and what happens to them. Amounts are invented: no tariff is public."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import claim_id_of
from tests.specification.billing_schemes import terms_on
from tests.specification.model import on
from tests.specification.situations import SEQUENCE, consent, finished, held
from tests.support.story import COORDINATOR, PATHWAY, SYSTEM

CLAIM, SECOND = claim_id_of(PATHWAY, 1, 1), claim_id_of(PATHWAY, 1, 2)
INFORMED = on("2026-03-11", consent(ev.ConsentStatus.INFORMED, ev.ConsentPurpose.EVALUATION))
CONTACTS = tuple(held(f"2026-{day}", f"c{n}") for n, day in enumerate(("03-24", "04-07", "04-21", "05-05"), start=1))
READY = SEQUENCE.then(INFORMED, *CONTACTS, on("2026-06-10", finished(1, "2026-06-09"), SYSTEM)).named(
    "Séquence 1 finie le 09/06/2026, quatre contacts, patiente informée de l'évaluation"
)
COVERED = ev.CoverageRecorded("01", "751", "0000", full=True)
TERMS = terms_on(READY.pathway)
BILLED = ev.SequenceBilled(1, CLAIM, TERMS)
CLAIMED = READY.then(on("2026-07-01", BILLED, COORDINATOR)).named("Séquence 1 facturée 300,00 € le 01/07/2026")
ACCEPTED_BY_PAYER = ev.ClaimAnswered(CLAIM, "r1", ev.ClaimOutcome.ACCEPTED, date(2026, 7, 8), Decimal("300.00"))
REJECTED_BY_PAYER = ev.ClaimAnswered(
    CLAIM, "r1", ev.ClaimOutcome.REJECTED, date(2026, 7, 8), reasons=(ev.RejectionReason("X1", "Exemple"),)
)
PAID = ev.ClaimPaid(CLAIM, "p1", Decimal("300.00"), date(2026, 7, 15))
PART = replace(PAID, amount=Decimal("100.00"))
REST = replace(PAID, payment_id="p2", amount=Decimal("200.00"))
GIVEN_BACK = replace(PAID, payment_id="p3", amount=Decimal("-100.00"), on=date(2026, 8, 3))
TAKEN_BACK = ev.ClaimCancelled(CLAIM, ev.CancelReason.CORRECTED)
KEPT_AS_IT_IS = ev.ClaimConfirmed(CLAIM, "0" * 64)

ACCEPTED = CLAIMED.then(on("2026-07-09", ACCEPTED_BY_PAYER, COORDINATOR))
REJECTED = CLAIMED.then(on("2026-07-09", REJECTED_BY_PAYER, COORDINATOR))
CANCELLED = CLAIMED.then(on("2026-07-10", TAKEN_BACK, COORDINATOR))
PARTLY_PAID = CLAIMED.then(on("2026-07-16", PART, COORDINATOR))
ALL_PAID = CLAIMED.then(on("2026-07-16", PAID, COORDINATOR))
PAID_THEN_CANCELLED = PARTLY_PAID.then(on("2026-07-20", TAKEN_BACK, COORDINATOR))
AGAIN = ev.SequenceBilled(1, SECOND, terms_on(REJECTED.pathway))
