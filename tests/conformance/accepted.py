"""The list of warnings and informations that are accepted, each with its reason (``accepted.toml``)."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.sample import Said, Sample, Verdict

FILE = Path(__file__).parent / "accepted.toml"
_KEYS = frozenset({"severity", "message", "where", "reason"})
_SEVERITIES = frozenset({"warning", "information"})


class BadListError(ValueError):
    """The list of accepted messages is not usable; the text says which entry and why."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Messages of one severity whose text (and place) match, and why nothing is done about them."""

    severity: str
    message: re.Pattern[str]
    where: re.Pattern[str]
    reason: str

    def covers(self, sample: Sample, said: Said) -> bool:
        """True when this entry is about the message."""
        return (
            said.severity == self.severity
            and self.message.search(said.text) is not None
            and self.where.search(f"{sample.origin}/{sample.name} {said.expression}") is not None
        )


def load(text: str) -> list[Accepted]:
    """Read the list.

    Raises:
        BadListError: not TOML, an unknown or missing key, another severity, a pattern that does not compile, no reason.
    """
    try:
        entries = tomllib.loads(text).get("accepted", [])
    except tomllib.TOMLDecodeError as broken:
        raise BadListError(f"not TOML: {broken}") from None
    return [_entry(number, entry) for number, entry in enumerate(entries, start=1)]


def _entry(number: int, entry: dict[str, str]) -> Accepted:
    unknown = entry.keys() - _KEYS
    missing = {"severity", "message", "reason"} - {key for key, value in entry.items() if value.strip()}
    if unknown or missing:
        raise BadListError(f"entry {number}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    if entry["severity"] not in _SEVERITIES:
        raise BadListError(f"entry {number}: severity is one of {sorted(_SEVERITIES)}; an error is never accepted")
    try:
        patterns = [re.compile(entry.get(key, "")) for key in ("message", "where")]
    except re.error as broken:
        raise BadListError(f"entry {number}: {broken}") from None
    return Accepted(entry["severity"], patterns[0], patterns[1], entry["reason"])


@dataclass(frozen=True, slots=True)
class Sorted:
    """Messages on clean samples: those to act on, and how many each reason covers."""

    faults: list[tuple[Sample, Said]]
    by_reason: Counter[str]
    unused: list[Accepted]


def sort(verdicts: Iterable[Verdict], accepted: list[Accepted]) -> Sorted:
    """Hold every message against the list; the first entry that covers it counts."""
    faults: list[tuple[Sample, Said]] = []
    used: Counter[int] = Counter()
    for verdict in verdicts:
        for said in verdict.said:
            place = next((n for n, entry in enumerate(accepted) if entry.covers(verdict.sample, said)), None)
            if place is None:
                faults.append((verdict.sample, said))
            else:
                used[place] += 1
    by_reason: Counter[str] = Counter()
    for place, count in used.items():
        by_reason[accepted[place].reason] += count
    return Sorted(faults, by_reason, [entry for place, entry in enumerate(accepted) if place not in used])
