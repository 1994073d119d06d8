"""Billing of the cohort, to judge: claims paid, in part, rejected and made anew, taken back; what payments settled.

The tariff is invented.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from mappings.payment_reconciliation import payment_reconciliation
from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import claim_id_of
from sesame_fhir.domain.billing.decision import Verdict, decide
from sesame_fhir.domain.billing.facts import sequence_facts
from sesame_fhir.domain.billing.money import part_of
from sesame_fhir.domain.billing.scheme import Tariff
from sesame_fhir.domain.events.billing import CoverageRecorded
from sesame_fhir.domain.evolution import evolve, fold
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.billing.publishing import Settlement
from sesame_fhir.services.billing.records import ClaimRow, Payment
from tests.support.billed import SCHEME, terms_of
from tests.support.cohort import NOW
from tests.support.story import COORDINATOR

TODAY = NOW.date()
_BEGAN = date(2020, 1, 1)
_SCHEME = replace(
    SCHEME,
    start=_BEGAN,
    billers=tuple(replace(one, start=_BEGAN) for one in SCHEME.billers),
    tariffs=tuple(Tariff(rank, Decimal("333.33"), _BEGAN) for rank in range(1, 5)),
    minimum_contacts=0,
    ins_required=False,
)
_COVERAGES = (
    CoverageRecorded("01", "751", "0000", full=True),
    CoverageRecorded("02", full=False),
    CoverageRecorded(fund="131"),
    None,
)
_PROJECTOR = PathwayProjector(index)


@dataclass
class Office:
    """Who bills one pathway: every event is a command of its own, as in the use cases."""

    pathway: Pathway
    resources: list[Json]

    def record(self, data: ev.Payload) -> None:
        """Record an event now, and keep what it publishes."""
        number = self.pathway.version + 1
        site = self.pathway.site or SiteId("")
        event = ev.Event(
            EventId(f"{self.pathway.pathway_id[:-12]}b111{number:08x}"),
            self.pathway.pathway_id,
            number,
            occurred_at=NOW,
            recorded_at=NOW,
            actor=COORDINATOR,
            site=site,
            command_id=CommandId(f"b{number}"),
            data=data,
        )
        after = evolve(self.pathway, event)
        self.resources += [dict(one.body) for one in _PROJECTOR(self.pathway, after, (event,)).resources]
        self.pathway = after

    def claim(self, rank: int) -> str | None:
        """Claim a sequence as its facts are now; None when it cannot be."""
        facts = next(one for one in sequence_facts(self.pathway) if one.rank == rank)
        if decide(facts, (_SCHEME,), TODAY).verdict is not Verdict.BILLABLE:
            return None
        before = [one.claim_id for one in self.pathway.claims if one.rank == rank]
        terms = terms_of(facts, TODAY, _SCHEME, replaces=before[-1] if before else None)
        claim_id = claim_id_of(self.pathway.pathway_id, rank, terms.attempt)
        self.record(ev.SequenceBilled(rank, claim_id, terms))
        return claim_id

    def answer(self, claim_id: str, *reasons: ev.RejectionReason) -> None:
        """The payer rejects for these reasons, or accepts."""
        claim = self.pathway.claim(claim_id)
        amount = None if reasons or claim is None else claim.amount
        outcome = ev.ClaimOutcome.REJECTED if reasons else ev.ClaimOutcome.ACCEPTED
        self.record(ev.ClaimAnswered(claim_id, f"R/{claim_id[-12:]}", outcome, TODAY, amount, reasons))

    def pay(self, claim_id: str, payment_id: str, share: int = 1) -> None:
        """A part of the claim is paid: one of ``share``."""
        claim = self.pathway.claim(claim_id)
        amount = Decimal(0) if claim is None else part_of(claim.amount, 1, share)
        self.record(ev.ClaimPaid(claim_id, payment_id, amount, TODAY))


def billed(histories: Sequence[tuple[PathwayId, Sequence[ev.Event]]]) -> Iterator[Json]:
    """Everything that billing publishes of these pathways, the last version of each resource."""
    offices = [Office(fold(pathway_id, events), []) for pathway_id, events in histories]
    turn = 0
    for number, office in enumerate(offices):
        known = _COVERAGES[number % len(_COVERAGES)]
        if known is not None:
            office.record(known)
        for sequence in office.pathway.sequences:
            if sequence.end is not None and (claim_id := office.claim(sequence.rank)) is not None:
                _follow(office, sequence.rank, claim_id, turn)
                turn += 1
    latest = {(one["resourceType"], one["id"]): one for office in offices for one in office.resources}
    yield from latest.values()
    yield from map(payment_reconciliation, _settlements([office.pathway for office in offices]))


def _follow(office: Office, rank: int, claim_id: str, turn: int) -> None:
    """What becomes of a claim, by turns."""
    match turn % 6:
        case 0:
            office.answer(claim_id)
            office.pay(claim_id, "VIR 1")
        case 1:
            office.answer(claim_id, ev.RejectionReason("D 07", "Droits non ouverts"), ev.RejectionReason("12"))
            again = office.claim(rank)
            if again is not None:
                office.answer(again)
        case 2:
            office.record(ev.ClaimCancelled(claim_id, ev.CancelReason.MISTAKE))
            office.claim(rank)
        case 3:
            office.answer(claim_id)
            office.pay(claim_id, "VIR 1", 3)
            office.pay(claim_id, "VIR 2", 3)
        case 4:
            office.pay(claim_id, "VIR 2")
            office.record(ev.ClaimConfirmed(claim_id, "0" * 64))
        case _:
            pass


def _settlements(pathways: Sequence[Pathway]) -> Iterator[Settlement]:
    rows = [ClaimRow(p.pathway_id, claim, claim.status, stale=False) for p in pathways for claim in p.claims]
    for payment_id in sorted({one.payment_id for row in rows for one in row.claim.payments}):
        paid = [row for row in rows if any(one.payment_id == payment_id for one in row.claim.payments)]
        parts = [one.amount for row in paid for one in row.claim.payments if one.payment_id == payment_id]
        total = sum(parts, Decimal(0))
        payment = Payment(payment_id, "operator", TODAY - timedelta(days=1), total, NOW, "coord-1", total)
        for site in sorted({row.claim.terms.site for row in paid if row.claim.terms}):
            yield Settlement(payment, site, 1, [r for r in paid if r.claim.terms and r.claim.terms.site == site])
