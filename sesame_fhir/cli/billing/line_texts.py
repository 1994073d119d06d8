"""Why a line of a payer's file was refused, and what to do: English, as the rest of the command line."""

from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from sesame_fhir.services.billing.incoming import LineCode

_ASK = "ask the payer for a corrected file"

LINES: dict[LineCode, str] = {
    LineCode.EMPTY_FILE: f"nothing is in it; {_ASK}",
    LineCode.FILE_TOO_LARGE: "more than 64 MB; divide it, each part with its header",
    LineCode.WRONG_ENCODING: "not in the encoding of the layout (UTF-8 unless it says otherwise); save it so",
    LineCode.NOT_JSON: f"no JSON, or cut; {_ASK}",
    LineCode.NOT_A_BUNDLE: "no Bundle of the type collection, batch, transaction or searchset",
    LineCode.MISSING_COLUMN: "a column of the layout is not there",
    LineCode.UNKNOWN_COLUMN: "a column is not in the layout; take it out, or choose another layout",
    LineCode.DUPLICATE_COLUMN: "a column is there twice",
    LineCode.TRUNCATED: f"cut: not as many lines as it says; {_ASK}",
    LineCode.LINE_TOO_LONG: f"longer than any line can be; {_ASK}",
    LineCode.QUOTES_WRONG: "quotes that do not close, or close in the middle",
    LineCode.CELL_COUNT_WRONG: "not as many cells as the header has",
    LineCode.CONTROL_CHARACTER: f"a character that cannot be printed; {_ASK}",
    LineCode.FORMULA: "a cell begins as a formula does (= + - @)",
    LineCode.LINE_NUMBER_WRONG: "the line's own number is not like 3/120",
    LineCode.LINE_TWICE: "a line with this number is there already",
    LineCode.INVALID_RESOURCE: "not valid R4",
    LineCode.WRONG_RESOURCE: "another resource than this file is for",
    LineCode.VALUE_MISSING: "a value is missing",
    LineCode.VALUE_WRONG: "a value is too long, or cannot be an id",
    LineCode.DATE_WRONG: "not a day, as the layout writes it",
    LineCode.AMOUNT_WRONG: "not an amount, as the layout writes it",
    LineCode.AMOUNT_NEGATIVE: "an amount is negative",
    LineCode.CURRENCY_WRONG: "not in euros",
    LineCode.OUTCOME_UNKNOWN: "neither an acceptance nor a rejection",
    LineCode.REASON_MISSING: f"a rejection without its reason; {_ASK}",
    LineCode.UNKNOWN_CLAIM: "no such claim at the sites of this account",
    LineCode.OTHER_BATCH: "the claim is of another batch; is it the right file?",
    LineCode.OTHER_BILLER: "the claim is of another biller; is it the right file?",
    LineCode.UNKNOWN_BILLER: "no scheme has this biller; is it the right file?",
    LineCode.CLAIM_TWICE: f"several lines for one claim, which do not say the same; {_ASK}",
    LineCode.RESPONSE_TWICE: "the same answer is there twice",
    LineCode.DATE_IN_FUTURE: "a day to come",
    LineCode.BEFORE_CLAIM: "a day before the claim was made",
    LineCode.AMOUNT_DIFFERS: f"not the amount that was claimed; {_ASK}",
    LineCode.AMOUNT_MISSING: "accepted, but not how much",
    LineCode.CLAIM_CLOSED: "the claim was rejected or cancelled before",
    LineCode.ANSWER_ALREADY_RECORDED: f"this answer is known with other values; {_ASK}",
    LineCode.PAYMENT_ALREADY_RECORDED: f"this payment is known with other values or for other claims; {_ASK}",
    LineCode.PAYMENT_CONTRADICTED: "the lines of this payment do not agree on its biller, its day or its amount",
    LineCode.SUM_DIFFERS: "the lines of this payment do not add up to its amount",
    LineCode.OVERPAID: "more than is left to pay for the claim",
    LineCode.NOT_PAID_SO_MUCH: "more is taken back than was paid for the claim",
    LineCode.OTHER_LINES: "good, but left out because of other lines, as asked",
}


def line_text(code: str) -> str:
    """What a code of a line's result means: one of ours, or a reason of the pathway's rules."""
    return LINES[LineCode(code)] if code in set(LineCode) else REASON_TEXTS[ReasonCode(code)]
