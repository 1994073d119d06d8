"""Bad files of answers: each with its exact reasons, and nothing of them reaches the claims."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.fhir_answers import read_fhir_answers
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.incoming import AnswerFile, LineCode
from sesame_fhir.services.billing.records import ClaimQuery, LineFate
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.storage import open_store
from tests.support.answered import (
    ANSWER_HEAD,
    ON,
    accepted,
    answers,
    bundle,
    claim_of,
    refusal,
    rejected,
    response,
)
from tests.support.billing import FIRST_COORDINATOR, NOW, billing_over, many, submitted_month, write_lives
from tests.support.databases import VAULT_KEY, migrated
from tests.support.fakes import HandClock
from tests.support.story import COORDINATOR, SITE

Expected = dict[int, tuple[LineCode, ...]]
C = LineCode
GOOD = answers(accepted(1), rejected(2))
HEAD, FIRST, SECOND = GOOD.decode().splitlines()
ONE_SITE = Coordinator(COORDINATOR, frozenset({SITE}))


@pytest.fixture(scope="module")
def billing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Billing]:
    """Three claims made on 1 July; today is the 20th. Shared: no test here changes anything."""
    path: Path = tmp_path_factory.mktemp("answers") / "sesame.db"
    migrated(path)
    clock = HandClock(NOW)
    with open_store(f"sqlite:///{path}", VAULT_KEY) as store:
        made = billing_over(store, clock)
        write_lives(store, many(3))
        submitted_month(made)
        clock.move(days=19)
        yield made


def judged(billing: Billing, file: AnswerFile, who: Coordinator = FIRST_COORDINATOR) -> Expected:
    """The reasons of each refused line, those refused only for the others left out; nothing has been written."""
    came = import_answers(billing, who, file, all_or_nothing=True)
    assert all(result.fate is LineFate.REFUSED for result in came.results)
    assert {row.status for row in billing.stores.claims.claims(ClaimQuery())} == {ClaimStatus.SUBMITTED}
    assert billing.stores.payments.imports() == ()
    return {
        result.number: tuple(LineCode(code) for code in result.reasons)
        for result in came.results
        if result.reasons != (C.OTHER_LINES,)
    }


def text(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(f"{line}{end}" for line in lines).encode()


def with_first(**changes: str) -> bytes:
    """The good file with other cells in its first line."""
    return answers(accepted(1, **changes), rejected(2))


def with_second(**changes: str) -> bytes:
    return answers(accepted(1), rejected(2, **changes))


WHOLE: dict[str, tuple[bytes, LineCode]] = {
    "nothing": (b"", C.EMPTY_FILE),
    "blank lines": (b"\r\n \r\n\r\n", C.EMPTY_FILE),
    "a header only": (text(HEAD), C.EMPTY_FILE),
    "UTF-16 with its mark": (GOOD.decode().encode("utf-16"), C.WRONG_ENCODING),
    "UTF-16 without": (GOOD.decode().encode("utf-16-le"), C.WRONG_ENCODING),
    "UTF-32": (GOOD.decode().encode("utf-32"), C.WRONG_ENCODING),
    "Latin-1 with an accent": (GOOD.decode().encode("latin-1"), C.WRONG_ENCODING),
    "Latin-1 in the header": (text(HEAD).replace(b"batch", b"b\xe9tch") + text(FIRST, SECOND), C.WRONG_ENCODING),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), C.WRONG_ENCODING),
    "no header": (text(FIRST, SECOND), C.UNKNOWN_COLUMN),
    "commas instead of semicolons": (GOOD.replace(b";", b","), C.UNKNOWN_COLUMN),
    "tabs instead of semicolons": (GOOD.replace(b";", b"\t"), C.UNKNOWN_COLUMN),
    "a column too many": (text(f"{HEAD};currency", f"{FIRST};EUR", f"{SECOND};EUR"), C.UNKNOWN_COLUMN),
    "a column renamed": (GOOD.replace(b"response", b"answer"), C.UNKNOWN_COLUMN),
    "the claim's column missing": (answers(accepted(1), head=ANSWER_HEAD[1:]), C.MISSING_COLUMN),
    "the date's column missing": (answers(accepted(1), head=(*ANSWER_HEAD[:7], "line")), C.MISSING_COLUMN),
    "the outcome's column missing": (
        answers(accepted(1), head=(*ANSWER_HEAD[:3], *ANSWER_HEAD[4:])),
        C.MISSING_COLUMN,
    ),
    "the lines' column missing": (answers(accepted(1), head=ANSWER_HEAD[:-1]), C.MISSING_COLUMN),
    "a column twice": (text(f"{HEAD};amount", f"{FIRST};300,00"), C.DUPLICATE_COLUMN),
    "a column twice, in capitals": (text(f"{HEAD};AMOUNT", f"{FIRST};300,00"), C.DUPLICATE_COLUMN),
    "a header with open quotes": (text(f'"{HEAD}', FIRST), C.QUOTES_WRONG),
    "a header of 10 MB": (b"a" * 10_000_000 + b"\r\n" + text(FIRST), C.LINE_TOO_LONG),
    "a file of payments": (text("payment;biller;date;payment_amount;claim;amount;line", "x"), C.UNKNOWN_COLUMN),
    "JSON": (bundle(response(1)), C.UNKNOWN_COLUMN),
}


@pytest.mark.parametrize(("data", "code"), WHOLE.values(), ids=WHOLE)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(billing: Billing, data: bytes, code: LineCode) -> None:
    assert judged(billing, read_answers(data, "answers.csv")) == {0: (code,)}


LINES: dict[str, tuple[bytes, Expected]] = {
    # cut, repeated, re-ordered
    "the last line missing": (text(HEAD, FIRST), {0: (C.TRUNCATED,)}),
    "the first line missing": (text(HEAD, SECOND), {0: (C.TRUNCATED,)}),
    "cut in the middle of a line": (GOOD[:-30], {3: (C.TRUNCATED,)}),
    "cut before the last line's end": (GOOD[:-2], {3: (C.TRUNCATED,)}),
    "twelve lines cut within the first": (text(HEAD, FIRST.replace("1/2", "1/1"))[:-2], {2: (C.TRUNCATED,)}),
    "two files in one": (text(HEAD, FIRST, SECOND.replace("2/2", "2/3")), {0: (C.TRUNCATED,)}),
    "a line pasted twice": (text(HEAD, FIRST, FIRST, SECOND), {3: (C.LINE_TWICE,)}),
    "a line's number beyond the last": (with_second(line="3/2"), {3: (C.LINE_NUMBER_WRONG,)}),
    "a line's number of another form": (with_second(line="2 of 2"), {3: (C.LINE_NUMBER_WRONG,)}),
    "a line's number that is zero": (with_second(line="0/2"), {3: (C.LINE_NUMBER_WRONG,)}),
    "a line without its number": (with_second(line=""), {3: (C.VALUE_MISSING,)}),
    # form
    "open quotes": (with_second(reason_text='"Droits'), {3: (C.QUOTES_WRONG,)}),
    "text after quotes": (with_second(reason_text='"Droits" inconnus'), {3: (C.QUOTES_WRONG,)}),
    "a cell too many": (text(HEAD, f"{FIRST};", SECOND), {2: (C.CELL_COUNT_WRONG,)}),
    "a cell too few": (text(HEAD, FIRST.replace(";;", ";", 1), SECOND), {2: (C.CELL_COUNT_WRONG,)}),
    "a NUL": (with_second(reason_text="Droits\x00"), {3: (C.CONTROL_CHARACTER,)}),
    "an escape sequence": (with_second(reason_text="\x1b[2J"), {3: (C.CONTROL_CHARACTER,)}),
    "a line break of its own": (with_second(reason_text="Droits\rinconnus"), {3: (C.CONTROL_CHARACTER,)}),
    "a line of 10 MB": (with_second(reason_text="x" * 10_000_000), {3: (C.LINE_TOO_LONG,)}),
    "a formula": (with_second(reason_text="=HYPERLINK(1)"), {3: (C.FORMULA,)}),
    "a formula in quotes": (with_second(reason_text='"=1+1"'), {3: (C.FORMULA,)}),
    "a formula for the claim": (with_first(claim="=A1"), {2: (C.FORMULA,)}),
    "a formula for the amount": (with_first(amount="=100+200"), {2: (C.FORMULA,)}),
    "a command": (with_second(reason_text="@SUM(1)"), {3: (C.FORMULA,)}),
    "a plus": (with_first(response="+33"), {2: (C.FORMULA,)}),
    # values
    "no claim": (with_first(claim=""), {2: (C.VALUE_MISSING,)}),
    "a claim that cannot be one": (with_first(claim="FICTIVE Camille"), {2: (C.VALUE_WRONG,)}),
    "a claim longer than any": (with_first(claim="c" * 65), {2: (C.VALUE_WRONG,)}),
    "no response": (with_first(response=""), {2: (C.VALUE_MISSING,)}),
    "a response of 101 letters": (with_first(response="r" * 101), {2: (C.VALUE_WRONG,)}),
    "no outcome": (with_first(outcome=""), {2: (C.VALUE_MISSING,)}),
    "another outcome": (with_first(outcome="maybe"), {2: (C.OUTCOME_UNKNOWN,)}),
    "an outcome in capitals": (with_first(outcome="ACCEPTED"), {2: (C.OUTCOME_UNKNOWN,)}),
    "no date": (with_first(date=""), {2: (C.VALUE_MISSING,)}),
    "a French date": (with_first(date="10/07/2026"), {2: (C.DATE_WRONG,)}),
    "a short date": (with_first(date="2026-7-10"), {2: (C.DATE_WRONG,)}),
    "a day that is not": (with_first(date="2026-06-31"), {2: (C.DATE_WRONG,)}),
    "a time": (with_first(date="2026-07-10T09:00:00"), {2: (C.DATE_WRONG,)}),
    "a number of days": (with_first(date="46213"), {2: (C.DATE_WRONG,)}),
    "a decimal point": (with_first(amount="300.00"), {2: (C.AMOUNT_WRONG,)}),
    "thousands": (with_first(amount="1 300,00"), {2: (C.AMOUNT_WRONG,)}),
    "three decimals": (with_first(amount="300,000"), {2: (C.AMOUNT_WRONG,)}),
    "a currency": (with_first(amount="300,00 €"), {2: (C.AMOUNT_WRONG,)}),
    "an exponent": (with_first(amount="3e2"), {2: (C.AMOUNT_WRONG,)}),
    "no number": (with_first(amount="NaN"), {2: (C.AMOUNT_WRONG,)}),
    "Arabic digits": (with_first(amount="٣٠٠"), {2: (C.AMOUNT_WRONG,)}),
    "an enormous amount": (with_first(amount="9" * 30), {2: (C.AMOUNT_WRONG,)}),
    "a negative amount": (with_first(amount="-300,00"), {2: (C.AMOUNT_NEGATIVE,)}),
    "a reason without its code": (with_second(reason_code=""), {3: (C.REASON_MISSING,)}),
    "a reason's code too long": (with_second(reason_code="c" * 65), {3: (C.VALUE_WRONG,)}),
    "a reason's words too long": (with_second(reason_text="w" * 501), {3: (C.VALUE_WRONG,)}),
    # against the claims
    "an unknown claim": (with_first(claim="nobody-claim-1"), {2: (C.UNKNOWN_CLAIM,)}),
    "a claim that was never made": (with_first(claim=claim_of(1, attempt=2)), {2: (C.UNKNOWN_CLAIM,)}),
    "another batch": (with_first(batch="2026-05-article-51-operator-1"), {2: (C.OTHER_BATCH,)}),
    "more than was claimed": (with_first(amount="300,01"), {2: (C.AMOUNT_DIFFERS,)}),
    "less than was claimed": (with_first(amount="299,99"), {2: (C.AMOUNT_DIFFERS,)}),
    "accepted for nothing": (with_first(amount="0,00"), {2: (C.AMOUNT_DIFFERS,)}),
    "accepted without an amount": (with_first(amount=""), {2: (C.AMOUNT_MISSING,)}),
    "rejected with an amount": (with_second(amount="300,00"), {3: (C.AMOUNT_DIFFERS,)}),
    "rejected without a reason": (with_second(reason_code="", reason_text=""), {3: (C.REASON_MISSING,)}),
    "a day to come": (with_first(date="2026-07-21"), {2: (C.DATE_IN_FUTURE,)}),
    "a day before the claim": (with_first(date="2026-06-30"), {2: (C.BEFORE_CLAIM,)}),
    "two things at once": (with_first(date="2026-06-30", amount="1,00"), {2: (C.BEFORE_CLAIM, C.AMOUNT_DIFFERS)}),
    "the same response twice": (answers(accepted(1), accepted(1), rejected(2)), {3: (C.RESPONSE_TWICE,)}),
    "a response that contradicts itself": (
        answers(accepted(1), accepted(1, date="2026-07-11")),
        {2: (C.RESPONSE_TWICE,), 3: (C.RESPONSE_TWICE,)},
    ),
    "two answers to one claim": (
        answers(accepted(1), rejected(1, response="R-9")),
        {2: (C.CLAIM_TWICE,), 3: (C.CLAIM_TWICE,)},
    ),
    "every line for its own reason": (
        answers(accepted(1, date="x"), rejected(2, claim="nobody"), accepted(3, batch="other")),
        {2: (C.DATE_WRONG,), 3: (C.UNKNOWN_CLAIM,), 4: (C.OTHER_BATCH,)},
    ),
}


@pytest.mark.parametrize(("data", "expected"), LINES.values(), ids=LINES)
def test_a_bad_line_is_refused_with_its_reasons(billing: Billing, data: bytes, expected: Expected) -> None:
    assert judged(billing, read_answers(data, "answers.csv")) == expected


FOUND = {"search": {"mode": "match"}}
TWICE = bundle(response(1)).replace(b'"status": "active"', b'"status": "active", "status": "active"')
BUNDLES: dict[str, tuple[bytes, Expected]] = {
    "nothing": (b"", {0: (C.EMPTY_FILE,)}),
    "cut": (bundle(response(1))[:-20], {0: (C.NOT_JSON,)}),
    "a CSV": (GOOD, {0: (C.NOT_JSON,)}),
    "a property twice": (TWICE, {0: (C.NOT_JSON,)}),
    "NaN": (bundle(response(1)).replace(b"300", b"NaN"), {0: (C.NOT_JSON,)}),
    "Latin-1": (bundle(refusal(1)).replace(b"\\u00e9", b"\xe9"), {0: (C.NOT_JSON,)}),
    "an array": (b"[]", {0: (C.NOT_JSON,)}),
    "not a Bundle": (b'{"resourceType": "ClaimResponse"}', {0: (C.NOT_A_BUNDLE,)}),
    "a history": (bundle(response(1), kind="history"), {0: (C.NOT_A_BUNDLE,)}),
    "no entry": (bundle(), {0: (C.EMPTY_FILE,)}),
    "entries that are none": (b'{"resourceType": "Bundle", "type": "batch", "entry": [1]}', {0: (C.INVALID_RESOURCE,)}),
    "one page of two": (
        bundle(response(1), kind="searchset", link=[{"relation": "next", "url": "https://payer.example/2"}]),
        {0: (C.TRUNCATED,)},
    ),
    "fewer than its total": (bundle(response(1), kind="searchset", total=2), {0: (C.TRUNCATED,)}),
    "another resource": (bundle(response(1), {"resourceType": "Patient"}), {2: (C.WRONG_RESOURCE,)}),
    "an entry without resource": (
        b'{"resourceType": "Bundle", "type": "batch", "entry": [{"fullUrl": "urn:x:1"}]}',
        {1: (C.WRONG_RESOURCE,)},
    ),
    "not R4": (bundle(response(1, made="up"), refusal(2)), {1: (C.INVALID_RESOURCE,)}),
    "a status that R4 does not have": (bundle(response(1, status="done")), {1: (C.INVALID_RESOURCE,)}),
    "entered in error": (bundle(response(1, status="entered-in-error")), {1: (C.OUTCOME_UNKNOWN,)}),
    "of a preauthorization": (bundle(response(1, use="preauthorization")), {1: (C.OUTCOME_UNKNOWN,)}),
    "queued": (bundle(response(1, outcome="queued")), {1: (C.OUTCOME_UNKNOWN,)}),
    "partial": (bundle(response(1, outcome="partial")), {1: (C.OUTCOME_UNKNOWN,)}),
    "no request": (bundle(response(1, request=None)), {1: (C.VALUE_MISSING,)}),
    "a request of another kind": (
        bundle(response(1, request={"reference": f"Basic/{claim_of(1)}"})),
        {1: (C.INVALID_RESOURCE,)},
    ),
    "another system's claim": (
        bundle(response(1, request={"identifier": {"system": "https://x.example", "value": claim_of(1)}})),
        {1: (C.VALUE_MISSING,)},
    ),
    "no number of its own": (bundle(response(1, identifier=None)), {1: (C.VALUE_MISSING,)}),
    "a month": (bundle(response(1, created="2026-07")), {1: (C.DATE_WRONG,)}),
    "a day to come": (bundle(response(1, created="2026-08-01")), {1: (C.DATE_IN_FUTURE,)}),
    "dollars": (
        bundle(response(1, total=[{**response(1)["total"][0], "amount": {"value": 300, "currency": "USD"}}])),
        {1: (C.CURRENCY_WRONG,)},
    ),
    "a third decimal": (
        bundle(response(1, total=[{**response(1)["total"][0], "amount": {"value": 300.001}}])),
        {1: (C.AMOUNT_WRONG,)},
    ),
    "more than there is": (bundle(response(1)).replace(b'"value": 300', b'"value": 1E+30'), {1: (C.AMOUNT_WRONG,)}),
    "a negative amount": (
        bundle(response(1, total=[{**response(1)["total"][0], "amount": {"value": -300}}])),
        {1: (C.AMOUNT_NEGATIVE,)},
    ),
    "another amount": (
        bundle(response(1, total=[{**response(1)["total"][0], "amount": {"value": 250}}])),
        {1: (C.AMOUNT_DIFFERS,)},
    ),
    "no amount": (bundle(response(1, total=None)), {1: (C.AMOUNT_MISSING,)}),
    "announced more than accepted": (
        bundle(response(1, payment={"type": {"text": "x"}, "amount": {"value": 301}})),
        {1: (C.AMOUNT_DIFFERS,)},
    ),
    "announced though rejected": (
        bundle(refusal(1, payment={"type": {"text": "x"}, "amount": {"value": 300}})),
        {1: (C.AMOUNT_DIFFERS,)},
    ),
    "rejected without a reason": (bundle(refusal(1, error=None)), {1: (C.REASON_MISSING,)}),
    "an unknown claim": (bundle(response(9)), {1: (C.UNKNOWN_CLAIM,)}),
    "the same twice": (bundle(response(1), response(1)), {2: (C.RESPONSE_TWICE,)}),
}


@pytest.mark.parametrize(("data", "expected"), BUNDLES.values(), ids=BUNDLES)
def test_a_bad_bundle_is_refused_with_its_reasons(billing: Billing, data: bytes, expected: Expected) -> None:
    assert judged(billing, read_fhir_answers(data, "answers.json")) == expected


def test_a_claim_of_a_site_out_of_reach_is_as_unknown_as_one_that_is_not_there(billing: Billing) -> None:
    file = read_answers(answers(accepted(1), accepted(3), accepted(9)), "answers.csv")
    assert judged(billing, file, ONE_SITE) == {3: (C.UNKNOWN_CLAIM,), 4: (C.UNKNOWN_CLAIM,)}


@pytest.mark.parametrize(
    "file",
    [
        read_answers(GOOD, "answers.csv", batch_id="2026-05-article-51-operator-1"),
        read_answers(answers(accepted(1, batch=""), rejected(2, batch="")), "a.csv", batch_id="2026-05-x"),
    ],
)
def test_a_file_brought_for_another_batch_is_refused(billing: Billing, file: AnswerFile) -> None:
    assert judged(billing, file) == {2: (C.OTHER_BATCH,), 3: (C.OTHER_BATCH,)}


def test_what_is_told_of_a_bad_line_names_the_column_and_never_the_value() -> None:
    (found,) = read_answers(with_first(claim="FICTIVE Camille"), "answers.csv").unread
    assert (found.detail, found.claim_id) == ("claim", None)
    (found,) = read_answers(with_first(date=ON.replace("-", "")), "answers.csv").unread
    assert (found.detail, found.claim_id) == ("date", claim_of(1))
