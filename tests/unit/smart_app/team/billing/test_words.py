"""Words of billing: every code has its text; details, amounts and months are told as a coordinator reads them."""

from datetime import date
from decimal import Decimal
from enum import Enum

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from mappings.french import euros as printed
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.decision import BillingCode, BillingReason, Verdict
from sesame_fhir.domain.billing.ledger import Account, Movement
from sesame_fhir.domain.billing.scheme import DecidedBy, InterruptedEarns
from sesame_fhir.domain.events.billing import CancelReason, ClaimOutcome, Evidence, EvidenceKind
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.fhir.canonical import FINESS
from sesame_fhir.services.billing.books import BookCode
from sesame_fhir.services.billing.differences import Part
from sesame_fhir.services.billing.records import BatchStatus, LineFate
from smart_app.team.billing import texts as words
from smart_app.team.billing import told
from smart_app.team.billing.texts import Upload
from smart_app.team.billing.typed import amount_of
from smart_app.team.fields import Fields

TABLES: list[tuple[dict[str, str], type[Enum]]] = [
    (words.VERDICTS, Verdict),  # type: ignore[list-item]  # a StrEnum key is a text
    (words.STATUSES, BatchStatus),  # type: ignore[list-item]  # same
    (words.CLAIMS, ClaimStatus),  # type: ignore[list-item]  # same
    (words.OUTCOMES, ClaimOutcome),  # type: ignore[list-item]  # same
    (words.CANCELS, CancelReason),  # type: ignore[list-item]  # same
    (words.PROOFS, EvidenceKind),  # type: ignore[list-item]  # same
    (words.PARTS, Part),  # type: ignore[list-item]  # same
    (words.FATES, LineFate),  # type: ignore[list-item]  # same
    (words.FATE_COUNTS, LineFate),  # type: ignore[list-item]  # same
    (words.ACCOUNTS, Account),  # type: ignore[list-item]  # same
    (words.MOVEMENTS, Movement),  # type: ignore[list-item]  # same
    (words.BOOKS, BookCode),  # type: ignore[list-item]  # same
    (words.DECIDED_BY, DecidedBy),  # type: ignore[list-item]  # same
    (words.INTERRUPTED, InterruptedEarns),  # type: ignore[list-item]  # same
    (words.UPLOADS, Upload),  # type: ignore[list-item]  # same
]


@pytest.mark.parametrize(("table", "codes"), TABLES)
def test_a_table_is_complete(table: dict[str, str], codes: type[Enum]) -> None:
    assert set(table) == {code.value for code in codes}
    assert set(table.values()) <= set(words.TEXTS)


@pytest.mark.parametrize(
    ("code", "given", "said"),
    [
        (BillingCode.FINISHED, "2026-06-01", "01/06/2026"),
        (BillingCode.TOO_FEW_CONTACTS, "1/4", "1, il en faut 4"),
        (BillingCode.INTERRUPTED_PRO_RATA, "60/92", "60 jours sur 92"),
        (BillingCode.NO_CONSENT, "care-team", "Parcours et partage dans l'équipe de soins"),
        (BillingCode.NO_TARIFF, "5", "5"),
        (BillingCode.ALREADY_BILLED, "x-claim-1", ""),
        (BillingCode.NO_INS, None, ""),
    ],
)
def test_the_detail_of_a_reason(french: Flask, code: BillingCode, given: str | None, said: str) -> None:
    with french.test_request_context():
        assert told.detail(BillingReason(code, given)) == said


def test_amounts_months_and_changes(french: Flask) -> None:
    with french.test_request_context():
        assert told.euros(Decimal("1234.50")) == "1\u202f234,50\xa0€"
        assert told.euros(Decimal("-330.41")) == "−330,41\xa0€" == printed(Decimal("-330.41"))
        assert (told.register(FINESS), told.register("urn:x")) == ("FINESS", "urn:x")
        assert told.percent(Decimal("33.3")) == "33,3\xa0%"
        assert told.month_name("2026-06") == "juin 2026"
        assert told.month_name("nonsense") == "nonsense"
        assert told.changed(None) == "–"
        assert told.changed("true") == "oui"
        assert told.changed("2026-03-04 follow-up") == "04/03/2026 Suivi"
        assert told.kept_reason("enough-contacts:4/2") == ("Assez de contacts", "4, il en faut 2")
        assert told.kept_reason("of-another-release:x") == ("of-another-release", "x")
        assert told.held("sequence-already-billed") == "La séquence est déjà facturée."
        assert told.held("À vérifier") == "À vérifier"
        seen = Evidence(EvidenceKind.CONSENT, "care-team", date(2026, 3, 1), "given")
        assert told.proof_name(seen) == "Parcours et partage dans l'équipe de soins, Accord donné"


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("300", "300"), ("300,5", "300.50"), ("1 234,50 €", "1234.50"), ("1\u202f234.05", "1234.05"), ("-12,00", "-12")],
)
def test_an_amount_as_people_type_it(typed: str, amount: str) -> None:
    assert amount_of(Fields(MultiDict({"a": typed}), date(2026, 7, 1)), "a") == Decimal(amount)


@pytest.mark.parametrize("typed", ["", "dix", "1,234", "1.2.3", "NaN", "1e5", "٣", "9999999999", "€"])
def test_an_amount_that_is_none(typed: str) -> None:
    fields = Fields(MultiDict({"a": typed}), date(2026, 7, 1))
    amount_of(fields, "a")
    with pytest.raises(Refused):
        fields.check()
