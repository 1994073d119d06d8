"""A claim and its proof, one click apart both ways; what changed after billing is decided by a person."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.events.billing import ClaimAnswered, ClaimOutcome
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.services.engine import Command
from tests.support.answered import answers, rejected
from tests.support.billing import one_more_contact
from tests.support.billing_pages import FIRST, LIVES, ROOT, Office, words

CLAIM = f"{ROOT}/claims/{LIVES[0].pathway_id}-claim-1"
CASE = f"{ROOT}/sequences/{LIVES[0].pathway_id}/1"
_LINKS = re.compile(r'href="/app/team(/facturation/claims/[^"]+)"')


def links(text: str) -> list[str]:
    return _LINKS.findall(text.split("<main")[1])


def test_from_a_claim_to_each_proof_and_back(looked_at: Office) -> None:
    proofs = [link for link in links(words(looked_at.first.get(CLAIM))) if "/proofs/" in link]
    assert len(proofs) == 5
    for proof in proofs:
        shown = words(looked_at.first.get(proof))
        assert links(shown).count(CLAIM) >= 2, "the way back, and the claims that it proves"
        assert "noté le" in shown
        assert not re.search(r"PHQ-9 : \d|note", shown.split("<main")[1].replace("noté", "").replace("notes", ""))


def test_the_claim_says_what_decided_it(looked_at: Office) -> None:
    shown = words(looked_at.first.get(CLAIM))
    for told in ("300,00", "version 1", "article-51 2026-1", "exemple", "Assez de contacts : 4, il en faut 2"):
        assert told in shown
    assert "les faits d'alors et les règles d'alors donnent ce montant" in shown


@pytest.mark.parametrize("address", [CLAIM, f"{CLAIM}/proofs/consent/care-team", f"{CLAIM}/dossier", CASE])
def test_who_looked_at_a_patient_s_billing_is_in_the_audit_log(looked_at: Office, address: str) -> None:
    assert looked_at.first.get(address).status_code == 200
    seen = looked_at.team.deps.audit.entries(2)
    assert [(one.action, one.outcome) for one in seen if one.patient == LIVES[0].pathway_id] == [
        ("export-billing" if address.endswith("dossier") else "view-billing", "done")
    ]


def test_the_dossier_is_a_document(looked_at: Office) -> None:
    answer = looked_at.first.get(f"{CLAIM}/dossier")
    assert answer.data.startswith(b"%PDF")
    assert "dossier-" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("rest", ["/proofs/contact/none", "/proofs/nothing/care-team", "/proofs/review/x"])
def test_a_proof_that_is_none(looked_at: Office, rest: str) -> None:
    assert looked_at.first.get(f"{CLAIM}{rest}").status_code == 404


@pytest.mark.parametrize("status", [None, "submitted", "nonsense"])
def test_claims_by_status(looked_at: Office, status: str | None) -> None:
    shown = words(looked_at.first.get(f"{ROOT}/claims" + (f"?status={status}" if status else "")))
    assert "FICTIVE1" in shown
    assert "FICTIVE1" not in words(looked_at.first.get(f"{ROOT}/claims?status=paid"))


def test_a_rejection_comes_back_and_is_billed_again(desk: Office) -> None:
    desk.submitted()
    desk.send(f"{ROOT}/answers", answers(rejected(1, date="2026-07-01")))
    work = words(desk.first.get(f"{ROOT}/work"))
    assert "1 rejet à traiter" in work
    assert "Droits non retrouvés" in work
    assert "Facturable à nouveau" in work
    desk.first.post(f"{ROOT}/prepare", {"month": "2026-07"}, desk.first.hidden(ROOT, f"{ROOT}/prepare"))
    assert "remplace une facture" in words(desk.first.get(f"{ROOT}/batches/2026-07-article-51-operator-1"))


def test_what_was_noted_late_says_both_days(desk: Office) -> None:
    desk.submitted()
    clock = desk.team.pages.clock
    life = LIVES[0]
    clock.move(days=3)
    on = clock.now() - timedelta(days=2)
    answer = ClaimAnswered(f"{life.pathway_id}-claim-1", "R-1", ClaimOutcome.ACCEPTED, on.date(), Decimal("300.00"))
    command = Command(
        CommandId("late"), FIRST.actor, life.site, on, scope=Scope(opened=frozenset({PathwayId(life.pathway_id)}))
    )
    desk.billing.engine.run(PathwayId(life.pathway_id), command, "answer-claim", lambda _pathway: (answer,))
    first = desk.team.browser(FIRST)
    lived = words(first.get(CLAIM)).partition("Sa vie")[2].partition("</ul>")[0]
    assert re.findall(r"\d\d/\d\d/2026", lived) == ["01/07/2026", "02/07/2026"]
    assert lived.count("noté le") == 1


def changed(desk: Office) -> str:
    """June is claimed, then one more contact is written down; the claim's page."""
    desk.submitted()
    one_more_contact(desk.billing, LIVES[0], LIVES[0].start)
    work = words(desk.first.get(f"{ROOT}/work"))
    assert "1 correction après facturation" in work
    assert "montant inchangé" in work, "one contact more than enough"
    return words(desk.first.get(CLAIM))


def status_of(desk: Office) -> tuple[ClaimStatus, bool]:
    row = desk.billing.stores.claims.claim(f"{LIVES[0].pathway_id}-claim-1")
    assert row is not None
    return row.status, row.stale


def test_what_changed_after_billing_is_kept_as_it_is(desk: Office) -> None:
    shown = changed(desk)
    assert "Ce qui est noté a changé depuis" in shown
    assert "Montant inchangé : 300,00 €." in shown
    opened = desk.first.hidden(CLAIM, f"{CLAIM}/confirm")
    seen = re.search(r'name="seen" value="(\w+)"', words(desk.first.get(CLAIM)))
    assert seen is not None
    done = desk.first.post(f"{CLAIM}/confirm", {"seen": seen[1]}, opened | {"seen": seen[1]})
    assert desk.first.follow(done) == CLAIM
    assert status_of(desk) == (ClaimStatus.SUBMITTED, False)


def test_facts_that_changed_once_more_are_looked_at_again(desk: Office) -> None:
    changed(desk)
    opened = desk.first.hidden(CLAIM, f"{CLAIM}/confirm")
    stale = desk.first.post(f"{CLAIM}/confirm", {"seen": "0" * 64}, opened)
    assert stale.status_code == 409
    assert status_of(desk) == (ClaimStatus.SUBMITTED, True)


def test_a_claim_is_cancelled_and_its_sequence_billed_anew(desk: Office) -> None:
    changed(desk)
    opened = desk.first.hidden(CLAIM, f"{CLAIM}/cancel")
    long = desk.first.post(f"{CLAIM}/cancel", {"reason": "mistake", "note": "x" * 501}, opened)
    assert long.status_code == 422
    assert "x" * 501 in words(long), "what was typed is there"
    assert desk.first.post(f"{CLAIM}/cancel", {"reason": "nonsense"}, opened).status_code == 422
    done = desk.first.post(f"{CLAIM}/cancel", {"reason": "corrected"}, opened)
    assert desk.first.follow(done) == CLAIM
    assert status_of(desk) == (ClaimStatus.CANCELLED, False)
    assert "FICTIVE1" in words(desk.first.get(f"{ROOT}/sequences?verdict=billable"))
