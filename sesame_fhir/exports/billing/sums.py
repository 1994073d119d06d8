"""Counts and sums of a batch, grown line by line: for the summary and the manifest."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sesame_fhir.domain.billing.money import cents, from_cents
from sesame_fhir.exports.billing.values import Record
from sesame_fhir.services.billing.fingerprint import line_text


@dataclass(slots=True)
class Sum:
    """Lines and cents of one group."""

    lines: int = 0
    cents: int = 0
    share_cents: int = 0

    def add(self, amount: int, share: int) -> None:
        """Count a line."""
        self.lines += 1
        self.cents += amount
        self.share_cents += share

    @property
    def amount(self) -> Decimal:
        """Euros claimed."""
        return from_cents(self.cents)

    @property
    def share(self) -> Decimal:
        """Euros of them due to hosting centres."""
        return from_cents(self.share_cents)


GROUPS: Mapping[str, Callable[[Record], str]] = {
    "site": lambda one: one.terms.site,
    "rank": lambda one: str(one.line.rank),
    "scheme": lambda one: f"{one.terms.scheme_id} {one.terms.scheme_version}",
    "interrupted": lambda one: "true" if one.terms.interrupted else "false",
    "attempt": lambda one: str(one.terms.attempt),
    "tariff": lambda one: f"{one.terms.tariff:.2f}",
    "rule": lambda one: one.terms.rule_version,
}
"""How lines are told apart, in the order of the summary."""


@dataclass(slots=True)
class Sums:
    """Sums of all lines and of each group of each kind; ``examples``: lines whose tariff is an example."""

    total: Sum = field(default_factory=Sum)
    _hashed: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    examples: int = 0
    groups: dict[str, dict[str, Sum]] = field(default_factory=lambda: {name: {} for name in GROUPS})

    def add(self, record: Record) -> None:
        """Count a line."""
        amount, share = cents(record.terms.amount), cents(record.terms.share)
        self.total.add(amount, share)
        self.examples += record.example
        self._hashed.update(line_text(record.line).encode())
        for name, group in GROUPS.items():
            self.groups[name].setdefault(group(record), Sum()).add(amount, share)

    @property
    def digest(self) -> str:
        """SHA-256 of the lines, as a batch is digested when it is frozen."""
        return self._hashed.hexdigest()

    def of(self, name: str) -> list[tuple[str, Sum]]:
        """Groups of one kind, in the order of their names."""
        return sorted(self.groups[name].items(), key=lambda pair: (len(pair[0]) if name == "rank" else 0, pair[0]))
