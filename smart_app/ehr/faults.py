"""What an EHR's refusal means for an item on its way to the record: one table, from the client's codes to a remedy."""

from dataclasses import dataclass
from enum import StrEnum

from sesame_fhir.services.delivery import DeliveryError
from smart_app.ehr.client import EhrCode, EhrError


class Remedy(StrEnum):
    """What to do about a fault: try again later, write in another form, or wait for the GP to launch the app."""

    RETRY = "retry"
    DEGRADE = "degrade"
    LAUNCH = "launch"


class RecordFault(Exception):  # noqa: N818  it carries a fault of the record, it is not one of ours
    """The record did not take a write. ``retry_after`` is the EHR's own wish, in seconds."""

    def __init__(self, code: DeliveryError, remedy: Remedy = Remedy.RETRY, retry_after: int | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.remedy = remedy
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class _Rule:
    code: DeliveryError
    remedy: Remedy


FAULTS: dict[EhrCode, _Rule] = {
    EhrCode.UNAUTHORIZED: _Rule(DeliveryError.TOKEN_REFUSED, Remedy.LAUNCH),
    EhrCode.FORBIDDEN: _Rule(DeliveryError.FORBIDDEN, Remedy.DEGRADE),
    EhrCode.NOT_FOUND: _Rule(DeliveryError.TYPE_NOT_SUPPORTED, Remedy.DEGRADE),
    EhrCode.NOT_SUPPORTED: _Rule(DeliveryError.TYPE_NOT_SUPPORTED, Remedy.DEGRADE),
    EhrCode.INVALID: _Rule(DeliveryError.REFUSED_BY_RECORD, Remedy.DEGRADE),
    EhrCode.UNPROCESSABLE: _Rule(DeliveryError.REFUSED_BY_RECORD, Remedy.DEGRADE),
    EhrCode.CONFLICT: _Rule(DeliveryError.CONFLICT, Remedy.RETRY),
    EhrCode.PRECONDITION: _Rule(DeliveryError.CONFLICT, Remedy.RETRY),
    EhrCode.THROTTLED: _Rule(DeliveryError.THROTTLED, Remedy.RETRY),
    EhrCode.SERVER_ERROR: _Rule(DeliveryError.RECORD_FAILED, Remedy.RETRY),
    EhrCode.TIMEOUT: _Rule(DeliveryError.RECORD_UNREACHABLE, Remedy.RETRY),
    EhrCode.UNREACHABLE: _Rule(DeliveryError.RECORD_UNREACHABLE, Remedy.RETRY),
    EhrCode.NOT_FHIR: _Rule(DeliveryError.NOT_FHIR, Remedy.RETRY),
    EhrCode.FOREIGN_URL: _Rule(DeliveryError.NOT_FHIR, Remedy.RETRY),
}
"""A missing patient is told from a missing endpoint before this table is asked (see ``upsert``)."""


def record_fault(error: EhrError) -> RecordFault:
    """Translate a failed call."""
    rule = FAULTS[error.code]
    return RecordFault(rule.code, rule.remedy, error.retry_after)
