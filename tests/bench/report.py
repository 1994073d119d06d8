"""The figures of one run: a JSON document for machines, a table for people."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import month, rebuilding
from tests.bench import scale as by_size
from tests.bench.first_load import LIMIT
from tests.bench.reads import Compared
from tests.bench.writes import Speed


@dataclass(slots=True)
class Report:
    """Everything measured; ``pages`` are seconds, ``validation`` microseconds, ``first_load`` bytes.

    ``goals`` are the least ratios of the reads; what misses one is marked, nothing fails: the machine may be busy.
    """

    settings: Mapping[str, Any]
    reads: Mapping[str, Compared] = field(default_factory=dict)
    goals: Mapping[str, float | None] = field(default_factory=dict)
    speeds: Sequence[Speed] = ()
    pages: Mapping[str, Sequence[float]] = field(default_factory=dict)
    first_load: Mapping[str, int] = field(default_factory=dict)
    validation: Mapping[str, float] = field(default_factory=dict)
    rebuilt: rebuilding.Rebuilt | None = None
    scale: Sequence[by_size.Compared] = ()
    months: Sequence[month.Measured] = ()

    def document(self) -> dict[str, Any]:
        """All figures as JSON values, with what they were measured on."""
        return {
            "machine": {
                "cores": os.cpu_count(),
                "load": os.getloadavg()[0],
                "python": platform.python_version(),
                "system": f"{platform.system()} {platform.machine()}",
            },
            "settings": dict(self.settings),
            "reads": {name: asdict(one) | {"goal": self.goals.get(name)} for name, one in self.reads.items()},
            "facade": [asdict(speed) for speed in self.speeds],
            "pages_ms": {step: _summary(seconds) for step, seconds in self.pages.items()},
            "first_load_bytes": dict(self.first_load) | {"total": sum(self.first_load.values())},
            "validation_micros": dict(self.validation),
            "rebuild": None if self.rebuilt is None else asdict(self.rebuilt),
            "billing": [asdict(one) | {"micros": one.micros} for one in self.months],
            "scale": [asdict(one) | {"ratio": one.ratio, "cpu_ratio": one.cpu_ratio} for one in self.scale],
        }

    def write(self, path: Path) -> None:
        """Write the document."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.document(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def text(self) -> str:
        """The table."""
        lines = [*self._reads(), *self._speeds(), *self._pages(), *self._first_load(), *self._validation()]
        lines += ["", self.rebuilt.text()] if self.rebuilt else []
        lines += ["", month.table(self.months)] if self.months else []
        lines += ["", by_size.table(self.scale)] if self.scale else []
        return "\n".join(lines)

    def _reads(self) -> list[str]:
        head = f"{'authorized read against the floor':<38}{'req/s':>8}{'ratio':>7}{'lowest–highest':>17}"
        lines = [f"{head}{'CPU us':>8}{'ratio':>7}{'p99 ms':>8}"]
        for name, one in self.reads.items():
            spread = f"{one.lowest:.2f}–{one.highest:.2f}"
            cpu = "-" if one.cpu_micros is None else f"{one.cpu_micros:.0f}"
            share = "-" if one.cpu_ratio is None else f"{one.cpu_ratio:.2f}"
            line = f"  {name:<36}{one.rate:>8,.0f}{one.ratio:>7.2f}{spread:>17}{cpu:>8}{share:>7}{one.p99_ms:>8.1f}"
            goal = self.goals.get(name)
            lines.append(line if goal is None or one.ratio >= goal else f"{line}  below {goal}")
        return lines

    def _speeds(self) -> list[str]:
        lines = ["", f"{'facade':<26}{'clients':>8}{'req/s':>9}{'median ms':>11}{'p99 ms':>8}"]
        lines += [f"  {s.name:<24}{s.clients:>8}{s.rate:>9,.0f}{s.p50_ms:>11.1f}{s.p99_ms:>8.1f}" for s in self.speeds]
        return lines

    def _pages(self) -> list[str]:
        lines = ["", f"{'page, server time':<26}{'requests':>9}{'median ms':>11}{'p95 ms':>8}"]
        for step, seconds in self.pages.items():
            one = _summary(seconds)
            lines.append(f"  {step:<24}{len(seconds):>9}{one['median']:>11.2f}{one['p95']:>8.2f}")
        return lines

    def _first_load(self) -> list[str]:
        total = sum(self.first_load.values())
        parts = ", ".join(f"{name} {size:,}" for name, size in self.first_load.items())
        verdict = "" if total <= LIMIT else f"  above {LIMIT:,}"
        return ["", f"first load of the PHQ-2 page: {total:,} bytes ({parts}){verdict}"]

    def _validation(self) -> list[str]:
        lines = ["", "strict validation of a PHQ-9 response, microseconds"]
        return [*lines, *(f"  {name:<36}{micros:>8.0f}" for name, micros in self.validation.items())]


def _summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return {"median": statistics.median(ordered) * 1000, "p95": ordered[int(len(ordered) * 0.95)] * 1000}
