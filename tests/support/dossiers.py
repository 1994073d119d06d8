"""Claims with their dossiers, for tests: one patient's events, and the stores that a dossier looks into."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.facts import sequence_facts
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.services.billing.dossier import Dossier, dossier
from sesame_fhir.services.billing.records import Batch, BatchStatus, ClaimRow, StoredScheme
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.engine import Engine
from tests.specification.model import Situation, moment, on
from tests.specification.situations import SEQUENCE, consent, finished, held, measured
from tests.support.billed import SCHEME, terms_of
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import COORDINATOR, PATHWAY, SITE, event

CLAIM = f"{PATHWAY}-claim-1"
WHO = Coordinator(COORDINATOR, frozenset({SITE}))
DONE = SEQUENCE.then(
    *(held("2026-03-24", "c1"), held("2026-04-21", "c2"), measured("2026-05-19", 9), held("2026-06-02", "c3")),
    on("2026-06-10", finished(1, "2026-06-09")),
).named("Séquence finie")


def billed(before: Situation, day: str = "2026-07-01", **changes: Any) -> Situation:
    """The sequence claimed on a day, by the rules."""
    facts = sequence_facts(before.pathway)[0]
    terms = replace(terms_of(facts, date.fromisoformat(day)), **changes)
    claim_id = CLAIM if terms.attempt == 1 else f"{CLAIM}-{terms.attempt}"
    return before.then(on(day, ev.SequenceBilled(1, claim_id, terms), COORDINATOR))


CLAIMED = billed(DONE)
CORRECTED = CLAIMED.then(
    on("2026-07-06", ev.ContactCorrected("c2", ev.ContactMode.PHONE, 25)),
    on("2026-07-07", ev.ContactCorrected("c2", ev.ContactMode.PHONE, 25, task=ev.ContactTask.RELAPSE_PREVENTION)),
    on("2026-06-05", consent(ev.ConsentStatus.WITHDRAWN), recorded="2026-07-08"),
)
PAID = CLAIMED.then(
    on("2026-07-10", ev.ClaimAnswered(CLAIM, "r1", ev.ClaimOutcome.ACCEPTED, date(2026, 7, 9)), COORDINATOR),
    on("2026-07-20", ev.ClaimPaid(CLAIM, "p1", Decimal("300.00"), date(2026, 7, 19)), COORDINATOR),
)
REJECTED = CLAIMED.then(
    on("2026-07-10", ev.ClaimAnswered(CLAIM, "r1", ev.ClaimOutcome.REJECTED, date(2026, 7, 9)), COORDINATOR)
)


@dataclass
class Shelf:
    """One patient's events and the stores that a dossier looks into."""

    situation: Situation

    def history(self, pathway_id: PathwayId | None = None) -> tuple[Any, ...]:
        if pathway_id is None:
            return tuple(StoredScheme(SCHEME, "", "d" * n, n, moment("2026-01-01"), "coord-1") for n in (1, 2))
        steps = (*self.situation.steps, *self.situation.more) if pathway_id == PATHWAY else ()
        return tuple(event(n, s.data, s.by, PATHWAY, s.at, s.recorded_at) for n, s in enumerate(steps, start=1))

    def claim(self, claim_id: str) -> ClaimRow | None:
        # Folded, not lived: the guards would refuse terms that the events do not bear out.
        found = fold(PATHWAY, self.history(PATHWAY)).claim(claim_id)
        return None if found is None else ClaimRow(PATHWAY, found, found.status, stale=False)

    def batch(self, batch_id: str) -> Batch:
        return Batch(batch_id, "2026-06", "article-51", "operator", 1, BatchStatus.SUBMITTED, moment("2026-07-01"), "c")


def billing_of(situation: Situation) -> Billing:
    shelf = cast("Any", Shelf(situation))
    engine = Engine(shelf, shelf, shelf, HandClock(), CountingIds(), DEFAULT_POLICY)
    stores = type("Stores", (), dict.fromkeys(("claims", "batches", "schemes"), shelf))
    return Billing(engine, cast("Any", stores))


def file_of(situation: Situation, claim_id: str = CLAIM) -> Dossier:
    return dossier(billing_of(situation), WHO, claim_id)
