"""Publishing a payment of the payer: what it settled, as resources that coordinators and other systems read.

A payment concerns many patients and sites, so no pathway publishes it. It is published by site: who reads one site's
claims sees that site's part, and no other. Called after each reconciliation, ``publish_payments`` writes what is new
or has changed and nothing else: it may be killed and run again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.ports import ClaimStore, Stores
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow, Payment
from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.records import ResourceWrite, StoredResource

MOST = 500
"""Claims of one resource at most: a body stays readable whatever is paid at once."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a payment settled at one site: claims by id, ``MOST`` at most; ``page`` counts from 1."""

    payment: Payment
    site: SiteId
    page: int
    rows: Sequence[ClaimRow]


@dataclass(frozen=True, slots=True)
class PaymentPublisher:
    """``build`` makes the resource of a settlement, ``same`` tells whether the published one says as much already."""

    resources: ResourceStore
    build: Callable[[Settlement], ResourceWrite]
    same: Callable[[StoredResource, ResourceWrite], bool]

    def publish(self, settlement: Settlement, now: datetime) -> bool:
        """Write one resource; False when it was published as it is."""
        write = self.build(settlement)
        current = self.resources.read(write.resource_type, write.resource_id)
        if current is not None and self.same(current, write):
            return False
        self.resources.update(write, now)
        return True


def publish_payments(
    publisher: PaymentPublisher | None, stores: Stores, payment_ids: Iterable[str], now: datetime
) -> int:
    """Publish what these payments have settled so far, at all sites; returns how many resources were written.

    ``reconcile`` calls it with every payment of its file, those known already too: what an earlier run left out, or
    what changed since, is made good. ``publisher`` None: this process publishes nothing.
    """
    if publisher is None:
        return 0
    found = (stores.payments.payment(payment_id) for payment_id in payment_ids)
    parts = (part for payment in found if payment is not None for part in settlements(stores.claims, payment))
    return sum(publisher.publish(part, now) for part in parts)


def settlements(claims: ClaimStore, payment: Payment) -> Iterator[Settlement]:
    """The claims of a payment by site, in their order."""
    by_site: dict[SiteId, list[ClaimRow]] = {}
    for row in _rows(claims, ClaimQuery(payment_id=payment.payment_id)):
        if row.claim.terms is not None:
            by_site.setdefault(row.claim.terms.site, []).append(row)
    for site in sorted(by_site):
        rows = by_site[site]
        for page, start in enumerate(range(0, len(rows), MOST), start=1):
            yield Settlement(payment, site, page, rows[start : start + MOST])


def _rows(claims: ClaimStore, query: ClaimQuery) -> Iterator[ClaimRow]:
    while page := claims.claims(query):
        yield from page
        query = replace(query, after=page[-1].claim.claim_id)
