"""What each word of a layout's vocabulary is for a line of a batch (``mappings.billing.vocabulary``)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sesame_fhir.domain.events.billing import ClaimTerms, CoverageRecorded, EvidenceKind
from sesame_fhir.domain.identifiers import Ins
from sesame_fhir.exports.billing.head import BatchHead
from sesame_fhir.services.billing.records import BatchLine

_NOT_KNOWN = CoverageRecorded()
Value = str | int | bool | date | Decimal | None


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a batch with its number, from 1; ``example``: its tariff is one, never real money."""

    number: int
    line: BatchLine
    example: bool = False

    @property
    def terms(self) -> ClaimTerms:
        """What is claimed."""
        return self.line.terms

    @property
    def coverage(self) -> CoverageRecorded:
        """The patient's insurance; nothing is known of it when none was recorded."""
        return self.line.terms.coverage or _NOT_KNOWN


def _of_ins(part: Callable[[Ins], str]) -> Callable[[Record], Value]:
    def value(record: Record) -> Value:
        ins = record.terms.beneficiary.ins
        return None if ins is None else part(ins)

    return value


OF_BATCH: Mapping[str, Callable[[BatchHead], Value]] = {
    "batch-id": lambda head: head.batch.batch_id,
    "month": lambda head: date.fromisoformat(f"{head.batch.month}-01"),
    "scheme-id": lambda head: head.batch.scheme_id,
    "biller-id": lambda head: head.biller.biller_id,
    "biller-name": lambda head: head.biller.name,
    "biller-identifier": lambda head: head.biller.value,
    "line-count": lambda head: head.totals.lines,
    "sum-amount": lambda head: head.totals.amount,
    "sum-share": lambda head: head.totals.share,
    "digest": lambda head: head.batch.digest,
    "dated": lambda head: head.day,
    "preview": lambda head: head.preview,
}

OF_LINE: Mapping[str, Callable[[Record], Value]] = {
    "line-number": lambda one: one.number,
    "claim-id": lambda one: one.line.claim_id,
    "attempt": lambda one: one.terms.attempt,
    "replaces": lambda one: one.terms.replaces,
    "pathway-id": lambda one: one.line.pathway_id,
    "rank": lambda one: one.line.rank,
    "start": lambda one: one.terms.start,
    "planned-end": lambda one: one.terms.planned_end,
    "end": lambda one: one.terms.end,
    "interrupted": lambda one: one.terms.interrupted,
    "days": lambda one: (one.terms.end - one.terms.start).days + 1,
    "planned-days": lambda one: (one.terms.planned_end - one.terms.start).days + 1,
    "contacts": lambda one: sum(1 for proof in one.terms.evidence if proof.kind is EvidenceKind.CONTACT),
    "tariff": lambda one: one.terms.tariff,
    "amount": lambda one: one.terms.amount,
    "share": lambda one: one.terms.share,
    "scheme-version": lambda one: one.terms.scheme_version,
    "rule-version": lambda one: one.terms.rule_version,
    "reasons": lambda one: " ".join(one.terms.reasons),
    "facts-digest": lambda one: one.terms.digest,
    "example": lambda one: one.example,
    "site": lambda one: one.terms.site,
    "ins": _of_ins(lambda ins: ins.value),
    "ins-matricule": _of_ins(lambda ins: ins.nir),
    "ins-nature": _of_ins(lambda ins: ins.nature.value),
    "family": lambda one: one.terms.beneficiary.family,
    "given": lambda one: one.terms.beneficiary.given,
    "birth-date": lambda one: one.terms.beneficiary.birth_date,
    "sex": lambda one: one.terms.beneficiary.sex.value,
    "regime": lambda one: one.coverage.regime,
    "fund": lambda one: one.coverage.fund,
    "centre": lambda one: one.coverage.centre,
    "full": lambda one: one.coverage.full,
}
