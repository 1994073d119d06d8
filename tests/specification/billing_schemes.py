"""The schemes of the examples of billing. Every amount is invented: no tariff is public."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from mappings.displays import display
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.decision import BillingCode, BillingReason, Decision, Verdict, decide
from sesame_fhir.domain.billing.facts import SequenceFacts, sequence_facts
from sesame_fhir.domain.billing.scheme import Biller, BillingScheme, DecidedBy, InterruptedEarns, Tariff
from sesame_fhir.domain.billing.terms import terms_of
from sesame_fhir.domain.pathway import Pathway
from tests.specification import labels
from tests.specification.course import OTHER_SITE
from tests.specification.words import day, money
from tests.support.story import SITE

_FINESS = "https://finess.esante.gouv.fr"
OPERATOR = ev.BillerId("operateur", "Opérateur Exemple", _FINESS, "950000364")
HOSPITAL = ev.BillerId("hopital", "Établissement Exemple", _FINESS, "950000372")


def _tariffs(start: date, *amounts: str) -> tuple[Tariff, ...]:
    return tuple(Tariff(rank, Decimal(amount), start) for rank, amount in enumerate(amounts, start=1))


TODAY = date(2026, 7, 1)
A = BillingScheme(
    scheme_id="article-51",
    version="1",
    label="EXEMPLE A",
    start=date(2023, 11, 1),
    end=date(2026, 12, 31),
    decided_by=DecidedBy.END,
    billers=(Biller(OPERATOR, date(2023, 11, 1), date(2026, 5, 31)), Biller(HOSPITAL, date(2026, 6, 1))),
    tariffs=_tariffs(date(2023, 11, 1), "300.00", "250.00", "250.00", "199.99"),
    minimum_contacts=4,
    minimum_contacts_interrupted=2,
    interrupted=InterruptedEarns.PRO_RATA,
    share_percent=Decimal(15),
    consents=(ev.ConsentPurpose.CARE_TEAM, ev.ConsentPurpose.EVALUATION),
    late_days=90,
    example=True,
)
"""Decides on the last day; pro rata; four contacts, two when interrupted; 15 %; 90 days; another biller from June."""

A_FULL = replace(A, interrupted=InterruptedEarns.FULL)
A_NONE = replace(A, interrupted=InterruptedEarns.NONE)
A_2 = replace(A, version="2", start=date(2026, 6, 1), tariffs=_tariffs(date(2026, 6, 1), "330.00", "280.00"))
"""Supersedes A from 1 June 2026: other amounts, none for the ranks 3 and 4."""
A_BY_START = replace(A, decided_by=DecidedBy.START)
A_HERE = replace(A, sites=frozenset({SITE}))
B = replace(
    A,
    scheme_id="parcours-coordonne-renforce",
    label="EXEMPLE B",
    version="1",
    start=date(2026, 1, 1),
    end=None,
    billers=(Biller(HOSPITAL, date(2026, 1, 1)),),
    tariffs=_tariffs(date(2026, 1, 1), "320.00", "320.00", "320.00", "320.00"),
    consents=(ev.ConsentPurpose.CARE_TEAM,),
    late_days=None,
    coverage_required=True,
    sites=frozenset({OTHER_SITE}),
)
"""Side by side with A, at the other site: needs the insurance, not the information on the evaluation; no time limit."""

C = replace(B, scheme_id="suite", label="EXEMPLE C", start=date(2027, 1, 1), sites=frozenset())
"""What follows A in 2027, everywhere."""

SCHEMES: dict[str, tuple[BillingScheme, ...]] = {
    "A": (A,),
    "A, interrompue payée en entier": (A_FULL,),
    "A, interrompue non payée": (A_NONE,),
    "A puis A version 2": (A, A_2),
    "A version 2 puis A": (A_2, A),
    "A décidé au premier jour": (A_BY_START,),
    "A au site de départ, B à l'autre": (A_HERE, B),
    "A et B à l'autre site": (A, B),
    "A version 2 seulement à l'autre site": (A, replace(A_2, sites=frozenset({OTHER_SITE}))),
    "A version 2 finie le 30/06/2026": (A, replace(A_2, end=date(2026, 6, 30))),
    "A au dernier jour, C au premier dès 2027": (A, replace(C, decided_by=DecidedBy.START)),
    "A au premier jour, C au dernier dès 2027": (A_BY_START, C),
    "A et C au dernier jour": (A, C),
    "A sans structure en mai": (replace(A, billers=A.billers[1:]),),
    "B": (replace(B, sites=frozenset()),),
    "aucun": (),
}


def decision_on(pathway: Pathway, rank: int, schemes: str = "A", today: date = TODAY) -> Decision:
    """What the rules say of one sequence of a pathway."""
    return decide(facts_of(pathway, rank), SCHEMES[schemes], today)


def facts_of(pathway: Pathway, rank: int = 1) -> SequenceFacts:
    """The facts of one sequence."""
    return next(facts for facts in sequence_facts(pathway) if facts.rank == rank)


def terms_on(pathway: Pathway, rank: int = 1, schemes: str = "A", today: date = TODAY) -> ev.ClaimTerms:
    """The terms of its claim. Raises ValueError when it is not billable."""
    return terms_of(facts_of(pathway, rank), decision_on(pathway, rank, schemes, today), "lot-1")


def read_day(text: str) -> date:
    """31/12/2026."""
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007  a day has no zone


def answer(decision: Decision) -> str:
    """The verdict and every reason against, in words."""
    said = {Verdict.BILLABLE: "oui", Verdict.NOT_YET: "pas encore", Verdict.NEVER: "non"}[decision.verdict]
    against = ", ".join(map(_reason, decision.against))
    return f"{said} : {against}" if against else said


def earned(decision: Decision) -> tuple[str, str]:
    """Amount and share of what is billable."""
    billable = decision.verdict is Verdict.BILLABLE
    return (money(decision.amount), money(decision.share)) if billable else ("–", "–")


def _reason(reason: BillingReason) -> str:
    said = _DETAILS.get(reason.code)
    return display(reason.code) + (f" ({said(reason.detail)})" if said and reason.detail else "")


_DETAILS: dict[BillingCode, Callable[[str], str]] = {
    BillingCode.TOO_FEW_CONTACTS: str,
    BillingCode.TOO_LATE: lambda detail: day(date.fromisoformat(detail)),
    BillingCode.NO_CONSENT: lambda detail: labels.said(ev.ConsentPurpose(detail)),
}
