"""The dossier of a claim: every proof with its events, what was corrected since, the decision made again; both ways."""

from decimal import Decimal
from typing import Any

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.dossier import dossier, proved
from sesame_fhir.services.billing.setting import Coordinator
from sesame_fhir.services.errors import NotFound
from tests.specification.model import moment, on
from tests.support.billed import BATCH_ID
from tests.support.dossiers import (
    CLAIM,
    CLAIMED,
    CORRECTED,
    DONE,
    PAID,
    REJECTED,
    WHO,
    billed,
    billing_of,
    file_of,
)
from tests.support.story import COORDINATOR, NURSE, PATHWAY, SITE


def test_each_proof_says_who_did_it_and_when_it_was_written() -> None:
    found = file_of(CLAIMED)
    contacts = [proof for proof in found.proofs if proof.evidence.kind is ev.EvidenceKind.CONTACT]
    assert [proof.evidence.reference for proof in contacts] == ["c1", "c2", "c3"]
    for proof in found.proofs:
        assert proof.claims == (CLAIM,)
        assert proof.deeds
        assert not proof.later
    assert [deed.kind for deed in found.sequence] == ["SequenceStarted", "SequenceFinished"]
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


def test_nothing_is_told_of_an_attempt_at_a_site_out_of_reach() -> None:
    again = billed(REJECTED, "2026-07-15", replaces=CLAIM, site=SiteId("elsewhere"))
    found = file_of(again)
    assert [claim.claim_id for claim in found.attempts] == [CLAIM]
    assert found.proofs[0].claims == (CLAIM,)
    back = proved(billing_of(again), WHO, PATHWAY, (ev.EvidenceKind.CONTACT, "c1"))
    assert [claim.claim_id for claim in back.claims] == [CLAIM]


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
