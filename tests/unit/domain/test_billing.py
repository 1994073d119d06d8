"""Parts of billing that no table of rules shows: money, terms and their proof, fingerprints, the words of a status."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import ClaimStatus, claim_id_of
from sesame_fhir.domain.billing.decision import AGAINST, FOR_GOOD, RULE_VERSION, BillingCode, decide
from sesame_fhir.domain.billing.facts import digest, sequence_facts
from sesame_fhir.domain.billing.money import MOST, cents, euros, from_cents, is_euros, part_of, percent_of
from sesame_fhir.domain.billing.terms import terms_of
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.pathway import Pathway
from tests.specification.billing_schemes import HOSPITAL, TODAY, A, decision_on, facts_of
from tests.specification.claim_situations import (
    ACCEPTED,
    ALL_PAID,
    CANCELLED,
    CLAIM,
    CLAIMED,
    CONTACTS,
    COVERED,
    GIVEN_BACK,
    INFORMED,
    PAID_THEN_CANCELLED,
    PARTLY_PAID,
    READY,
    REJECTED,
    SECOND,
)
from tests.specification.model import Situation, on
from tests.specification.situations import SEQUENCE, consent, measured
from tests.support.story import COORDINATOR, PATHWAY, SITE


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "-0.01"), ("13.695", "13.70"), ("1E+2", "100.00"), (3, "3.00")],
)
def test_half_a_cent_goes_away_from_zero(amount: str | int, rounded: str) -> None:
    assert str(euros(amount)) == rounded


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_what_is_no_number_is_no_amount(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        euros(amount)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "0.001", "1E+12", "-1E+12", "1E+26", "-9E+999999"])
def test_what_no_books_hold_is_no_amount(amount: str) -> None:
    assert not is_euros(Decimal(amount))


def test_the_greatest_amount_is_kept_to_the_cent() -> None:
    greatest = MOST - Decimal("0.01")
    assert is_euros(greatest)
    assert is_euros(-greatest)
    assert from_cents(cents(greatest)) == greatest
    assert cents(greatest) < 2**63


def test_cents_are_whole() -> None:
    assert (cents(Decimal("199.99")), cents(Decimal("-0.01")), cents(Decimal(3))) == (19999, -1, 300)
    assert all(cents(from_cents(number)) == number for number in (-5, 0, 1, 99, 100, 10**11))
    with pytest.raises(ValueError, match="two decimals"):
        cents(Decimal("0.001"))


def test_parts_are_rounded_once_and_never_more_than_the_whole() -> None:
    whole = Decimal("199.99")
    parts = [part_of(whole, days, 92) for days in range(1, 93)]
    assert parts == sorted(parts)
    assert parts[-1] == whole
    assert percent_of(whole, Decimal(100)) == whole
    assert percent_of(Decimal("0.01"), Decimal(50)) == Decimal("0.01")


def test_terms_say_the_decision_and_what_it_rests_on() -> None:
    facts = facts_of(READY.then(on("2026-06-20", COVERED)).pathway)
    terms = terms_of(facts, decide(facts, (A,), TODAY), "lot-1")
    assert (terms.scheme_id, terms.scheme_version, terms.biller) == ("article-51", "1", HOSPITAL)
    assert (terms.batch_id, terms.attempt, terms.replaces, terms.rule_version) == ("lot-1", 1, None, RULE_VERSION)
    assert (terms.start, terms.planned_end, terms.end) == (date(2026, 3, 10), date(2026, 6, 9), date(2026, 6, 9))
    assert (terms.tariff, terms.amount, terms.share) == (Decimal("300.00"), Decimal("300.00"), Decimal("45.00"))
    assert terms.digest == digest(facts)
    assert (terms.coverage, terms.beneficiary, terms.team, terms.site) == (COVERED, facts.beneficiary, facts.team, SITE)
    assert terms.reasons == (
        *("finished:2026-06-09", "enough-contacts:4/4", "consent-stands:care-team", "consent-stands:evaluation"),
        *("ins-known", "in-time:2026-09-07"),
    )


def test_a_claim_proves_what_the_scheme_asks_for_and_no_more() -> None:
    """A refusal of research is nobody's business at the payer's; a contact that does not count proves nothing."""
    other = ev.ContactHeld("c9", ev.ContactMode.PHONE, 20, task=ev.ContactTask.RELAPSE_PREVENTION)
    said = consent(ev.ConsentStatus.REFUSED, ev.ConsentPurpose.RESEARCH)
    lived = SEQUENCE.then(
        INFORMED, *CONTACTS, on("2026-04-01", said), on("2026-04-02", other), measured("2026-05-19", 9)
    )
    facts = facts_of(lived.then(*READY.steps[-1:]).pathway)
    calls = replace(A, contact_tasks=(ev.ContactTask.FOLLOW_UP,))
    proof = terms_of(facts, decide(facts, (calls,), TODAY), "lot").evidence
    assert [one.reference for one in proof if one.kind is ev.EvidenceKind.CONTACT] == ["c1", "c2", "c3", "c4"]
    assert {one.reference for one in proof if one.kind is ev.EvidenceKind.CONSENT} == {"care-team", "evaluation"}
    assert len([one for one in proof if one.kind is ev.EvidenceKind.INSTRUMENT]) == 2
    every = {one.reference for one in facts.evidence}
    assert {"c9", "research"} <= every
    assert "c9" in {one.reference for one in terms_of(facts, decide(facts, (A,), TODAY), "lot").evidence}


@pytest.mark.parametrize("situation", [SEQUENCE, CLAIMED], ids=["running", "billed"])
def test_what_is_not_billable_has_no_terms(situation: Situation) -> None:
    facts = facts_of(situation.pathway)
    with pytest.raises(ValueError, match="not billable"):
        terms_of(facts, decision_on(situation.pathway, 1), "lot-1")


@pytest.mark.parametrize(
    ("situation", "claim_id", "status"),
    [
        (CLAIMED, CLAIM, ClaimStatus.SUBMITTED),
        (ACCEPTED, CLAIM, ClaimStatus.ACCEPTED),
        (REJECTED, CLAIM, ClaimStatus.REJECTED),
        (CANCELLED, CLAIM, ClaimStatus.CANCELLED),
        (PARTLY_PAID, CLAIM, ClaimStatus.PARTLY_PAID),
        (PARTLY_PAID.then(on("2026-08-04", GIVEN_BACK, COORDINATOR)), CLAIM, ClaimStatus.SUBMITTED),
        (ALL_PAID, CLAIM, ClaimStatus.PAID),
        (PAID_THEN_CANCELLED, CLAIM, ClaimStatus.CANCELLED),
    ],
)
def test_a_status_is_one_word_for_all_of_it(situation: Situation, claim_id: str, status: ClaimStatus) -> None:
    pathway = situation.pathway
    claim = pathway.claim(claim_id)
    assert claim is not None
    assert claim.status is status
    assert (pathway.sequences[0].claim_id == claim_id) is claim.live
    assert (pathway.sequences[0].billed_at is not None) is claim.live


def test_the_fingerprint_is_kept_with_every_claim_ever_made() -> None:
    """A change here would make every claim in every deployment wait for a correction."""
    assert digest(facts_of(READY.pathway)) == "97c00be6bd4656dcb2564ce46516adebe82209e19a5441a0d5956c97d882d0ec"


def test_the_fingerprint_is_of_what_proves_the_sequence() -> None:
    facts = facts_of(READY.pathway)
    ins = Ins("2841276451089", InsNature.NIR)
    for same in (
        replace(facts, team=()),
        replace(facts, coverage=COVERED),
        replace(facts, claims=facts_of(REJECTED.pathway).claims),
        replace(facts, beneficiary=replace(facts.beneficiary, family="AUTRE", phone=None, ins=ins)),
    ):
        assert digest(same) == digest(facts)
    for other in (
        replace(facts, end=date(2026, 6, 8)),
        replace(facts, interrupted=True),
        replace(facts, evidence=facts.evidence[1:]),
        replace(facts, consents=facts.consents[1:]),
        replace(facts, beneficiary=replace(facts.beneficiary, ins=None)),
        replace(facts, rank=2),
    ):
        assert digest(other) != digest(facts)


def test_an_attempt_has_one_id_that_fits_a_fhir_id() -> None:
    assert (claim_id_of(PATHWAY, 1, 1), claim_id_of(PATHWAY, 1, 2)) == (CLAIM, SECOND)
    ids = {claim_id_of(PATHWAY, rank, attempt) for rank in range(1, 5) for attempt in range(1, 100)}
    assert len(ids) == 4 * 99
    assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", claim_id) for claim_id in ids)


def test_a_claim_of_an_older_release_holds_its_sequence() -> None:
    pathway = READY.then(on("2026-07-01", ev.SequenceBilled(1, "facture-1"), COORDINATOR)).pathway
    facts = facts_of(pathway)
    assert facts.live_claim is not None
    assert (facts.live_claim.claim_id, facts.live_claim.digest, facts.attempt) == ("facture-1", None, 2)
    assert [reason.code for reason in decision_on(pathway, 1).against] == [BillingCode.ALREADY_BILLED]


def test_a_pathway_that_has_not_begun_has_no_facts() -> None:
    with pytest.raises(ValueError, match="has not begun"):
        sequence_facts(Pathway(PATHWAY))


def test_every_code_is_for_or_against() -> None:
    assert FOR_GOOD < AGAINST < frozenset(BillingCode)
