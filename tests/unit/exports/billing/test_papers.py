"""The dossier of a claim and a centre's statement on paper: PDF/A, the same bytes each time, nothing clinical."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.ledger import Account as BookAccount
from sesame_fhir.domain.billing.ledger import Movement
from sesame_fhir.domain.events.billing import CancelReason, ClaimOutcome, EvidenceKind
from sesame_fhir.exports.billing import words
from sesame_fhir.exports.billing.dossier_pdf import Names, dossier_html, dossier_pdf
from sesame_fhir.exports.billing.statement_pdf import statement_html, statement_pdf
from sesame_fhir.services.billing.differences import Part
from sesame_fhir.services.billing.proof import subject_of
from sesame_fhir.services.billing.records import SharePaid
from sesame_fhir.services.billing.shares import Account, RankSum, Statement, StatementLine
from tests.specification.model import on
from tests.support.billed import BILLER
from tests.support.dossiers import CLAIM, CLAIMED, CORRECTED, DONE, PAID, REJECTED, billed, file_of
from tests.support.story import COORDINATOR, SITE

PRINTED = date(2026, 9, 1)
HOSTILE = '<img src="http://127.0.0.1:9/x.png"><script>1</script>'

NAMES = Names(lambda site: f"Centre {site}", {"coord-1": "Coralie Fictive"}.get)


def plain(html: str) -> str:
    """What a reader sees, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("</head>")[2])).replace("&#39;", "'")


def paper(situation: Any, claim_id: str = CLAIM) -> str:
    return plain(dossier_html(file_of(situation, claim_id), NAMES, printed_on=PRINTED))


def statement(**changes: Any) -> Statement:
    line = StatementLine(
        1, date(2026, 7, 1), CLAIM, 1, date(2026, 6, 9), Decimal(300), Decimal("99.90"), ClaimStatus.PAID, Decimal(300)
    )
    taken = replace(line, number=2, claim_id=f"{CLAIM}-2", share=Decimal("-99.90"), status=ClaimStatus.REJECTED)
    account = Account(
        biller_id=BILLER.biller_id,
        biller_name=BILLER.name,
        carried=Decimal("12.30"),
        earned=Decimal("1299.90"),
        withdrawn=Decimal("99.90"),
        paid=Decimal("50.00"),
        ranks=(RankSum(1, 1, Decimal(300), Decimal("99.90")),),
        lines=(line, taken),
        settled=(SharePaid("V-2026-07", SITE, BILLER.biller_id, "2026-07", Decimal("50.00"), date(2026, 7, 31), "c"),),
        example=True,
    )
    return Statement(SITE, "2026-07", date(2026, 7, 1), date(2026, 7, 31), (replace(account, **changes),))


def test_a_dossier_says_who_claims_what_for_whom_and_why() -> None:
    text = paper(CLAIMED)
    for wanted in (
        *(CLAIM, "Exemple : le tarif est inventé", "Opérateur Exemple (950000364)", "FICTIVE Jeanne"),
        *("INS-NIR-TEST", "du 10 mars 2026 au 9 juin 2026", "300,00", "99,90", "article-51, version 2026-1"),
        *("Assez de contacts : 3, il en faut 2", "Séquence finie : 9 juin 2026", "Version des règles 1", "identique"),
        *("Contact – Suivi", "Questionnaire – PHQ-9", "Noé Fictif infirmier·ère", "24 mars 2026 à 10 h 00"),
        *("séquence commencée 10 mars 2026", "Facturé Payeur Produits", "Part due au centre", "Empreinte des faits"),
    ):
        assert wanted in text, wanted
    assert "Corrections après" not in text
    assert "attend d'être" not in text


def test_every_event_of_a_proof_is_named_by_its_id() -> None:
    found = file_of(CLAIMED)
    html = dossier_html(found, NAMES, printed_on=PRINTED)
    ids = [deed.event_id for proof in found.proofs for deed in proof.deeds] + [deed.event_id for deed in found.steps]
    assert len(ids) > 5
    assert all(one in html for one in ids)


def test_no_score_no_note_no_problem_no_phone() -> None:
    found = DONE.then(
        on("2026-06-20", ev.ContactCorrected("c2", ev.ContactMode.PHONE, 25, note="NOTE-1", private_note="NOTE-2"))
    )
    text = paper(billed(found, problem=ev.Problem("PROBLEME")))
    for hidden in ("NOTE-1", "NOTE-2", "PROBLEME", "0199001234", "total", "Score"):
        assert hidden not in text


def test_what_was_corrected_after_the_claim_is_told_in_words() -> None:
    text = paper(CORRECTED)
    assert "attend d'être annulée ou confirmée" in text
    assert "Contact : 21 avril 2026 suivi → 21 avril 2026 prévention des rechutes" in text
    assert "contact corrigé, après la facture" in text
    assert "Consentement : 2 mars 2026 " in text


def test_answers_payments_and_both_attempts() -> None:
    text = paper(PAID)
    assert "acceptée le 9 juillet 2026, réponse r1" in text
    assert "le 19 juillet 2026, paiement p1" in text
    assert "Banque Payeur" in text
    again = billed(REJECTED, "2026-07-15", replaces=CLAIM)
    text = paper(again, f"{CLAIM}-2")
    assert "Présentations de la séquence" in text
    assert f"prouve aussi {CLAIM}" in text
    assert "n° 2, remplace" in text
    cancelled = CLAIMED.then(on("2026-07-10", ev.ClaimCancelled(CLAIM, CancelReason.MISTAKE, "doublon"), COORDINATOR))
    assert "Facturée par erreur, doublon" in paper(cancelled)


def test_what_does_not_check_is_told_first() -> None:
    assert "ne sont pas ceux de son empreinte" in paper(billed(DONE, digest="0" * 64))
    assert "n'est pas celui de la facture" in paper(billed(DONE, amount=Decimal("301.00")))
    assert "ne sont pas ceux" not in paper(CLAIMED)


def test_a_claim_from_before_has_a_paper_too() -> None:
    assert "avant que ce logiciel" in paper(DONE.then(on("2026-07-01", ev.SequenceBilled(1, CLAIM), COORDINATOR)))


def test_a_statement_counts_and_names_nobody() -> None:
    text = plain(statement_html(statement(), "Centre de test"))
    for wanted in ("Centre de test", "12,30", "1 299,90", "Dû au 31 juillet 2026", "rejetée"):
        assert wanted in text, wanted
    assert "1 162,30" in text
    assert "V-2026-07" in text
    assert "Exemple" in text
    assert "FICTIVE" not in text
    assert "Exemple :" not in plain(statement_html(statement(example=False), "Centre de test"))
    assert "Trop versé" in plain(statement_html(statement(paid=Decimal(5000)), "Centre de test"))
    assert "Aucun mouvement" in plain(statement_html(replace(statement(), accounts=()), "Centre de test"))


def test_what_people_typed_is_text() -> None:
    html = statement_html(statement(biller_name=HOSTILE), HOSTILE)
    beneficiary = replace(file_of(CLAIMED).claim.terms.beneficiary, family=HOSTILE)  # type: ignore[union-attr]
    html += dossier_html(file_of(billed(DONE, beneficiary=beneficiary)), NAMES, printed_on=PRINTED)
    assert "<img" not in html
    assert "<script" not in html


@pytest.mark.parametrize(
    "render",
    [
        lambda: dossier_pdf(file_of(PAID), NAMES, printed_on=PRINTED),
        lambda: statement_pdf(statement(), "Centre de test"),
    ],
    ids=["dossier", "statement"],
)
def test_pdf_a_with_its_language_and_the_same_bytes_each_time(render: Any) -> None:
    document = render()
    assert document == render()
    catalog: Any = PdfReader(io.BytesIO(document)).trailer["/Root"]
    assert 'part="1"' in catalog["/Metadata"].get_object().get_data().decode()
    assert catalog["/Lang"] == "fr"


def test_every_code_has_its_word() -> None:
    for table, codes in (
        (words.STATUSES, ClaimStatus),
        (words.OUTCOMES, ClaimOutcome),
        (words.CANCELLED, CancelReason),
        (words.KINDS, EvidenceKind),
        (words.PARTS, Part),
        (words.MOVEMENTS, Movement),
        (words.ACCOUNTS, BookAccount),
    ):
        assert set(table) == set(codes)
    assert {kind for kind in ev.PAYLOADS if kind.startswith("Claim")} <= words.DEEDS.keys()
    assert subject_of.__doc__


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("finished:2026-06-09", "Séquence finie : 9 juin 2026"),
        ("interrupted-pro-rata:40/92", "Interrompue, payée au prorata : 40 jours sur 92"),
        ("ins-known", "INS connue"),
        ("in-time:soon", "in-time:soon"),
        ("a-code-of-later:1", "a-code-of-later:1"),
    ],
)
def test_reasons_in_words(kept: str, said: str) -> None:
    assert words.reason_text(kept) == said


def test_sites_and_people_are_called_by_their_names() -> None:
    assert f"Centre hébergeur Centre {SITE}" in paper(PAID)
    assert [NAMES.person(one) for one in ("coord-1", "gone")] == ["Coralie Fictive", "compte gone"]
