"""In which lists a caseload row stands, and by what it is sorted there.

A list is everything at one site and in one bucket that has one thing in common: a nurse, a state, a raised flag. Each
list has a number, each row one entry per list, and each sort an index that begins with the list: a page of any list in
any order is the next few entries of an index, however long the list is.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sesame_fhir.services.caseload import CaseloadRow, CaseloadSort, RowFlag
from sesame_fhir.storage.instants import END, to_micros

ALWAYS, NEVER = 0, 4_000_000
"""Days (proleptic ordinals) before and after every day: an entry without a flag stands from the one to the other."""

_NO_CHANGE = 1_000_000
_LISTING_BYTES = 8


@dataclass(frozen=True, slots=True)
class SortColumn:
    """A column of ``caseload_entry``; rows without a value hold ``missing`` (None: every row has a value)."""

    name: str
    missing: int | None


SORT_COLUMNS: dict[CaseloadSort, SortColumn] = {
    CaseloadSort.ATTENTION: SortColumn("attention", NEVER),
    CaseloadSort.NEXT_CONTACT: SortColumn("next_contact", END),
    CaseloadSort.NAME: SortColumn("name", None),
    CaseloadSort.STARTED: SortColumn("started", NEVER),
    CaseloadSort.SEQUENCE_END: SortColumn("sequence_end", NEVER),
    CaseloadSort.CHANGE: SortColumn("change", _NO_CHANGE),
    CaseloadSort.REFERRED: SortColumn("referred", END),
    CaseloadSort.UPDATED: SortColumn("updated", None),
}
"""Every sort but by site: within a list, all rows are of one site."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One list that a row stands in; ``rule`` names the flag, which is raised from ``since`` to ``until``."""

    listing: int
    since: int = ALWAYS
    until: int = NEVER
    rule: str | None = None


@lru_cache(maxsize=65_536)
def listing(kind: str, value: str, site: str, bucket: str) -> int:
    """Return the number of a list: 63 bits of a hash, the same in every database and process.

    Args:
        kind: ``all``, ``state``, ``nurse``, ``referrer``, ``reviewer``, ``discussed`` or ``flag``.
        value: which one; "" where the kind says it all.
        site: the rows' site.
        bucket: the rows' bucket.
    """
    named = f"{kind}\0{value}\0{site}\0{bucket}".encode()
    return int.from_bytes(hashlib.blake2b(named, digest_size=_LISTING_BYTES).digest(), "big") >> 1


def entries_of(row: CaseloadRow) -> frozenset[Entry]:
    """Every list that the row stands in.

    A case marked for discussion is in that list and not in its psychiatrist's: a psychiatrist's cases are both lists
    together, each case once.
    """
    named = {
        "all": "",
        "state": row.state.value,
        "nurse": row.nurse_id,
        "referrer": row.referrer_id,
        "discussed": "" if row.discuss else None,
        "reviewer": None if row.discuss else row.psychiatrist_id,
    }
    plain = (
        Entry(listing(kind, value, row.site, row.bucket.value)) for kind, value in named.items() if value is not None
    )
    raised = (
        Entry(listing("flag", rule, row.site, row.bucket.value), since, until, rule)
        for rule, since, until in _stretches(row.flags)
    )
    return frozenset((*plain, *raised))


def sort_values(row: CaseloadRow) -> tuple[int | str, ...]:
    """The row's values for ``SORT_COLUMNS``, in their order."""
    return (
        _day(row.attention_on),
        _instant(row.next_contact_at),
        row.sort_name,
        _day(row.started_on),
        _day(row.sequence_end),
        _NO_CHANGE if row.phq9_change is None else row.phq9_change,
        _instant(row.referred_at),
        to_micros(row.updated_at),
    )


def _stretches(flags: Sequence[RowFlag]) -> Iterator[tuple[str, int, int]]:
    """Stretches of days on which each rule's flag is raised; those that touch are one, so that no day has two."""
    rule, since, until = "", ALWAYS, ALWAYS
    for flag in sorted(flags, key=lambda one: (one.rule, one.since)):
        begin, end = flag.since.toordinal(), _day(flag.until)
        if flag.rule == rule and begin <= until + 1:
            until = max(until, end)
            continue
        if rule:
            yield rule, since, until
        rule, since, until = flag.rule, begin, end
    if rule:
        yield rule, since, until


def _day(on: date | None) -> int:
    return NEVER if on is None else on.toordinal()


def _instant(at: datetime | None) -> int:
    return END if at is None else to_micros(at)
