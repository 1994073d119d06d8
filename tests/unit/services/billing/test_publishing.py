"""Payments by site and by page: every claim once, nothing written twice, nothing left out after a stop."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from sesame_fhir.domain.billing.claims import Claim, ClaimStatus
from sesame_fhir.domain.events.billing import ClaimPaid
from sesame_fhir.services.billing import publishing
from sesame_fhir.services.billing.publishing import PaymentPublisher, Settlement, publish_payments
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow, Payment
from sesame_fhir.services.records import Origin, ResourceWrite, StoredResource
from tests.support.billed import line
from tests.support.story import COORDINATOR

NOW = datetime(2026, 7, 2, 8, tzinfo=UTC)
PAYMENT = Payment("VIR", "operator", NOW.date(), Decimal("900.00"), NOW, "coord-1", Decimal("900.00"))


def row(number: int, *, terms: bool = True) -> ClaimRow:
    made = line(number)
    paid = ClaimPaid(made.claim_id, PAYMENT.payment_id, Decimal("1.00"), PAYMENT.on)
    claim = Claim(made.claim_id, made.rank, made.terms if terms else None, NOW, COORDINATOR, payments=(paid,))
    return ClaimRow(made.pathway_id, claim, ClaimStatus.PAID, stale=False)


class Claims:
    """A store of claims by pages of two."""

    def __init__(self, rows: Sequence[ClaimRow]) -> None:
        self._rows = sorted(rows, key=lambda one: one.claim.claim_id)

    def claims(self, query: ClaimQuery) -> tuple[ClaimRow, ...]:
        assert query.payment_id == PAYMENT.payment_id
        later = [one for one in self._rows if query.after is None or one.claim.claim_id > query.after]
        return tuple(later[:2])


class Payments:
    """One payment is known."""

    def payment(self, payment_id: str) -> Payment | None:
        return PAYMENT if payment_id == PAYMENT.payment_id else None


class Stores:
    """What publishing reads."""

    def __init__(self, rows: Sequence[ClaimRow]) -> None:
        self.claims, self.payments = Claims(rows), Payments()


class Resources:
    """What was written; ``stops_after``: so many writes, then it fails."""

    def __init__(self, stops_after: int | None = None) -> None:
        self.written: dict[str, Settlement] = {}
        self.writes = 0
        self.stops_after = stops_after

    def read(self, _kind: str, number: str) -> StoredResource | None:
        return cast("StoredResource | None", self.written.get(number))

    def update(self, write: ResourceWrite, _now: datetime) -> None:
        if self.writes == self.stops_after:
            raise OSError
        self.writes += 1
        self.written[write.resource_id] = cast("Any", write.body)


def publisher(resources: Resources) -> PaymentPublisher:
    def build(one: Settlement) -> ResourceWrite:
        body = cast("Any", one)
        return ResourceWrite("PaymentReconciliation", f"{one.site}-{one.page}", body, (), one.site, Origin.BILLING)

    return PaymentPublisher(cast("Any", resources), build, lambda stored, write: cast("Any", stored) == write.body)


def publish(resources: Resources, rows: Sequence[ClaimRow], *ids: str) -> int:
    return publish_payments(publisher(resources), cast("Any", Stores(rows)), ids or (PAYMENT.payment_id,), NOW)


def test_every_claim_is_on_one_page_of_its_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "MOST", 2)
    rows, resources = [row(number) for number in range(1, 12)], Resources()
    assert publish(resources, [*rows, row(12, terms=False)]) == len(resources.written)
    shown = [(one.site, r.claim.claim_id) for one in resources.written.values() for r in one.rows]
    told = [(r.claim.terms.site, r.claim.claim_id) for r in rows if r.claim.terms]
    assert sorted(shown) == sorted(told)
    assert max(len(one.rows) for one in resources.written.values()) == 2


def test_what_is_published_is_not_written_again() -> None:
    rows, resources = [row(number) for number in range(1, 7)], Resources()
    assert publish(resources, rows) == 3
    assert publish(resources, rows) == 0
    assert publish(resources, [*rows, row(7)]) == 1
    assert resources.writes == 4


def test_a_stop_leaves_nothing_out() -> None:
    rows, resources = [row(number) for number in range(1, 7)], Resources(stops_after=1)
    with pytest.raises(OSError):  # noqa: PT011  whatever stops the store
        publish(resources, rows)
    resources.stops_after = None
    assert publish(resources, rows) == 2
    assert set(resources.written) == {f"site-{number}-1" for number in range(3)}


def test_an_unknown_payment_and_no_publisher_publish_nothing() -> None:
    resources = Resources()
    assert publish(resources, [row(1)], "unknown") == 0
    assert publish_payments(None, cast("Any", Stores([row(1)])), (PAYMENT.payment_id,), NOW) == 0
    assert resources.written == {}
