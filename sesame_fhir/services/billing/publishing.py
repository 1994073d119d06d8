"""Publishing a payment of the payer: what it settled, as resources that coordinators and other systems read.

A payment concerns many patients and sites, so no pathway publishes it. It is published by site: who reads one site's
claims sees that site's part, and no other. Called after each reconciliation, ``publish_payment`` writes again what has
changed and nothing else: it may be killed and run again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.ports import ClaimStore
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


def publish_payment(publisher: PaymentPublisher, claims: ClaimStore, payment: Payment, now: datetime) -> int:
    """Publish what a payment has settled so far, for all sites; returns how many resources were written.

    ``reconcile`` calls it once what was to be matched is matched (``Billing.payments``).
    """
    return sum(publisher.publish(one, now) for one in settlements(claims, payment))


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
