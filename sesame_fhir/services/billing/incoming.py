"""What a file of answers or payments says, line by line, once it has been read; and why a line is refused.

Readers (``mappings.billing.incoming``) turn bytes into these values. What can be seen in the file alone is refused
there; what needs the claims and the books, by the use cases. Both use the same codes.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain.events.billing import ClaimOutcome, RejectionReason


class LineCode(StrEnum):
    """Why a line, or (as line 0) a whole file, was refused; rules of the pathway add codes of their own."""

    # the file
    EMPTY_FILE = "empty-file"
    FILE_TOO_LARGE = "file-too-large"
    WRONG_ENCODING = "wrong-encoding"
    NOT_JSON = "not-json"
    NOT_A_BUNDLE = "not-a-bundle"
    MISSING_COLUMN = "missing-column"
    UNKNOWN_COLUMN = "unknown-column"
    DUPLICATE_COLUMN = "duplicate-column"
    TRUNCATED = "truncated"
    # the form of a line
    LINE_TOO_LONG = "line-too-long"
    QUOTES_WRONG = "quotes-wrong"
    CELL_COUNT_WRONG = "cell-count-wrong"
    CONTROL_CHARACTER = "control-character"
    FORMULA = "formula"
    LINE_NUMBER_WRONG = "line-number-wrong"
    LINE_TWICE = "line-twice"
    INVALID_RESOURCE = "invalid-resource"
    WRONG_RESOURCE = "wrong-resource"
    # its values
    VALUE_MISSING = "value-missing"
    VALUE_WRONG = "value-wrong"
    DATE_WRONG = "date-wrong"
    AMOUNT_WRONG = "amount-wrong"
    AMOUNT_NEGATIVE = "amount-negative"
    CURRENCY_WRONG = "currency-wrong"
    OUTCOME_UNKNOWN = "outcome-unknown"
    REASON_MISSING = "reason-missing"
    # against the claims and the books
    UNKNOWN_CLAIM = "unknown-claim"
    OTHER_BATCH = "other-batch"
    OTHER_BILLER = "other-biller"
    UNKNOWN_BILLER = "unknown-biller"
    CLAIM_TWICE = "claim-twice"
    RESPONSE_TWICE = "response-twice"
    DATE_IN_FUTURE = "date-in-future"
    BEFORE_CLAIM = "before-claim"
    AMOUNT_DIFFERS = "amount-differs"
    AMOUNT_MISSING = "amount-missing"
    CLAIM_CLOSED = "claim-closed"
    ANSWER_ALREADY_RECORDED = "answer-already-recorded"
    PAYMENT_ALREADY_RECORDED = "payment-already-recorded"
    PAYMENT_CONTRADICTED = "payment-contradicted"
    SUM_DIFFERS = "sum-differs"
    OVERPAID = "overpaid"
    NOT_PAID_SO_MUCH = "not-paid-so-much"
    # all or nothing
    OTHER_LINES = "other-lines"


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that says nothing that can be used; ``number`` 0: the file as a whole. ``detail``: a column, a place."""

    number: int
    reasons: tuple[LineCode, ...]
    detail: str | None = None
    claim_id: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer. ``number``: of the line, the header is 1; of a Bundle's entry, from 1. ``amount``: euros accepted.

    ``announced``: euros that the payer says it pays; they are in the books once they are on the account (``payments``).
    """

    number: int
    claim_id: str
    response_id: str
    outcome: ClaimOutcome
    on: date
    amount: Decimal | None = None
    reasons: tuple[RejectionReason, ...] = ()
    announced: Decimal | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """A file of answers. ``digest``: SHA-256 of its bytes; ``kind``: ``csv`` or ``fhir``.

    ``batch_id``: the batch that it answers, when it says so or whoever brings it does.
    """

    name: str
    digest: str
    kind: str
    lines: tuple[AnswerLine, ...] = ()
    unread: tuple[Unread, ...] = ()
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """What a payment pays for one claim; negative: taken back. ``total``: euros of the whole payment.

    ``biller_id``: as the schemes name it, or its identifier, ``system|value``.
    """

    number: int
    payment_id: str
    biller_id: str
    on: date
    total: Decimal
    claim_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A file of payments, as ``AnswerFile``."""

    name: str
    digest: str
    kind: str
    lines: tuple[PaymentLine, ...] = ()
    unread: tuple[Unread, ...] = ()
