"""Files of the payer: told line by line; a bad one leaves nothing behind."""

import json
import re

import pytest

from sesame_fhir.services.billing.incoming import LineCode
from smart_app.team.billing import uploads
from smart_app.team.billing.line_texts import LINES
from tests.support.answered import accepted, answers, paid, payments, rejected
from tests.support.billing_pages import LIVES, ROOT, Office, words

ON = "2026-07-01"
GOOD = answers(accepted(1, date=ON), rejected(2, date=ON))

BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Ce fichier est vide"),
    "blank": (b" \r\n ", "Ce fichier est vide"),
    "a PDF": (b"%PDF-1.7 ...", "ni un CSV ni un Bundle"),
    "a ZIP": (b"PK\x03\x04...", "ni un CSV ni un Bundle"),
    "binary": (b"claim\x00;batch", "ni un CSV ni un Bundle"),
    "other encoding": (GOOD.replace(b"Droits", "Accès".encode("latin-1")), "enregistrer le fichier en UTF-8"),
    "UTF-16": (GOOD.decode().encode("utf-16"), "enregistrer le fichier en UTF-8"),
    "UTF-16 without its mark": (GOOD.decode().encode("utf-16-be"), "enregistrer le fichier en UTF-8"),
    "other columns": (b"a;b;c\r\n1;2;3\r\n", "Une colonne n'est pas du format"),
    "cut": (GOOD.rsplit(b"\r\n", 2)[0] + b"\r\n", "Le fichier est incomplet"),
    "not JSON": (b'{"resourceType": "Bundle", ', "Ce n'est pas du JSON"),
    "no Bundle": (json.dumps({"resourceType": "Patient"}).encode(), "n'est pas un Bundle FHIR"),
    "unknown claim": (answers(accepted(99, date=ON)), "n'est pas une des vôtres"),
    "to come": (answers(accepted(1, date="2027-01-01")), "Cette date est dans le futur"),
    "other amount": (answers(accepted(1, date=ON, amount="299,99")), "n'est pas celui de la facture"),
    "other batch": (answers(accepted(1, date=ON, batch="2026-05-x-y-1")), "d'un autre lot"),
    "formula": (answers(rejected(1, date=ON, reason_text="=1+1")), "comme une formule"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_and_leaves_nothing(looked_at: Office, name: str) -> None:
    content, told = BAD[name]
    before = looked_at.billing.stores.claims.counts(None)
    answer = looked_at.send(f"{ROOT}/answers", content)
    assert answer.status_code == 422, words(answer)
    assert told in words(answer)
    assert looked_at.billing.stores.claims.counts(None) == before


def test_no_file_and_one_that_is_too_large(looked_at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = looked_at.first.hidden(f"{ROOT}/answers", f"{ROOT}/answers")
    assert "Choisissez un fichier" in words(looked_at.first.post(f"{ROOT}/answers", {}, opened))
    monkeypatch.setattr(uploads, "LARGEST", 100)
    assert "trop gros pour cette page" in words(looked_at.send(f"{ROOT}/answers", GOOD))
    assert "trop gros pour cette page" in words(looked_at.send(f"{ROOT}/payments/file", GOOD))


def test_all_or_nothing_and_the_good_lines(desk: Office) -> None:
    desk.submitted()
    mixed = answers(accepted(1, date=ON), accepted(99, date=ON))
    refused = desk.send(f"{ROOT}/answers", mixed)
    assert refused.status_code == 422
    assert "Rien n'est enregistré." in words(refused)
    assert "laissée de côté" in words(refused)
    assert desk.billing.stores.claims.counts(None)["accepted"] == 0
    good = desk.send(f"{ROOT}/answers", mixed, lines="good")
    shown = words(desk.first.get(desk.first.follow(good)))
    assert "1 ligne refusée." in shown
    assert desk.billing.stores.claims.counts(None)["accepted"] == 1
    again = desk.first.get(desk.first.follow(desk.send(f"{ROOT}/answers", answers(accepted(1, date=ON))))).text
    assert "Déjà connues : <strong>1</strong>" in again
    assert "reponses.csv" in words(desk.first.get(f"{ROOT}/answers"))


def test_the_same_file_again_is_no_mistake(desk: Office) -> None:
    desk.submitted()
    desk.send(f"{ROOT}/answers", GOOD)
    again = desk.send(f"{ROOT}/answers", GOOD)
    shown = words(again if again.status_code == 200 else desk.first.get(desk.first.follow(again)))
    assert "Toutes les lignes étaient déjà connues : rien n'a changé." in shown
    assert "Déjà connues : <strong>2</strong>" in shown


def test_a_colleague_of_another_site_reads_no_claim_of_this_one_in_a_file(desk: Office) -> None:
    desk.submitted()
    shown = desk.first.follow(desk.send(f"{ROOT}/answers", GOOD))
    ours, theirs = (f"{LIVES[number].pathway_id}-claim-1" for number in (0, 1))
    assert {ours, theirs} <= set(re.findall(r"[\w-]+-claim-1", words(desk.first.get(shown))))
    seen = words(desk.third.get(shown))
    assert theirs in seen
    assert ours not in seen


def test_a_file_s_name_is_plain(desk: Office) -> None:
    desk.submitted()
    answer = desk.send(f"{ROOT}/answers", GOOD, name="<b>réponses.csv")
    shown = words(desk.first.get(desk.first.follow(answer)))
    assert "<b>réponses" not in shown
    assert "_b_réponses.csv" in shown


def test_payments_find_their_claims(desk: Office) -> None:
    desk.submitted()
    wrong = desk.send(f"{ROOT}/payments/file", payments(paid(1, "300,01", date=ON)), name="p.csv")
    assert "dépasse le montant de la facture" in words(wrong)
    desk.send(f"{ROOT}/payments/file", payments(paid(1, date=ON)), name="p.csv")
    assert "réparti" in words(desk.first.get(f"{ROOT}/payments"))
    assert "FICTIVE1" in words(desk.first.get(f"{ROOT}/claims?payment=P-1"))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "Référence"),
        ({"reference": "V-1", "on": "32/13/2026", "amount": "10"}, "Date"),
        ({"reference": "V-1", "on": "2027-01-01", "amount": "10"}, "futur"),
        ({"reference": "V-1", "on": "2026-07-01", "amount": "dix"}, "Montant"),
        ({"reference": "V-1", "on": "2026-07-01", "amount": "0"}, "hors des limites"),
        ({"reference": "V-1", "on": "2026-07-01", "amount": "1,234"}, "Montant"),
    ],
)
def test_a_payment_by_hand_that_cannot_be(looked_at: Office, values: dict[str, str], field: str) -> None:
    opened = looked_at.first.hidden(f"{ROOT}/payments", f"{ROOT}/payments")
    refused = looked_at.first.post(f"{ROOT}/payments", {"biller": "operator", **values}, opened)
    assert refused.status_code == 422
    assert field in words(refused)
    assert f'value="{values["reference"]}"' in words(refused) if "reference" in values else True


def test_a_payment_by_hand(desk: Office) -> None:
    opened = desk.first.hidden(f"{ROOT}/payments", f"{ROOT}/payments")
    posted = {"reference": "V-1", "on": "2026-07-01", "amount": "1 234,50 €", "biller": "operator"}
    for _ in range(2):
        assert desk.first.follow(desk.first.post(f"{ROOT}/payments", posted, opened)) == f"{ROOT}/payments"
    (payment,) = desk.billing.stores.payments.payments()
    assert str(payment.amount) == "1234.50"
    assert "à répartir" in words(desk.first.get(f"{ROOT}/payments"))


def test_every_code_of_a_line_has_its_sentence() -> None:
    assert set(LINES) == set(LineCode)
    assert all(text.endswith(".") for text in LINES.values())
