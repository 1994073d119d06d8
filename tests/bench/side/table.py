"""The figures of one run side by side, as JSON for machines and as Markdown for people."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.side.measuring import FLASK, HAPI, OURS, Measured
from tests.bench.side.rounds import Result
from tests.bench.side.scenarios import SCENARIOS

_AIMS = {scenario.name: scenario.aim for scenario in SCENARIOS}
_HEAD = """
| {} | connections | ours/s | p99, ms | CPU, µs | HAPI/s | p99, ms | CPU, µs | ratio (aim) | CPU ratio |
|---|---|---|---|---|---|---|---|---|---|"""


@dataclass(slots=True)
class Report:
    """What has been measured so far; written after each part, so that a run that is stopped leaves what it has."""

    path: Path
    settings: Mapping[str, Any]
    parts: list[Measured] = field(default_factory=list)

    def add(self, found: Measured | Sequence[Measured]) -> None:
        """Keep a part."""
        self.parts += [found] if isinstance(found, Measured) else found
        machine = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
        document = {"machine": machine, "settings": dict(self.settings), "parts": [asdict(one) for one in self.parts]}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def text(self) -> str:
        """Every table."""
        alone = [part for part in self.parts if part.title.startswith("ours alone")]
        lines = [line for part in self.parts if part not in alone for line in _side(part)]
        return "\n".join([*lines, *(_sizes(alone[0], alone[1]) if len(alone) > 1 else [])])


def _side(part: Measured) -> list[str]:
    lines = [_HEAD.format(part.title)]
    for one in part.results:
        beside = [r for r in part.results if (r.scenario, r.connections) == (one.scenario, one.connections)]
        if one.contender != OURS:
            continue
        theirs = next((r for r in beside if r.contender == HAPI), None)
        aim = _AIMS[one.scenario]
        ratio = "" if theirs is None else f"**{one.ratio_to(theirs):.1f}**{'' if aim is None else f' ({aim:g})'}"
        hapi = " |  | " if theirs is None else _reached(theirs)
        cpu = "" if theirs is None else _cpu_ratio(theirs, one)
        lines.append(f"| {one.scenario} | {one.connections} | {_reached(one)} | {hapi} | {ratio} | {cpu} |")
        lines += [_floor(one, r) for r in beside if r.contender not in (OURS, HAPI)]
    return lines


def _reached(one: Result) -> str:
    cpu = "" if one.cpu_micros is None else f"{one.cpu_micros:,.0f}"
    return f"{one.rate:,.0f} | {one.p99_ms:,.0f} | {cpu}"


def _cpu_ratio(dear: Result, cheap: Result) -> str:
    """How many times the processor time of the one the other takes."""
    return f"{dear.cpu_micros / cheap.cpu_micros:.2f}" if dear.cpu_micros and cheap.cpu_micros else ""


def _floor(ours: Result, floor: Result) -> str:
    aim = 0.9 if floor.contender == FLASK else 0.6
    ratio = f"{ours.ratio_to(floor):.2f} ({aim})"
    reached = _reached(floor)
    return f"| {floor.contender} | {floor.connections} | {reached} |  |  |  | {ratio} | {_cpu_ratio(floor, ours)} |"


def _sizes(small: Measured, large: Measured) -> list[str]:
    lines = [
        f"\n| ours, SQLite, CPU per request in µs | {small.size:,} resources | {large.size:,} | ratio (aim < 1.5) |"
    ]
    lines.append("|---|---|---|---|")
    for mine, other in zip(small.results, large.results, strict=True):
        before, after = mine.cpu_micros, other.cpu_micros
        if before and after:
            lines.append(f"| {mine.scenario} | {before:,.0f} | {after:,.0f} | {after / before:.2f} |")
    return lines
