"""The programme's totals, worked out again from the events alone: no rule, no amount and no sum of the product is used.

Plain integers of cents, fractions for what is pro rata, one pass over each patient's life as it was recorded on each
billing day. Whatever the product computes another way must come to the same cents.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.programme.payer import rejects

_PARIS = ZoneInfo("Europe/Paris")


@dataclass(slots=True)
class Books:
    """Cents and counts by month of posting; ``share`` by month and site; ``live`` what stands at the end."""

    claimed: Counter[str] = field(default_factory=Counter)
    claims: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    cancelled: Counter[str] = field(default_factory=Counter)
    share: Counter[tuple[str, str]] = field(default_factory=Counter)
    live: dict[tuple[str, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as plain values."""

    kind: str
    seen: date
    happened: date
    values: Mapping[str, Any]


def told(kind: str, recorded_at: datetime, occurred_at: datetime, values: Mapping[str, Any]) -> Told:
    """An event with its days in Paris."""
    return Told(kind, recorded_at.astimezone(_PARIS).date(), occurred_at.astimezone(_PARIS).date(), values)


def books(lives: Mapping[str, list[Told]], scheme: Mapping[str, Any], months: Iterable[tuple[str, date]]) -> Books:
    """Bill every month; ``months``: name and billing day, in order. ``scheme``: the scheme file as plain values."""
    found = Books()
    attempts: Counter[tuple[str, int]] = Counter()
    for month, on in months:
        ended = _last_day(month)
        for pathway, life in lives.items():
            for rank, (cents, share, site, end) in _worth(life, scheme, on).items():
                key, held = (pathway, rank), found.live.get((pathway, rank))
                if held is not None:
                    if held == cents:
                        continue
                    found.cancelled[month] += held
                    found.share[month, site] -= _round(Fraction(held) * _percent(scheme) / 100)
                    del found.live[key]
                if not cents or end > ended or (on - end).days > scheme["late_days"]:
                    continue
                attempts[key] += 1
                found.claims[month] += 1
                found.claimed[month] += cents
                found.share[month, site] += share
                number = f"{pathway}-claim-{rank}" + (f"-{attempts[key]}" if attempts[key] > 1 else "")
                if rejects(number):
                    found.rejected[month] += cents
                    found.share[month, site] -= share
                else:
                    found.live[key] = cents
    return found


def _last_day(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)


def _worth(life: list[Told], scheme: Mapping[str, Any], on: date) -> dict[int, tuple[int, int, str, date]]:
    """Rank -> cents, share, site and last day of each finished sequence, as it was known on that day."""
    known = [one for one in life if one.seen < on]
    starts = {one.values["rank"]: one.values for one in known if one.kind == "SequenceStarted"}
    site, worth = "", dict[int, tuple[int, int, str, date]]()
    contacts = _contacts(known)
    ins = any(one.kind == "PatientIdentified" and one.values["traits"]["ins"] for one in known)
    for one in known:
        if one.kind == "Site":
            site = one.values["site"]
        if one.kind == "SequenceFinished":
            rank, end = one.values["rank"], date.fromisoformat(one.values["end"])
            begun = date.fromisoformat(starts[rank]["start"])
            planned = date.fromisoformat(starts[rank]["planned_end"])
            held = sum(begun <= day <= end for day in contacts)
            good = ins and _agreed(known, end)
            least = scheme["minimum_contacts_interrupted" if end < planned else "minimum_contacts"]
            cents = _cents(scheme, rank, begun, end, planned) if good and held >= least else 0
            worth[rank] = cents, _round(Fraction(cents) * _percent(scheme) / 100), site, end
    return worth


def _contacts(known: list[Told]) -> list[date]:
    """Days of the contacts that count: coordination without the patient does not."""
    task: dict[str, str] = {}
    day: dict[str, date] = {}
    for one in known:
        if one.kind in {"ContactHeld", "ContactCorrected"}:
            task[one.values["contact_id"]] = one.values["task"]
        if one.kind == "ContactHeld":
            day[one.values["contact_id"]] = one.happened
    return [day[contact] for contact in day if task[contact] != "coordination"]


def _agreed(known: list[Told], end: date) -> bool:
    """Both consents stood at some moment of the sequence's last day: taken back on that day, they stood before."""
    stood = {"care-team": "", "evaluation": ""}
    wanted = {"care-team": "given", "evaluation": "informed"}
    on_the_day: set[str] = set()
    for one in known:
        if one.kind == "ConsentRecorded":
            purpose, status = one.values["purpose"], one.values["status"]
            if one.happened < end:
                stood[purpose] = status
            if one.happened == end and status == wanted.get(purpose):
                on_the_day.add(purpose)
    return all(purpose in on_the_day or stood[purpose] == status for purpose, status in wanted.items())


def _cents(scheme: Mapping[str, Any], rank: int, begun: date, end: date, planned: date) -> int:
    for tariff in scheme["tariff"]:
        since, until = tariff.get("start", scheme["start"]), tariff.get("end")
        if tariff["rank"] == rank and since <= begun and (until is None or begun <= until):
            whole = Fraction(tariff["amount"]) * 100
            days, of = (end - begun).days + 1, (planned - begun).days + 1
            return _round(whole if end == planned else whole * days / of)
    return 0


def _percent(scheme: Mapping[str, Any]) -> Fraction:
    return Fraction(scheme["share_percent"])


def _round(cents: Fraction) -> int:
    """Half a cent goes up."""
    return int(cents + Fraction(1, 2))
