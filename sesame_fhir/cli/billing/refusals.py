"""What the rules of billing refuse, on the command line: the code, what it is about, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.fhir.reason_texts import REASON_TEXTS

WHAT_TO_DO: dict[ReasonCode, str] = {
    ReasonCode.NO_SUCH_CLAIM: "no such claim; check the id",
    ReasonCode.CLAIM_CLOSED: "the claim was rejected or cancelled; bill the sequence again in a later batch",
    ReasonCode.AMOUNT_DIFFERS: "the amount is not the one that was claimed; check the file with who sent it",
    ReasonCode.PAYMENT_ALREADY_RECORDED: "this payment is recorded with other values; check its reference",
    ReasonCode.ANSWER_ALREADY_RECORDED: "this answer is recorded with other values; check its reference",
    ReasonCode.BATCH_NOT_OPEN: "the batch is no draft any more; reopen it before you change it",
    ReasonCode.BATCH_SUBMITTED: "its claims are being made or are made; cancel those that are wrong one by one",
    ReasonCode.OTHER_DRAFT_OPEN: "this draft of the same month, scheme and biller is open; freeze or drop it first",
    ReasonCode.BATCH_NOT_FROZEN: "freeze the batch first",
    ReasonCode.BATCH_NOT_APPROVED: "the batch must be frozen and approved first",
    ReasonCode.BATCH_EMPTY: "the batch has no line to claim; prepare the month again",
    ReasonCode.LINE_DOES_NOT_FIT: "correct the value at its source, or change the layout",
    ReasonCode.BATCH_CHANGED: "facts changed since the batch was prepared; reopen, prepare and freeze it again",
    ReasonCode.NO_SUCH_BATCH: "no such batch; check the id",
    ReasonCode.SECOND_PERSON_REQUIRED: "another coordinator than the one who froze it must approve",
    ReasonCode.SCHEME_IN_USE: "claims or a frozen batch use this version; add another version with its own start",
    ReasonCode.SEQUENCE_ALREADY_BILLED: "the sequence has been claimed already",
    ReasonCode.SEQUENCE_NOT_FINISHED: "the sequence still runs",
    ReasonCode.DATE_IN_FUTURE: "the day is to come; give one that has been",
    ReasonCode.BEFORE_CLAIM: "the day is before the claim was made; check it with who sent it",
    ReasonCode.VALUE_OUT_OF_RANGE: "above 0, and never more than is owed",
    ReasonCode.REASON_REQUIRED: "say why",
    ReasonCode.TEXT_TOO_LONG: "the text is too long; shorten it",
    ReasonCode.ROLE_NOT_ALLOWED: "this account's role may not do this; ask a coordinator",
    ReasonCode.OUT_OF_SCOPE: "the account does not work at this site; ask who does, or an administrator",
}
"""English, as the rest of the command line; a code that is not here is told by its French text."""


def told(reason: Reason) -> str:
    """One reason: its code, its detail if it has one, what to do."""
    about = f" ({reason.detail})" if reason.detail else ""
    return f"{reason.code}{about}: {WHAT_TO_DO.get(reason.code, REASON_TEXTS[reason.code])}"


@contextmanager
def explained() -> Iterator[None]:
    """Turn a refusal into one line and exit code 1."""
    try:
        yield
    except Refused as refused:
        raise click.ClickException("; ".join(told(reason) for reason in refused.reasons)) from refused
