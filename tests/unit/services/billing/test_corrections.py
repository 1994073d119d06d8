"""Facts that changed after billing: never a silent change, and always the coordinator's choice."""

from datetime import date

import pytest

from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.decision import BillingCode, Verdict
from sesame_fhir.domain.events.billing import CancelReason
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.corrections import cancel_claim, confirm_claim, correction_of, to_correct
from sesame_fhir.services.billing.differences import Part
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.errors import Conflict, NotFound
from sesame_fhir.storage import Store
from tests.support.answered import claim_of
from tests.support.billing import (
    FIRST_COORDINATOR,
    OTHER_SITE,
    SECOND_COORDINATOR,
    SITES,
    Lived,
    many,
    one_more_contact,
    submitted_month,
    write_lives,
)
from tests.support.story import COORDINATOR, NURSE

LIVES = tuple(many(3))
FIRST = LIVES[0]
LATE = date(2026, 4, 20)


@pytest.fixture(autouse=True)
def _claims(store: Store, billing: Billing) -> None:
    write_lives(store, LIVES)
    submitted_month(billing)


def status(billing: Billing, claim_id: str) -> ClaimStatus:
    row = billing.stores.claims.claim(claim_id)
    assert row is not None
    return row.status


def test_nothing_is_to_correct_while_nothing_changed(billing: Billing) -> None:
    assert to_correct(billing, FIRST_COORDINATOR).rows == ()
    assert correction_of(billing, FIRST_COORDINATOR, claim_of(1)).differences == ()


def test_a_contact_found_later_is_told_with_what_the_rules_say_now(billing: Billing) -> None:
    one_more_contact(billing, FIRST, LATE)
    (one,) = to_correct(billing, FIRST_COORDINATOR).rows
    assert one.row.claim.claim_id == claim_of(1)
    assert [(d.part, d.reference, d.before, d.after) for d in one.differences] == [
        (Part.CONTACT, "found-later", None, "2026-04-20 follow-up")
    ]
    assert (one.decision.verdict, one.decision.amount) == (Verdict.BILLABLE, one.row.claim.amount)
    assert BillingCode.ALREADY_BILLED not in {reason.code for reason in one.decision.reasons}
    assert status(billing, claim_of(1)) is ClaimStatus.SUBMITTED


def test_a_cancelled_claim_is_claimed_anew_and_replaced(billing: Billing) -> None:
    one_more_contact(billing, FIRST, LATE)
    claim = cancel_claim(billing, FIRST_COORDINATOR, claim_of(1), CancelReason.CORRECTED, " contact retrouvé ")
    assert claim.cancelled is not None
    assert (claim.status, claim.cancelled.note) == (ClaimStatus.CANCELLED, "contact retrouvé")
    assert to_correct(billing, FIRST_COORDINATOR).rows == ()
    submitted_month(billing, "2026-07")
    again = billing.stores.claims.claim(claim_of(1, attempt=2))
    assert again is not None
    assert again.claim.terms is not None
    assert again.claim.terms.replaces == claim_of(1)
    assert "found-later" in {evidence.reference for evidence in again.claim.terms.evidence}


def test_a_confirmed_claim_stands_until_the_facts_change_again(billing: Billing) -> None:
    one_more_contact(billing, FIRST, LATE)
    (one,) = to_correct(billing, FIRST_COORDINATOR).rows
    for _ in range(2):
        confirm_claim(billing, FIRST_COORDINATOR, claim_of(1), one.digest, "vu")
        assert to_correct(billing, FIRST_COORDINATOR).rows == ()
    one_more_contact(billing, FIRST, LATE, "another")
    (again,) = to_correct(billing, FIRST_COORDINATOR).rows
    assert {difference.reference for difference in again.differences} == {"found-later", "another"}


def test_what_was_not_looked_at_cannot_be_confirmed(billing: Billing) -> None:
    one_more_contact(billing, FIRST, LATE)
    seen = to_correct(billing, FIRST_COORDINATOR).rows[0].digest
    one_more_contact(billing, FIRST, LATE, "another")
    with pytest.raises(Conflict):
        confirm_claim(billing, FIRST_COORDINATOR, claim_of(1), seen)
    assert len(to_correct(billing, FIRST_COORDINATOR).rows) == 1


def test_a_claim_that_a_colleague_let_stand_is_not_cancelled_by_an_older_page(billing: Billing) -> None:
    one_more_contact(billing, LIVES[0], date(2026, 4, 20))
    seen = to_correct(billing, FIRST_COORDINATOR).rows[0].digest
    confirm_claim(billing, FIRST_COORDINATOR, claim_of(1), seen)
    with pytest.raises(Conflict):
        cancel_claim(billing, SECOND_COORDINATOR, claim_of(1), CancelReason.CORRECTED, seen=seen)
    one_more_contact(billing, LIVES[0], date(2026, 4, 21), "again")
    with pytest.raises(Conflict):
        cancel_claim(billing, SECOND_COORDINATOR, claim_of(1), CancelReason.CORRECTED, seen=seen)
    now = to_correct(billing, FIRST_COORDINATOR).rows[0].digest
    assert not cancel_claim(billing, SECOND_COORDINATOR, claim_of(1), CancelReason.CORRECTED, seen=now).live


def test_corrections_come_by_pages_and_of_ones_own_sites(billing: Billing) -> None:
    for life in LIVES:
        one_more_contact(billing, life, LATE, f"found-{life.number}")
    first = to_correct(billing, FIRST_COORDINATOR, limit=2)
    rest = to_correct(billing, FIRST_COORDINATOR, after=first.next, limit=2)
    assert [one.row.claim.claim_id for one in (*first.rows, *rest.rows)] == [claim_of(n) for n in (1, 2, 3)]
    elsewhere = Coordinator(COORDINATOR, frozenset({OTHER_SITE}))
    assert [one.row.claim.claim_id for one in to_correct(billing, elsewhere).rows] == [claim_of(3)]


def test_a_claim_is_cancelled_once(billing: Billing) -> None:
    for _ in range(2):
        cancel_claim(billing, FIRST_COORDINATOR, claim_of(1), CancelReason.MISTAKE)
    kinds = [event.kind for event in billing.engine.pathways.history(FIRST.pathway_id)]
    assert kinds.count("ClaimCancelled") == 1


def test_a_cancelled_claim_is_not_confirmed(billing: Billing) -> None:
    cancel_claim(billing, FIRST_COORDINATOR, claim_of(1), CancelReason.MISTAKE)
    now = correction_of(billing, FIRST_COORDINATOR, claim_of(1)).digest
    with pytest.raises(Refused) as refused:
        confirm_claim(billing, FIRST_COORDINATOR, claim_of(1), now)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.CLAIM_CLOSED]


@pytest.mark.parametrize("claim_id", ["nobody-claim-1", claim_of(1, attempt=2), claim_of(3), "", "x\x00y"])
def test_a_claim_that_is_not_there_or_out_of_reach_is_not_found(billing: Billing, claim_id: str) -> None:
    who = Coordinator(COORDINATOR, SITES - {OTHER_SITE})
    with pytest.raises(NotFound):
        cancel_claim(billing, who, claim_id, CancelReason.MISTAKE)
    with pytest.raises(NotFound):
        confirm_claim(billing, who, claim_id, "0" * 64)


@pytest.mark.parametrize(
    ("who", "note", "code"),
    [
        (Coordinator(NURSE, SITES), None, ReasonCode.ROLE_NOT_ALLOWED),
        (FIRST_COORDINATOR, "n" * 501, ReasonCode.TEXT_TOO_LONG),
    ],
)
def test_who_may_not_and_what_is_too_long(billing: Billing, who: Coordinator, note: str, code: ReasonCode) -> None:
    with pytest.raises(Refused) as refused:
        cancel_claim(billing, who, claim_of(1), CancelReason.MISTAKE, note)
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert status(billing, claim_of(1)) is ClaimStatus.SUBMITTED


def test_the_sequence_of_somebody_else_is_never_touched(billing: Billing) -> None:
    before = billing.engine.pathways.history(Lived(2).pathway_id)
    cancel_claim(billing, FIRST_COORDINATOR, claim_of(1), CancelReason.PATIENT_REQUEST)
    assert billing.engine.pathways.history(Lived(2).pathway_id) == before
