"""A payer's own layout is read without code: other names, words, signs, days and another encoding."""

import json
from datetime import date
from pathlib import Path

import pytest

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.payments import read_payments
from mappings.billing.layout import Kind, Layout, read_layout
from mappings.billing.layout_reference import page
from mappings.billing.outgoing_reference import FIXED
from mappings.billing.vocabulary import LINE_WORDS
from sesame_fhir.domain.billing.money import euros
from sesame_fhir.domain.events.billing import ClaimOutcome, RejectionReason
from sesame_fhir.services.billing.incoming import LineCode

ROOT = Path(__file__).parents[4]
INVENTED = {
    "name": "invented-answers",
    "version": "1",
    "kind": "answers",
    "description": "Invented for a test; nobody sends this.",
    "encoding": "windows-1252",
    "delimiter": "|",
    "decimal_sign": ".",
    "date_format": "DD/MM/YYYY",
    "line_end": "LF",
    "columns": [
        {"name": "N° facture", "description": "d", "value": "claim-id", "required": True},
        {"name": "Réponse", "description": "d", "value": "response-id", "required": True},
        {
            "name": "État",
            "description": "d",
            "value": "outcome",
            "required": True,
            "words": {"accepted": "ACC", "rejected": "REJ"},
        },
        {"name": "Motif", "description": "d", "value": "reason-code", "required": False},
        {"name": "Montant", "description": "d", "value": "amount", "required": False},
        {"name": "Jour", "description": "d", "value": "date", "required": True},
    ],
}
HEAD = "N° facture|Réponse|État|Motif|Montant|Jour\n"
GOOD = HEAD + "c-1|é1|ACC||1250.40|10/07/2026\nc-2|é2|REJ|Droits|0|10/07/2026\n"


@pytest.fixture(scope="module")
def invented() -> Layout:
    return read_layout(json.dumps(INVENTED))


def test_a_described_layout_is_read_without_code(invented: Layout) -> None:
    file = read_answers(GOOD.encode("cp1252"), "answers.txt", layout=invented)
    assert file.unread == ()
    first, second = file.lines
    assert (first.claim_id, first.response_id, first.outcome) == ("c-1", "é1", ClaimOutcome.ACCEPTED)
    assert (first.amount, first.on, first.number) == (euros("1250.40"), date(2026, 7, 10), 2)
    assert (second.outcome, second.reasons) == (ClaimOutcome.REJECTED, (RejectionReason("Droits"),))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("c-1|r|accepted||300.00|10/07/2026", LineCode.OUTCOME_UNKNOWN),
        ("c-1|r|ACC||300,00|10/07/2026", LineCode.AMOUNT_WRONG),
        ("c-1|r|ACC||300.00|2026-07-10", LineCode.DATE_WRONG),
        ("c-1|r|ACC||300.00|1/7/2026", LineCode.DATE_WRONG),
        ("c-1;r;ACC;;300.00;10/07/2026", LineCode.CELL_COUNT_WRONG),
    ],
)
def test_what_the_layout_does_not_say_is_refused(invented: Layout, text: str, code: LineCode) -> None:
    file = read_answers(f"{HEAD}{text}\n".encode("cp1252"), "answers.txt", layout=invented)
    assert (file.lines, [one.reasons for one in file.unread]) == ((), [(code,)])


def test_a_letter_that_the_encoding_does_not_have(invented: Layout) -> None:
    file = read_answers(GOOD.encode("cp1252").replace(b"\xe9", b"\x81"), "answers.txt", layout=invented)
    assert [one.reasons for one in file.unread] == [(LineCode.WRONG_ENCODING,)]


@pytest.mark.parametrize("read", [read_answers, read_payments])
def test_a_hundred_megabytes_are_not_even_decoded(read: object) -> None:
    assert callable(read)
    file = read(bytes(65 * 1024 * 1024), "huge.csv")
    assert [one.reasons for one in file.unread] == [(LineCode.FILE_TOO_LARGE,)]


def test_the_reference_is_made_from_the_layouts_and_says_all_of_them() -> None:
    written = (ROOT / "docs" / "reference" / "billing-files.md").read_text(encoding="utf-8")
    assert written == page(), "run `make docs`"
    assert "None is a national format" in written
    assert all(f"`{value}`" in written for kind in Kind for value in LINE_WORDS[kind])
    assert "| `delimiter` | delimiter or record_length |" in written
    assert read_layout(FIXED).record_length == 70
