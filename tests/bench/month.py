"""A month of billing by size: prepare, freeze and export so many sequences; seconds, memory, and cost per sequence.

The sequences are those of the tests' programme, dealt out again under other names and written by the store's own code.
Each size is measured in a process of its own, whose memory is watched during each step.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Self

from sesame_fhir.domain.billing.facts import SequenceFacts, sequence_facts
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.exports.billing.batch import ExportPlan, write_batch
from sesame_fhir.exports.billing.head import head_of
from sesame_fhir.server.billing.scheme_file import Deployment, read_scheme_file
from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.billing import batches
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.schemes import add_schemes
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.cohort.stage import NoAudit, SetClock
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.records import Projections
from sesame_fhir.storage import Store, open_store
from sesame_fhir.storage.billing.projected import write_billing
from sesame_fhir.storage.session import Session
from tests.bench.seed import KEY, ROOT
from tests.programme.histories import history, pathway_id
from tests.programme.plan import SITES, deal
from tests.programme.run import SCHEME
from tests.support.cohort import nothing_projected
from tests.support.story import COORDINATOR

_DAY = date(2024, 7, 10)
_MONTH = Month(2024, 6)
_TEMPLATES, _TOGETHER = 240, 2_000
_PATHWAY = "INSERT INTO pathway (pathway_key, pathway_id, site, version, created_at) VALUES (?, ?, ?, ?, ?)"
_KILO = 1024
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the month: seconds, and the most memory that the process had during it, in megabytes."""

    name: str
    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One size. ``floor``: megabytes before the first step; ``size``: of the exported files, in megabytes."""

    sequences: int
    floor: float
    size: float
    steps: tuple[Step, ...]

    @property
    def seconds(self) -> float:
        """All steps."""
        return sum(step.seconds for step in self.steps)

    @property
    def micros(self) -> float:
        """Microseconds per sequence."""
        return self.seconds * 1_000_000 / self.sequences


def compare(sizes: Sequence[int], say: Callable[[str], None]) -> tuple[Measured, ...]:
    """Measure each size in a process of its own."""
    found = []
    for size in sizes:
        say(f"a month of {size:,} sequences")
        with tempfile.TemporaryDirectory(prefix="sesame-month-") as folder:
            fill(f"sqlite:///{folder}/month.db", size)
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.month", folder], check=True, capture_output=True, cwd=ROOT
            )
        plain = json.loads(done.stdout)
        steps = tuple(Step(**step) for step in plain.pop("steps"))
        found.append(Measured(**plain, steps=steps))
    return tuple(found)


def table(found: Sequence[Measured]) -> str:
    """For people: each size, and the last one's cost per sequence against the first one's."""
    lines = [f"{'a month of billing':<24}{'sequences':>10}{'seconds':>9}{'us each':>9}{'peak MB':>9}"]
    for one in found:
        for step in one.steps:
            each = step.seconds * 1_000_000 / one.sequences
            lines.append(f"  {step.name:<22}{one.sequences:>10,}{step.seconds:>9.2f}{each:>9.0f}{step.megabytes:>9.0f}")
    if len(found) > 1:
        ratio = found[-1].micros / found[0].micros
        lines.append(f"  cost per sequence, {found[-1].sequences:,} against {found[0].sequences:,}: {ratio:.2f}")
    return "\n".join(lines)


def fill(url: str, count: int) -> None:
    """Make a database with so many sequences to bill, and the example scheme."""
    with open_store(url, KEY) as store:
        store.migrate()
        for start in range(0, count, _TOGETHER):
            numbers = range(start, min(start + _TOGETHER, count))
            store._database.write(lambda session, some=numbers: _insert(session, some))  # type: ignore[misc]
        reading = read_scheme_file(SCHEME.read_bytes(), Deployment(frozenset(map(SiteId, SITES)), 4))
        billing, who = _desk(store)
        add_schemes(billing, who, reading.schemes, reading.text)


def _insert(session: Session, numbers: range) -> None:
    for number in numbers:
        facts = _dealt(number)
        session.run(_PATHWAY, (number + 1, facts.pathway_id, facts.site, 1, 0))
        made = Projections(None, (), (), (), open=False, sequences=(facts,))  # type: ignore[arg-type]
        write_billing(session, number + 1, made, ())


def _dealt(number: int) -> SequenceFacts:
    """A billable sequence of another patient."""
    found = _templates()[number % len(_templates())]
    ins = Ins(f"2840195{number // 1000 % 1000:03d}{number % 1000:03d}", InsNature.TEST)
    return replace(
        found,
        pathway_id=PathwayId(f"01a00000-0000-7000-8000-{number:012x}"),
        beneficiary=replace(found.beneficiary, ins=ins),
    )


@cache
def _templates() -> Sequence[SequenceFacts]:
    return tuple(_billable())


def _billable() -> Iterator[SequenceFacts]:
    """First sequences of the programme that ended in time and as planned, moved to end in the month."""
    for profile in deal(1)[:_TEMPLATES]:
        if profile.ins_on or profile.agreed_on or profile.opposed_on or (profile.scarce and profile.sequences == 1):
            continue
        one = sequence_facts(fold(pathway_id(profile.number), history(profile)))[0]
        if one.end is not None and not one.interrupted:
            yield _moved(one, _MONTH.last - timedelta(days=profile.number % 28) - one.end)


def _moved(one: SequenceFacts, by: timedelta) -> SequenceFacts:
    return replace(
        one,
        start=one.start + by,
        planned_end=one.planned_end + by,
        end=None if one.end is None else one.end + by,
        evidence=tuple(replace(proof, on=proof.on + by) for proof in one.evidence),
        consents=tuple(replace(said, since=said.since + by) for said in one.consents),
    )


def _desk(store: Store) -> tuple[Billing, Coordinator]:
    clock = SetClock(datetime.combine(_DAY, datetime.min.time(), UTC))
    engine = Engine(store.pathways, nothing_projected, NoAudit(), clock, SystemIds(), DEFAULT_POLICY)
    return Billing(engine, store.billing), Coordinator(COORDINATOR, frozenset(map(SiteId, SITES)))


def measured(folder: Path) -> Measured:
    """Prepare, freeze and export the month of a filled database, in this process."""
    floor, steps = _memory(), list[Step]()
    with open_store(f"sqlite:///{folder / 'month.db'}", KEY) as store:
        billing, who = _desk(store)

        def timed(name: str, act: Callable[[], object]) -> None:
            with _Watch() as watch:
                begin = time.perf_counter()
                act()
                seconds = time.perf_counter() - begin
            steps.append(Step(name, seconds, max(watch.highest, _memory())))

        timed("prepare", lambda: prepare(billing, who, _MONTH, _DAY))
        (batch,) = store.billing.batches.batches(str(_MONTH))
        timed("freeze", lambda: batches.freeze(billing, who, batch.batch_id))
        timed("export", lambda: _export(store, batch.batch_id, folder / "files"))
        lines = store.billing.batches.totals(batch.batch_id).lines
    size = sum(file.stat().st_size for file in (folder / "files").rglob("*") if file.is_file())
    return Measured(lines, floor, size / _KILO**2, tuple(steps))


def _export(store: Store, batch_id: str, folder: Path) -> None:
    batch = store.billing.batches.batch(batch_id)
    assert batch is not None
    assert batch.frozen is not None
    biller = next(store.billing.batches.lines(batch_id)).terms.biller
    head = head_of(batch, biller, batch.frozen, ["programme-1"])
    lines = store.billing.batches.lines(batch_id, held=False)
    write_batch(head, lines, folder, ExportPlan("https://sesame.example/fhir"))


class _Watch:
    """The process's own memory, looked at every few milliseconds; the database file mapped into it does not count."""

    def __init__(self) -> None:
        self.highest = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self.highest = max(self.highest, _memory())


def _memory() -> float:
    """Megabytes of the process's own."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / _KILO for line in lines if line.startswith("RssAnon"))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measured(Path(sys.argv[1])))))
