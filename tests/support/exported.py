"""Batches to export, for tests."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from mappings.billing.layout import Layout
from sesame_fhir.exports.billing.batch import ALL, ExportPlan, Format, write_batch
from sesame_fhir.exports.billing.head import BatchHead, head_of
from sesame_fhir.exports.billing.manifest import Manifest
from sesame_fhir.services.billing.fingerprint import line_text
from sesame_fhir.services.billing.records import Batch, BatchLine, BatchStatus, Totals
from tests.support.billed import BATCH_ID, BILLER

BASE = "https://sesame.example/fhir"
BATCH = Batch(
    batch_id=BATCH_ID,
    month="2026-06",
    scheme_id="article-51",
    biller_id=BILLER.biller_id,
    number=1,
    status=BatchStatus.SUBMITTED,
    created_at=datetime(2026, 7, 1, 8, tzinfo=UTC),
    created_by="coord-1",
    frozen_at=datetime(2026, 7, 1, 9, tzinfo=UTC),
    frozen_by="coord-1",
    submitted_at=datetime(2026, 7, 2, 9, tzinfo=UTC),
    submitted_by="coord-2",
)


def head(lines: Iterable[BatchLine], status: BatchStatus = BatchStatus.SUBMITTED, *, example: bool = True) -> BatchHead:
    """What a batch of these lines says of itself."""
    found = [*lines]
    digest = hashlib.sha256("".join(map(line_text, found)).encode()).hexdigest()
    amounts = [(line.terms.amount, line.terms.share) for line in found]
    totals = Totals(len(amounts), sum((a for a, _ in amounts), Decimal(0)), sum((s for _, s in amounts), Decimal(0)))
    batch = replace(BATCH, status=status, digest=digest)
    return head_of(batch, BILLER, totals, ("2026-1",) if example else ())


def written(
    path: Path,
    lines: list[BatchLine],
    *layouts: Layout,
    formats: tuple[Format, ...] = ALL,
    status: BatchStatus = BatchStatus.SUBMITTED,
    part_claims: int = 200,
) -> Manifest:
    """Export lines to a folder."""
    return write_batch(head(lines, status), lines, path, ExportPlan(BASE, formats, layouts, part_claims))
