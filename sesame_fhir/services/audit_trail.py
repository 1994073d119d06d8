"""Asking the audit log: tests on what an entry holds, pages of it by position in the chain."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.ports import AuditLog
from sesame_fhir.services.records import AuditEntry

Held = Literal["entry_id", "actor_id", "role", "action", "outcome", "patient", "detail", "site"]
"""What an entry is tested by: its fields, and ``entry_id``, its position in the chain."""

MAX_WALK = 10_000
"""Most entries looked at for one page: what has no index may be rare, and the log is long."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field is one of the values; ``negated``: it is none of them, or empty."""

    held: Held
    values: tuple[str | int, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """``extra`` says this of ``key``; ``negated``: it does not."""

    key: str
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """``low <= at < high``, None: open; ``negated``: outside."""

    low: datetime | None
    high: datetime | None
    negated: bool = False


_MAX_DIGITS = 18


def read_position(text: str) -> int | None:
    """The position that an id or a cursor stands for; None for what is none as we write it."""
    written = text.isascii() and text.isdigit() and not text.startswith("0") and len(text) <= _MAX_DIGITS
    return int(text) if written else None


Test = OneOf | Names | Between
AuditClause = tuple[tuple[Test, ...], ...]
"""One of the alternatives holds: all of its tests. Without an alternative nothing is found."""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """All clauses hold. ``after`` is the last position of an earlier page, ``sites`` the limit of who asks, if any.

    ``counted``: how many there are is wanted too; ``walk`` bounds the entries that are looked at for it, or for a page.
    """

    clauses: tuple[AuditClause, ...] = ()
    count: int = 20
    oldest_first: bool = False
    after: int | None = None
    sites: frozenset[SiteId] | None = None
    counted: bool = False
    walk: int = MAX_WALK


@dataclass(frozen=True, slots=True)
class Positioned:
    """An entry with its position in the chain, from 1."""

    position: int
    entry: AuditEntry


@dataclass(frozen=True, slots=True)
class AuditPage:
    """``next_after`` is None on the last page; a page may hold less than was asked for, even nothing, and go on.

    ``total`` is None when it was not wanted, or is more than what is walked for it.
    """

    entries: tuple[Positioned, ...]
    next_after: int | None = None
    total: int | None = None


class AuditTrail(AuditLog, Protocol):
    """The log, for whoever may read it."""

    def entry(self, position: int, sites: Collection[SiteId] | None = None) -> AuditEntry | None:
        """The entry at a position; None when there is none, or it is of another site."""
        ...

    def find(self, query: AuditQuery) -> AuditPage:
        """One page, by time and position; what was recorded before the call is in it.

        Raises:
            InvalidCursor: no entry is at ``query.after``.
        """
        ...
