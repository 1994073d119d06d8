"""A payer's answers as a CSV -> lines of answers."""

from hashlib import sha256

from mappings.billing.incoming.cells import Cells, LineRefused, is_claim_id
from mappings.billing.incoming.table import Row, read_table
from mappings.billing.layout import Layout, shipped
from mappings.billing.vocabulary import NEEDED, Kind
from sesame_fhir.domain.events.billing import ClaimOutcome, RejectionReason
from sesame_fhir.services.billing.incoming import AnswerFile, AnswerLine, LineCode, Unread

NEUTRAL = "neutral-answers"


def read_answers(data: bytes, name: str, *, layout: Layout | None = None, batch_id: str | None = None) -> AnswerFile:
    """Read a CSV of answers; every problem is in ``unread``. ``batch_id``: the batch that whoever brings it names."""
    layout = layout or shipped(NEUTRAL)
    table = read_table(data, layout, NEEDED[Kind.ANSWERS])
    lines: list[AnswerLine] = []
    unread = list(table.unread)
    for row in table.rows:
        try:
            lines.append(_line(row, Cells(row.cells, layout)))
        except LineRefused as refused:
            unread.append(Unread(row.number, (refused.code,), refused.detail, claim_of(row)))
    ordered = tuple(sorted(unread, key=lambda one: one.number))
    return AnswerFile(name, sha256(data).hexdigest(), "csv", tuple(lines), ordered, batch_id or None)


def claim_of(row: Row) -> str | None:
    """The claim that a refused line is about, when it names one."""
    found = row.cells.get("claim-id", "")
    return found if is_claim_id(found) else None


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
