"""Does an answer cost more in a large database? The same questions to a small and to a large one, in turn.

``python -m tests.bench.scale`` fills both (kept in ``var/bench``), asks, and prints p95 and the ratio between them.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import Bucket, CaseloadPage, CaseloadQuery, CaseloadSort
from sesame_fhir.storage import Store, open_store
from tests.bench import rebuilding, scale_seed
from tests.bench.scale_seed import NOW, SITES, People
from tests.bench.seed import KEY, ROOT

GOAL = 1.5
"""How much slower, at most, the large one may be; a difference below ``_NOTHING_MS`` is none."""

_NOTHING_MS = 1.0
_ALIKE = 0.8

_SORT_OF_FILTERS = (CaseloadSort.ATTENTION, CaseloadSort.NAME)
_PAGES_ON = 9
_CAP = 1_000
_DAY = timedelta(days=1)

Ask = Callable[[int], object]
"""Asks a question for the ``n``-th time: each time of another site, nurse or patient."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One question's p95 in milliseconds, by the number of pathways.

    ``cpu_ms`` is the p95 of what the asking thread computed, which other work on the machine hardly disturbs. ``rows``
    is the median number of rows answered.
    """

    name: str
    p95_ms: Mapping[int, float]
    cpu_ms: Mapping[int, float]
    rows: Mapping[int, int]

    @property
    def ratio(self) -> float:
        """Largest database to smallest, p95."""
        return _ratio(self.p95_ms)

    @property
    def slower(self) -> bool:
        """True when the large one misses the goal with as much of an answer, and not for the machine being busy."""
        more = [max(some.values()) - min(some.values()) for some in (self.p95_ms, self.cpu_ms)]
        return self.alike and min(self.ratio, self.cpu_ratio) >= GOAL and min(more) > _NOTHING_MS

    @property
    def alike(self) -> bool:
        """True when both answer about as many rows: a small database may have less to answer than a page."""
        return min(self.rows.values()) >= _ALIKE * max(self.rows.values())

    @property
    def cpu_ratio(self) -> float:
        """Largest database to smallest, computing alone."""
        return _ratio(self.cpu_ms)


def _ratio(by_size: Mapping[int, float]) -> float:
    return by_size[max(by_size)] / by_size[min(by_size)]


def filters(n: int, people: People) -> dict[str, CaseloadQuery]:
    """Every filter, of the ``n``-th person or site."""
    site = _site(n)
    everywhere = CaseloadQuery(SITES, NOW.date())
    return {
        "nothing": everywhere,
        "one site": replace(everywhere, sites=(site,)),
        "every bucket": replace(everywhere, buckets=tuple(Bucket)),
        "flag, frequent": replace(everywhere, flag="contact-overdue"),
        "flag, rare": replace(everywhere, flag="advice-waiting"),
        "flag at one site": replace(everywhere, sites=(site,), flag="measure-due"),
        "to discuss": replace(everywhere, discuss=True),
        "not to discuss": replace(everywhere, discuss=False),
        "nurse": replace(everywhere, nurse_id=f"{site}/nurse-{n % people.nurses}"),
        "psychiatrist": replace(everywhere, reviewer_id=f"{site}/psychiatrist-{n % people.psychiatrists}"),
        "GP": replace(everywhere, referrer_id=f"{site}/gp-{n % people.gps}", buckets=tuple(Bucket)),
        "phase": replace(everywhere, states=(State.CARE,)),
        "name, two letters": replace(everywhere, name=f"{chr(97 + n % 26)}a"),
        "name, four letters": replace(everywhere, name=f"ab{chr(97 + n % 26)}a"),
        "needed today": replace(everywhere, attention_by=NOW.date()),
        "nurse and flag": replace(everywhere, nurse_id=f"{site}/nurse-{n % people.nurses}", flag="measure-due"),
        "nurse, phase, today": replace(
            everywhere, nurse_id=f"{site}/nurse-{n % people.nurses}", states=(State.CARE,), attention_by=NOW.date()
        ),
    }


def questions(store: Store, count: int) -> Iterator[tuple[str, Ask]]:
    """Everything asked of a database of ``count`` pathways."""
    pathways, people = store.pathways, People(count)
    for sort in CaseloadSort:
        for way in (False, True):
            query = replace(filters(0, people)["nothing"], sort=sort, descending=way)
            later = replace(query, cursor=_cursor_after(store, query, _PAGES_ON))
            direction = "down" if way else "up"
            yield f"by {sort} {direction}, page 1", lambda _n, query=query: pathways.caseload(query)  # type: ignore[misc]
            yield f"by {sort} {direction}, page 10", lambda _n, query=later: pathways.caseload(query)  # type: ignore[misc]
    for name in filters(0, people):
        for sort in _SORT_OF_FILTERS:
            yield (
                f"{name}, by {sort}",
                lambda n, name=name, sort=sort: pathways.caseload(replace(filters(n, people)[name], sort=sort)),  # type: ignore[misc]
            )
        yield f"{name}, counted", lambda n, name=name: pathways.caseload_count(filters(n, people)[name], _CAP)  # type: ignore[misc]
    yield "a patient's row", lambda n: pathways.caseload_row(_patient(n, count))
    yield "a patient's history", lambda n: pathways.history(_patient(n, count))
    yield "a site's day", lambda n: pathways.agenda([_site(n)], None, NOW, NOW + _DAY, 50)
    yield (
        "a nurse's week",
        lambda n: pathways.agenda(SITES, f"{_site(n)}/nurse-{n % people.nurses}", NOW, NOW + 7 * _DAY, 50),
    )
    yield "sequences that are due", lambda _n: pathways.sequences_due(NOW.date(), 50)


def _site(n: int) -> SiteId:
    return SITES[n % len(SITES)]


def _patient(n: int, count: int) -> PathwayId:
    """The ``n``-th patient asked for, who has events: in a larger database one of the same template, anywhere in it."""
    alike = scale_seed.ALIKE
    number = n * scale_seed.WITH_EVENTS % alike + n * 7_919 % max(1, count // alike) * alike
    return scale_seed.pathway_id(number % count)


def _cursor_after(store: Store, query: CaseloadQuery, pages: int) -> str | None:
    for _ in range(pages):
        cursor = store.pathways.caseload(query).next_cursor
        if cursor is None:
            break
        query = replace(query, cursor=cursor)
    return query.cursor


def compare(urls: Mapping[int, str], rounds: int) -> list[Compared]:
    """Ask everything of every database in turn; ``urls`` by the number of pathways."""
    with ExitStack() as opened:
        stores = {count: opened.enter_context(open_store(url, KEY)) for count, url in urls.items()}
        asked = {count: dict(questions(store, count)) for count, store in stores.items()}
        names = next(iter(asked.values()))
        return [_compared(name, {count: one[name] for count, one in asked.items()}, rounds) for name in names]


def _compared(name: str, asks: Mapping[int, Ask], rounds: int) -> Compared:
    taken: dict[int, list[tuple[float, float, int]]] = {count: [] for count in asks}
    for n in range(-2, rounds):
        for count in asks if n % 2 else reversed(list(asks)):
            cpu, begin = time.thread_time(), time.perf_counter()
            answer = asks[count](n + 2)
            if n >= 0:  # the first two only warm up
                taken[count].append((time.perf_counter() - begin, time.thread_time() - cpu, _rows(answer)))
    return Compared(
        name,
        {count: _p95(wall for wall, _, _ in some) for count, some in taken.items()},
        {count: _p95(cpu for _, cpu, _ in some) for count, some in taken.items()},
        {count: int(statistics.median(rows for _, _, rows in some)) for count, some in taken.items()},
    )


def _p95(seconds: Iterable[float]) -> float:
    ordered = sorted(seconds)
    return ordered[int(len(ordered) * 0.95)] * 1000


def _rows(answer: object) -> int:
    if isinstance(answer, CaseloadPage):
        return len(answer.rows)
    return answer if isinstance(answer, int) else len(answer) if isinstance(answer, tuple) else 1


def table(compared: Sequence[Compared]) -> str:
    """The figures as text; what misses the goal is marked."""
    sizes = sorted(compared[0].p95_ms)
    heads = "".join(f"{size:>12,}" for size in sizes)
    lines = [f"{'p95, milliseconds | CPU alone':<38}{heads}{'ratio':>8} |{heads}{'ratio':>8} | rows"]
    for one in compared:
        wall, cpu = ("".join(f"{some[size]:>12.2f}" for size in sizes) for some in (one.p95_ms, one.cpu_ms))
        rows = "" if one.alike else "/".join(str(one.rows[size]) for size in sizes)
        line = f"  {one.name:<36}{wall}{one.ratio:>8.2f} |{cpu}{one.cpu_ratio:>8.2f} | {rows}".rstrip()
        lines.append(f"{line}  above {GOAL}" if one.slower else line)
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000], help="pathways in each database")
    parser.add_argument("--rounds", type=int, default=60, help="how often each question is asked (default 60)")
    asked = parser.parse_args()
    urls = kept(asked.sizes, _say)
    sys.stdout.write(f"{table(compare(urls, asked.rounds))}\n\n{rebuilding.measured().text()}\n")


def kept(sizes: Sequence[int], say: Callable[[str], None]) -> dict[int, str]:
    """URLs of databases of these sizes, made in ``var/bench`` when they are not there."""
    return {size: f"sqlite:///{_kept(size, say)}" for size in sizes}


def _kept(size: int, say: Callable[[str], None]) -> Path:
    def progress(done: int) -> None:
        if done % 50_000 == 0:
            say(f"  {done:,} of {size:,} pathways")

    return scale_seed.kept(size, ROOT / "var" / "bench", progress)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
