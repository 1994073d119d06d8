"""``python -m tests.bench``: seeds a database, measures, prints a table and writes ``var/bench.json``."""

import argparse
import base64
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path

from sesame_fhir.server import logs
from sesame_fhir.server.settings import load
from sesame_fhir.server.wiring import build_sesame
from tests.bench import first_load, month, pages, reads, rebuilding, scale, validation, writes
from tests.bench.report import Report
from tests.bench.seed import KEY, ROOT, seeded
from tests.bench.server import running


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _arguments() -> argparse.Namespace:
    defaults, quick = load(None, {}), os.environ.get("QUICK") == "1"
    pathways, rounds, visits, scales = (500, 2, 50, []) if quick else (10_000, 9, 500, [10_000, 1_000_000])
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--pathways", type=int, default=pathways, help="pathways in the database")
    parser.add_argument("--rounds", type=int, default=rounds, help="rounds of each subject of the read")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds of one round (default 2)")
    parser.add_argument("--visits", type=int, default=visits, help="visits through the pages")
    parser.add_argument("--connections", type=int, default=16, help="connections of a read round (default 16)")
    parser.add_argument(
        "--workers", type=int, default=defaults.workers, help="server processes (the product's default)"
    )
    parser.add_argument("--threads", type=int, default=defaults.threads, help="threads of each (the product's default)")
    parser.add_argument(
        "--scale", type=int, nargs="*", default=scales, help="pathways in the databases compared by size"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "bench.json", help="where the figures go")
    return parser.parse_args()


def main() -> None:
    """Measure everything on a copy of the seeded database."""
    asked = _arguments()
    _say(f"database of {asked.pathways:,} pathways (kept in var/bench)")
    seed = seeded(asked.pathways, ROOT / "var" / "bench", _progress)
    named = ("pathways", "rounds", "seconds", "visits", "connections", "workers", "threads")
    report = Report({name: getattr(asked, name) for name in named})
    with tempfile.TemporaryDirectory(prefix="sesame-bench-") as folder:
        database, key_file = Path(folder) / "bench.db", Path(folder) / "bench.key"
        shutil.copy(seed, database)
        key_file.write_text(base64.b64encode(KEY).decode("ascii"), encoding="ascii")
        _measure_served(report, database, key_file, asked)
        _measure_in_process(report, database, key_file, asked)
    _measure_by_size(report, asked.scale)
    report.write(asked.output)
    sys.stdout.write(f"{report.text()}\n\nfigures: {asked.output}\n")


def _measure_served(report: Report, database: Path, key_file: Path, asked: argparse.Namespace) -> None:
    compared = reads.subjects(database, 500)
    with running(database, key_file, asked.workers, asked.threads) as server:
        size = reads.same_bytes(server, compared)
        _say(f"reads of {size:,} bytes, {asked.workers} worker(s) of {asked.threads} threads, in turn with the floor")
        track = reads.Track(server, database, asked.seconds, asked.connections)
        done = track.interleaved(compared, asked.rounds, _say)
        report.reads = {name: reads.compare(rounds, done[compared[0].name]) for name, rounds in done.items()}
        report.goals = {subject.name: subject.goal for subject in compared}
        _say("searches and creates")
        report.speeds = writes.searches_and_creates(server, database, clients=(1, 16), seconds=2 * asked.seconds)


def _measure_in_process(report: Report, database: Path, key_file: Path, asked: argparse.Namespace) -> None:
    environ = {"SESAME_STORAGE_DATABASE_URL": f"sqlite:///{database}", "SESAME_STORAGE_KEY_FILE": str(key_file)}
    settings = load(None, environ)
    _say(f"{asked.visits} visits through the pages")
    with database.with_suffix(".pages.log").open("w", encoding="utf-8") as log, redirect_stderr(log):
        logs.configure(settings.log_level)
        sesame = build_sesame(settings)
        try:
            visits = pages.Visits(sesame, first=asked.pathways)
            report.first_load = first_load.weigh(visits.open(asked.visits + 1_000))
            report.pages = pages.timed(visits, asked.visits)
        finally:
            sesame.close()
    report.validation = validation.layers(writes.phq9_responses(database, 1)[0][1])


def _measure_by_size(report: Report, sizes: Sequence[int]) -> None:
    _say("rebuild")
    report.rebuilt = rebuilding.measured()
    report.months = month.compare([1_000, 100_000] if sizes else [100], _say)
    if len(sizes) > 1:
        _say(f"the same questions to databases of {' and '.join(f'{size:,}' for size in sizes)} pathways")
        report.scale = scale.compare(scale.kept(sizes, _say), rounds=60)


def _progress(done: int) -> None:
    if done % 1_000 == 0:
        _say(f"  {done:,} pathways")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
