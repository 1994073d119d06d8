"""``python -m tests.bench.side``: our facade beside HAPI's JPA server, on both databases, by size.

QUICK=1 takes the smallest size, short rounds and SQLite only. Where Java or Maven are absent it says so, and measures
ours against the floors alone.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.bench.seed import ROOT
from tests.bench.side import measuring
from tests.bench.side.rounds import Track
from tests.bench.side.table import Report


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _arguments() -> argparse.Namespace:
    quick = os.environ.get("QUICK") == "1"
    parser = argparse.ArgumentParser(prog="python -m tests.bench.side", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000] if quick else [1_000, 100_000])
    parser.add_argument("--largest", type=int, default=0 if quick else 1_000_000, help="ours alone, on SQLite; 0: none")
    parser.add_argument("--databases", nargs="*", default=["sqlite"] if quick else ["sqlite", "postgresql"])
    parser.add_argument("--connections", type=int, nargs="*", default=[8] if quick else [8, 64])
    parser.add_argument("--rounds", type=int, default=2 if quick else 5)
    parser.add_argument("--seconds", type=float, default=1.0 if quick else 2.0)
    parser.add_argument("--warm", type=float, default=4.0 if quick else 15.0, help="seconds for each kind of request")
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "bench-side.json", help="where the figures go")
    return parser.parse_args()


def main() -> None:
    """Measure, print and write."""
    asked = _arguments()
    report = Report(asked.output, vars(asked) | {"output": str(asked.output)})
    with tempfile.TemporaryDirectory(prefix="sesame-side-") as folder:
        bench = measuring.Bench(Path(folder), ROOT / "var" / "bench", asked.connections, _say)
        for size in asked.sizes:
            for database in asked.databases:
                track = Track(asked.rounds, asked.seconds, asked.warm, [])
                report.add(measuring.side_by_side(bench, database, size, track))
        if asked.largest:
            sizes = (min(asked.sizes), asked.largest)
            report.add(measuring.by_size(bench, sizes, Track(asked.rounds, asked.seconds, asked.warm, [])))
    sys.stdout.write(f"{report.text()}\n\nfigures: {asked.output}\n")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
