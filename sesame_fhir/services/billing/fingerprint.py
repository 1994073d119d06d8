"""One pass over the lines that a batch claims: their sites, their sums, and one SHA-256 that stands for all of them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.records import BatchLine, Totals
from sesame_fhir.services.billing.setting import Billing


@dataclass(slots=True)
class Read:
    """What one pass over the lines to claim gives: which sites, the totals, the digest."""

    sites: set[SiteId] = field(default_factory=set)
    _lines: int = 0
    _amount: Decimal = ZERO
    _share: Decimal = ZERO
    _hashed: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def add(self, line: BatchLine) -> None:
        """Take the next line into account."""
        self.sites.add(line.terms.site)
        self._lines += 1
        self._amount += line.terms.amount
        self._share += line.terms.share
        self._hashed.update(line_text(line).encode())

    @property
    def totals(self) -> Totals:
        """Lines and sums."""
        return Totals(self._lines, self._amount, self._share)

    @property
    def digest(self) -> str:
        """SHA-256 of the lines in their order."""
        return self._hashed.hexdigest()


def read_through(billing: Billing, batch_id: str) -> Read:
    """Read the lines that will be claimed, page by page."""
    read = Read()
    for line in billing.stores.batches.lines(batch_id, held=False):
        read.add(line)
    return read


def line_text(line: BatchLine) -> str:
    """A line as it is digested: which claim, of what, decided by what, for how much. One line of text."""
    return f"{'|'.join(_parts(line))}\n"


def _parts(line: BatchLine) -> Iterator[str]:
    terms = line.terms
    yield from (line.claim_id, terms.replaces or "", terms.site, terms.scheme_id, terms.scheme_version)
    yield from (terms.biller.biller_id, terms.start.isoformat(), terms.end.isoformat(), str(terms.interrupted))
    yield from (f"{terms.tariff:.2f}", f"{terms.amount:.2f}", f"{terms.share:.2f}", terms.rule_version, terms.digest)
