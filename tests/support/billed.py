"""Claims for tests: an example scheme, the terms of a claim by the rules, and lines of a batch as many as wanted.

The tariff is invented, for tests.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import claim_id_of
from sesame_fhir.domain.billing.decision import Verdict, decide
from sesame_fhir.domain.billing.facts import ConsentFact, SequenceFacts
from sesame_fhir.domain.billing.scheme import Biller, BillingScheme, DecidedBy, InterruptedEarns, Tariff
from sesame_fhir.domain.billing.terms import terms_of as made_terms
from sesame_fhir.domain.calendar import add_months
from sesame_fhir.domain.events.billing import BillerId, ClaimTerms, CoverageRecorded, Evidence, EvidenceKind
from sesame_fhir.domain.evolution.referral import member_of
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.services.billing.records import BatchLine
from tests.support.story import GP, NURSE, TRAITS

BILLER = BillerId("operator", "Opérateur Exemple", "https://finess.esante.gouv.fr", "950000364")
COVERAGE = CoverageRecorded("01", "751", "0000", full=True)
SCHEME = BillingScheme(
    scheme_id="article-51",
    version="2026-1",
    label="EXEMPLE – montants inventés",
    start=date(2023, 11, 1),
    decided_by=DecidedBy.END,
    billers=(Biller(BILLER, date(2023, 11, 1)),),
    tariffs=tuple(Tariff(rank, Decimal(amount), date(2023, 11, 1)) for rank, amount in enumerate((300, 250), start=1)),
    minimum_contacts=2,
    interrupted=InterruptedEarns.PRO_RATA,
    share_percent=Decimal("33.3"),
    consents=(ev.ConsentPurpose.CARE_TEAM,),
    example=True,
)
BATCH_ID = "2026-06-article-51-operator-1"


def terms_of(
    facts: SequenceFacts,
    today: date,
    scheme: BillingScheme = SCHEME,
    batch_id: str = BATCH_ID,
    replaces: str | None = None,
) -> ClaimTerms:
    """The terms that the rules give; AssertionError with the reasons when the sequence is not billable."""
    decision = decide(facts, (scheme,), today)
    assert decision.verdict is Verdict.BILLABLE, decision.against
    return replace(made_terms(facts, decision, batch_id), replaces=replaces)


def facts_of_patient(number: int) -> SequenceFacts:
    """A finished sequence of the patient with this number; every seventh was interrupted, every 11th is the second."""
    start = date(2026, 3, 1) + timedelta(days=number % 20)
    planned = add_months(start, 3) - timedelta(days=1)
    interrupted = number % 7 == 0
    end = start + timedelta(days=40) if interrupted else planned
    days = [start + timedelta(days=14 * turn) for turn in range(3)]
    return SequenceFacts(
        pathway_id=PathwayId(f"01900000-0000-7000-8000-{number:012x}"),
        site=SiteId(f"site-{number % 3}"),
        rank=2 if number % 11 == 0 else 1,
        start=start,
        planned_end=planned,
        end=end,
        interrupted=interrupted,
        beneficiary=replace(
            TRAITS, family=f"FICTIVE {number}", ins=Ins(f"2841276{number % 1_000_000:06d}", InsNature.TEST)
        ),
        evidence=(
            *(Evidence(EvidenceKind.CONTACT, f"c{number}-{turn}", day, "follow-up") for turn, day in enumerate(days)),
            Evidence(EvidenceKind.INSTRUMENT, f"s{number}", days[0], InstrumentId.PHQ_9),
            Evidence(EvidenceKind.REVIEW, f"r{number}", days[1]),
            Evidence(EvidenceKind.CONSENT, ev.ConsentPurpose.CARE_TEAM, start, ev.ConsentStatus.GIVEN),
        ),
        team=(member_of(NURSE), member_of(GP)),
        problem=ev.Problem("Épisode dépressif") if number % 2 else None,
        consents=(ConsentFact(ev.ConsentPurpose.CARE_TEAM, ev.ConsentStatus.GIVEN, start),),
        coverage=COVERAGE if number % 2 else None,
    )


def line(number: int, **changes: Any) -> BatchLine:
    """The line of one patient; ``changes`` are to its terms."""
    facts = facts_of_patient(number)
    terms = replace(terms_of(facts, date(2026, 7, 1)), **changes)
    return BatchLine(facts.pathway_id, facts.rank, claim_id_of(facts.pathway_id, facts.rank, terms.attempt), terms)


def lines(count: int) -> Iterator[BatchLine]:
    """As many, one after another."""
    return map(line, range(1, count + 1))
