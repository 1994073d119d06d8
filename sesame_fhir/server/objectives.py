"""The objectives of the settings, checked: what a JSON Schema cannot say of two days."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.objectives import Objective


def read_objectives(described: Sequence[Mapping[str, Any]]) -> tuple[tuple[Objective, ...], list[str]]:
    """The objectives, and what is wrong with them, one line each; ``described`` has passed the schema."""
    problems = [
        f"objectives.{place}.{problem}" for place, one in enumerate(described) if (problem := _problem(one)) is not None
    ]
    return ((), problems) if problems else (tuple(map(_objective, described)), [])


def _problem(one: Mapping[str, Any]) -> str | None:
    for name in ("start", "end"):
        try:
            date.fromisoformat(one[name])
        except ValueError:
            return f"{name}: {one[name]} is not a day of the calendar"
    return "end: the last day is before the first one" if one["end"] < one["start"] else None


def _objective(one: Mapping[str, Any]) -> Objective:
    return Objective(
        start=date.fromisoformat(one["start"]),
        end=date.fromisoformat(one["end"]),
        patients=one["patients"],
        sequences=one["sequences"],
        site=SiteId(one["site"]) if "site" in one else None,
        adults=one.get("adults"),
    )
