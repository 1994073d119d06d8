"""The list of what is accepted, each with its reason (``accepted.toml``): messages, and differences of verdict."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.sample import Said, Sample, Verdict

FILE = Path(__file__).parent / "accepted.toml"
_SEVERITIES = frozenset({"warning", "information"})
_NEEDED = {"accepted": frozenset({"severity", "message", "reason"}), "difference": frozenset({"message", "reason"})}


class BadListError(ValueError):
    """The list is not usable; the text says which entry and why."""


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


@dataclass(frozen=True, slots=True)
class Lists:
    """``accepted`` of clean resources; ``differences``: errors of the reference validator that are none of ours."""

    accepted: list[Accepted]
    differences: list[Accepted]


def load(text: str) -> Lists:
    """Read the list.

    Raises:
        BadListError: not TOML, an unknown or missing key, another severity, a pattern that does not compile, no reason.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise BadListError(f"not TOML: {broken}") from None
    if unknown := tables.keys() - _NEEDED.keys():
        raise BadListError(f"unknown tables {sorted(unknown)}")
    read = {
        kind: [_entry(kind, number, entry) for number, entry in enumerate(tables.get(kind, []), start=1)]
        for kind in _NEEDED
    }
    return Lists(read["accepted"], read["difference"])


def _entry(kind: str, number: int, entry: Mapping[str, str]) -> Accepted:
    needed = _NEEDED[kind]
    unknown = entry.keys() - needed - {"where"}
    missing = needed - {key for key, value in entry.items() if value.strip()}
    if unknown or missing:
        raise BadListError(f"{kind} {number}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    severity = entry.get("severity", "error")
    if kind == "accepted" and severity not in _SEVERITIES:
        raise BadListError(f"{kind} {number}: severity is one of {sorted(_SEVERITIES)}; an error is never accepted")
    try:
        patterns = [re.compile(entry.get(key, "")) for key in ("message", "where")]
    except re.error as broken:
        raise BadListError(f"{kind} {number}: {broken}") from None
    return Accepted(severity, patterns[0], patterns[1], entry["reason"])


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
