"""What waits for the coordinator: rejections to bill again, corrections after billing, claims unpaid for long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.services.billing.open_items import claims_of, open_items
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow
from smart_app.team.billing.desk import Desk

LONG = timedelta(days=60)
"""A claim without an answer, or accepted without its payment, for longer than this is worth a question to the payer."""

MOST = 100
"""Claims of one list on a page."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of each; ``MOST`` stands for that many or more."""

    rejected: int
    changed: int
    unpaid: int

    @property
    def any(self) -> bool:
        """True when something waits."""
        return bool(self.rejected or self.changed or self.unpaid)


def waiting(desk: Desk) -> Waiting:
    """What waits at the coordinator's sites."""
    sites = desk.who.sites
    rejected = ClaimQuery(sites=sites, statuses=frozenset({ClaimStatus.REJECTED}), superseded=False, limit=MOST)
    changed = ClaimQuery(sites=sites, stale=True, limit=MOST)
    store = desk.billing.stores.claims
    unpaid = sum(1 for _ in islice(open_items(desk.billing, desk.who, LONG.days), MOST))
    return Waiting(len(store.claims(rejected)), len(store.claims(changed)), min(MOST, unpaid + len(unanswered(desk))))


def unanswered(desk: Desk) -> tuple[ClaimRow, ...]:
    """Claims without an answer for long, at most ``MOST`` of them."""
    return tuple(islice(_silent(desk), MOST))


def _silent(desk: Desk) -> Iterator[ClaimRow]:
    before = desk.today - LONG
    query = ClaimQuery(sites=desk.who.sites, statuses=frozenset({ClaimStatus.SUBMITTED}), limit=_PAGE)
    return (row for row in claims_of(desk.billing, query) if row.claim.billed_on < before)
