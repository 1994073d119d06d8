"""A payer's answers as a CSV -> lines of answers."""

from hashlib import sha256

from mappings.billing.incoming.cells import Cells, LineRefused
from mappings.billing.incoming.lines import read_lines
from mappings.billing.incoming.table import Row
from mappings.billing.layout import Layout, shipped
from mappings.billing.vocabulary import NEEDED, Kind
from sesame_fhir.domain.events.billing import ClaimOutcome, RejectionReason
from sesame_fhir.services.billing.incoming import AnswerFile, AnswerLine, LineCode

NEUTRAL = "neutral-answers"


def read_answers(data: bytes, name: str, *, layout: Layout | None = None, batch_id: str | None = None) -> AnswerFile:
    """Read a CSV of answers; every problem is in ``unread``. ``batch_id``: the batch that whoever brings it names."""
    layout = layout or shipped(NEUTRAL)
    lines, unread = read_lines(data, layout, NEEDED[Kind.ANSWERS], _line)
    return AnswerFile(name, sha256(data).hexdigest(), "csv", lines, unread, batch_id or None)


def _line(row: Row, cells: Cells) -> AnswerLine:
    return AnswerLine(
        number=row.number,
        claim_id=cells.claim_id(),
        response_id=cells.reference("response-id"),
        outcome=ClaimOutcome(cells.code("outcome", tuple(ClaimOutcome), LineCode.OUTCOME_UNKNOWN)),
        on=cells.day("date"),
        amount=cells.amount("amount"),
        reasons=_reasons(cells),
        batch_id=cells.text("batch-id"),
    )


def _reasons(cells: Cells) -> tuple[RejectionReason, ...]:
    code, words = cells.text("reason-code", 64), cells.text("reason-text")
    if code is None and words is None:
        return ()
    if code is None:
        raise LineRefused(LineCode.REASON_MISSING)
    return (RejectionReason(code, words),)
