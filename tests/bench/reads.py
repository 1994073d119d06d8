"""An authorized read against the floor: the same server, the same bytes, rounds in turn, in one run."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sesame_fhir.storage import open_store
from tests.bench import tokens
from tests.bench.load import Load, ask, drive, request
from tests.bench.seed import KEY
from tests.bench.server import Running

_RESPONSES = """
SELECT r.fhir_id, i.ref_id FROM resource r JOIN index_reference i ON i.resource_key = r.resource_key
WHERE r.resource_type = 'QuestionnaireResponse' AND i.ref_type = 'Patient' GROUP BY r.fhir_id ORDER BY r.fhir_id"""
GOAL = 0.7
"""Least share of the floor that an authorized read must reach."""

_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 120
_STRIDE = 37  # each round begins elsewhere in the list of requests


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the things compared: its name and its requests.

    ``audited``: each answer leaves an audit entry. ``goal``: least share of the floor's rate, None when there is none.
    """

    name: str
    requests: tuple[bytes, ...]
    audited: bool
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one subject.

    ``seconds`` last until the audit entries are on the disk too: what is promised when the answer goes out belongs to
    its cost. ``cpu`` is the server's processor time, None where it cannot be read.
    """

    load: Load
    seconds: float
    cpu: float | None

    @property
    def rate(self) -> float:
        """Answers per second, their audit entries written."""
        return self.load.answers / self.seconds


@dataclass(frozen=True, slots=True)
class Compared:
    """A subject's rounds against the floor's rounds beside them."""

    rate: float
    ratio: float
    lowest: float
    highest: float
    cpu_micros: float | None
    cpu_ratio: float | None
    p99_ms: float


def subjects(database: Path, how_many: int) -> tuple[Subject, ...]:
    """The floor, then authorized reads of the same resources in the same order.

    The last one is conditional (on a version that never was), which leads it past the short cut for ordinary reads,
    through the facade's Flask route: it is shown, not judged.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = connection.execute(_RESPONSES).fetchall()
    chosen = found[:: max(1, len(found) // how_many)][:how_many]
    with open_store(f"sqlite:///{database}", KEY) as store:
        clinicians = [tokens.grant(store, tokens.CLINICIAN, patient) for _, patient in chosen]
        launched = [tokens.grant(store, tokens.LAUNCHED, patient) for _, patient in chosen]
    paths = [f"QuestionnaireResponse/{resource_id}" for resource_id, _ in chosen]
    plain = {"Accept": "application/fhir+json"}

    def reads(holders: Sequence[tokens.Holder], **more: str) -> tuple[bytes, ...]:
        return tuple(request("GET", f"/fhir/{p}", h.headers | more) for p, h in zip(paths, holders, strict=True))

    return (
        Subject("floor", tuple(request("GET", f"/floor/{path}", plain) for path in paths), audited=False),
        Subject("read, clinician's token", reads(clinicians), audited=True, goal=GOAL),
        Subject("read, launched app's token", reads(launched), audited=True, goal=GOAL),
        Subject("the same, conditional", reads(clinicians, **{"If-None-Match": 'W/"0"'}), audited=True),
    )


def same_bytes(server: Running, compared: Sequence[Subject]) -> int:
    """Check that every subject answers the same bytes; returns the size of the first.

    Raises:
        RuntimeError: they differ, and there is nothing to compare.
    """
    for number in range(min(20, len(compared[0].requests))):
        answers = {(a.status, a.body) for a in (ask(server.port, subject.requests[number]) for subject in compared)}
        if len(answers) != 1 or {status for status, _ in answers} != {200}:
            raise RuntimeError(f"different answers to request {number}: {sorted(status for status, _ in answers)}")
    return len(ask(server.port, compared[0].requests[0]).body)


@dataclass(frozen=True, slots=True)
class Track:
    """Where rounds are run: the server, its audit log, and how long and wide a round is."""

    server: Running
    database: Path
    seconds: float
    connections: int

    def interleaved(
        self, compared: Sequence[Subject], rounds: int, progress: Callable[[str], None]
    ) -> dict[str, list[Round]]:
        """Rounds of all subjects in turn, each time in the opposite order, so that a drift of the machine cancels."""
        done: dict[str, list[Round]] = {subject.name: [] for subject in compared}
        for subject in compared:
            self.run(subject, 0)  # warm up
        for number in range(rounds):
            order = compared if number % 2 == 0 else compared[::-1]
            for subject in order:
                done[subject.name].append(self.run(subject, number))
            latest = "   ".join(f"{done[subject.name][-1].rate:,.0f}" for subject in compared)
            progress(f"  round {number + 1}/{rounds}, requests/s: {latest}")
        return done

    def run(self, subject: Subject, number: int) -> Round:
        """One round of one subject."""
        before, cpu = self._audited(), self.server.cpu_seconds()
        begin = time.perf_counter()
        load = drive(
            self.server.port,
            subject.requests,
            connections=self.connections,
            seconds=self.seconds,
            first=number * _STRIDE,
        )
        took = load.seconds
        if subject.audited:
            self._wait_for_audit(before + load.answers)
            took = time.perf_counter() - begin
        after = self.server.cpu_seconds()
        return Round(load, took, None if cpu is None or after is None else after - cpu)

    def _wait_for_audit(self, expected: int) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while self._audited() < expected:
            if time.monotonic() > end:
                raise RuntimeError(f"{expected - self._audited()} reads left no audit entry")
            time.sleep(_LOOK_SECONDS)

    def _audited(self) -> int:
        """Count the audit entries on the disk: they are numbered without gaps."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT coalesce(max(entry_id), 0) FROM audit").fetchone()[0])


def compare(rounds: Sequence[Round], floor: Sequence[Round]) -> Compared:
    """Ratios round by round, then their median and spread."""
    ratios = sorted(one.rate / base.rate for one, base in zip(rounds, floor, strict=True))
    cpu, base_cpu = _cpu_micros(rounds), _cpu_micros(floor)
    return Compared(
        rate=statistics.median(one.rate for one in rounds),
        ratio=statistics.median(ratios),
        lowest=ratios[0],
        highest=ratios[-1],
        cpu_micros=cpu,
        cpu_ratio=None if not cpu or not base_cpu else base_cpu / cpu,
        p99_ms=statistics.median(one.load.latencies[int(len(one.load.latencies) * 0.99)] for one in rounds) * 1000,
    )


def _cpu_micros(rounds: Sequence[Round]) -> float | None:
    spent = [one.cpu for one in rounds if one.cpu is not None]
    return sum(spent) / sum(one.load.answers for one in rounds) * 1e6 if len(spent) == len(rounds) else None
