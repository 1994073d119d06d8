"""The dossier of a claim: every proof with its events, what was corrected since, the decision made again; both ways."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.billing.facts import sequence_facts
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.dossier import Dossier, dossier, proved
from sesame_fhir.services.billing.records import Batch, BatchStatus, ClaimRow, StoredScheme
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.errors import NotFound
from tests.specification.model import Situation, moment, on
from tests.specification.situations import SEQUENCE, consent, finished, held, measured
from tests.support.billed import BATCH_ID, SCHEME, terms_of
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import COORDINATOR, NURSE, PATHWAY, SITE, event

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
    known: frozenset[str] = field(default_factory=frozenset)

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


def test_each_proof_says_who_did_it_and_when_it_was_written() -> None:
    found = file_of(CLAIMED)
    contacts = [proof for proof in found.proofs if proof.evidence.kind is ev.EvidenceKind.CONTACT]
    assert [proof.evidence.reference for proof in contacts] == ["c1", "c2", "c3"]
    for proof in found.proofs:
        assert proof.claims == (CLAIM,)
        assert proof.deeds
        assert not proof.later
    deed = contacts[0].deeds[0]
    assert (deed.kind, deed.by, deed.at) == ("ContactHeld", NURSE, moment("2026-03-24"))
    kinds = {proof.evidence.kind for proof in found.proofs}
    assert kinds == {ev.EvidenceKind.CONTACT, ev.EvidenceKind.INSTRUMENT, ev.EvidenceKind.CONSENT}


def test_the_decision_is_made_again_from_the_events() -> None:
    found = file_of(CLAIMED)
    assert found.checked is not None
    assert found.checked.same_facts
    assert (found.checked.amount, found.checked.same_amount) == (Decimal("300.00"), True)
    assert found.scheme is not None
    assert found.scheme.revision == 2
    assert found.batch is not None
    assert found.batch.batch_id == BATCH_ID
    assert not found.stale


@pytest.mark.parametrize(
    ("changes", "same_facts", "same_amount"),
    [
        ({"amount": Decimal("301.00")}, True, False),
        ({"digest": "0" * 64}, False, True),
        ({"rule_version": "0"}, True, None),
        ({"scheme_version": "2020"}, True, None),
    ],
)
def test_terms_that_the_events_do_not_bear_out_are_told(
    changes: dict[str, Any], same_facts: object, same_amount: object
) -> None:
    checked = file_of(billed(DONE, **changes)).checked
    assert checked is not None
    assert (checked.same_facts, checked.same_amount) == (same_facts, same_amount)


def test_what_was_corrected_since_is_told_with_what_it_changed() -> None:
    found = file_of(CORRECTED)
    told = [
        (one.deed.kind, [(d.part, d.reference, d.before, d.after) for d in one.differences])
        for one in found.corrections
    ]
    assert told == [
        ("ContactCorrected", [("contact", "c2", "2026-04-21 follow-up", "2026-04-21 relapse-prevention")]),
        ("ConsentRecorded", [("consent", "care-team", "2026-03-02 given", "2026-06-05 withdrawn")]),
    ]
    proof = next(proof for proof in found.proofs if proof.evidence.reference == "c2")
    assert [deed.kind for deed in proof.deeds] == ["ContactHeld", "ContactCorrected", "ContactCorrected"]
    assert len(proof.later) == 2
    assert found.stale
    assert found.checked is not None
    assert found.checked.same_facts


def test_a_correction_that_was_confirmed_does_not_wait_any_more() -> None:
    seen = file_of(CORRECTED).corrections[-1].digest
    found = file_of(CORRECTED.then(on("2026-07-09", ev.ClaimConfirmed(CLAIM, seen), COORDINATOR)))
    assert not found.stale
    assert len(found.corrections) == 2


def test_answers_payments_and_books_of_this_claim_alone() -> None:
    found = file_of(PAID)
    assert [deed.kind for deed in found.steps] == ["SequenceBilled", "ClaimAnswered", "ClaimPaid"]
    assert {posting.claim_id for posting in found.postings} == {CLAIM}
    assert [posting.movement for posting in found.postings] == ["claimed", "share-due", "paid"]


def test_both_attempts_of_a_sequence_and_a_proof_of_both() -> None:
    again = billed(REJECTED, "2026-07-15", replaces=CLAIM)
    found = file_of(again, f"{CLAIM}-2")
    assert [claim.claim_id for claim in found.attempts] == [CLAIM, f"{CLAIM}-2"]
    assert found.proofs[0].claims == (CLAIM, f"{CLAIM}-2")
    assert [posting.movement for posting in found.postings] == ["claimed", "share-due"]
    back = proved(billing_of(again), WHO, PATHWAY, (ev.EvidenceKind.CONTACT, "c1"))
    assert [claim.claim_id for claim in back.claims] == [CLAIM, f"{CLAIM}-2"]
    assert [deed.kind for deed in back.deeds] == ["ContactHeld"]


def test_a_contact_of_no_claim_proves_none() -> None:
    back = proved(billing_of(DONE), WHO, PATHWAY, (ev.EvidenceKind.CONTACT, "c1"))
    assert not back.claims


def test_a_claim_from_before_this_software_has_a_dossier_without_proofs() -> None:
    found = file_of(DONE.then(on("2026-07-01", ev.SequenceBilled(1, CLAIM), COORDINATOR)))
    assert (found.proofs, found.checked, found.batch, found.site) == ((), None, None, SITE)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (Coordinator(NURSE, frozenset({SITE})), ReasonCode.ROLE_NOT_ALLOWED),
        (Coordinator(COORDINATOR, frozenset({SiteId("elsewhere")})), ReasonCode.OUT_OF_SCOPE),
        (Coordinator(Actor("p", Role.PATIENT, "P"), frozenset({SITE})), ReasonCode.ROLE_NOT_ALLOWED),
    ],
)
def test_who_may_not_look(who: Coordinator, code: ReasonCode) -> None:
    billing = billing_of(CLAIMED)
    with pytest.raises(Refused) as claim_refused:
        dossier(billing, who, CLAIM)
    with pytest.raises(Refused) as proof_refused:
        proved(billing, who, PATHWAY, (ev.EvidenceKind.CONTACT, "c1"))
    assert claim_refused.value.reasons[0].code is code
    assert proof_refused.value.reasons[0].code is code


def test_what_is_not_there() -> None:
    billing = billing_of(CLAIMED)
    with pytest.raises(NotFound):
        dossier(billing, WHO, "nothing")
    with pytest.raises(NotFound):
        proved(billing, WHO, PATHWAY, (ev.EvidenceKind.CONTACT, "nothing"))
