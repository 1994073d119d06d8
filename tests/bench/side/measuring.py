"""Servers started on databases of one size, and what they reached: beside HAPI, and on two sizes of our own."""

import base64
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sesame_fhir.server.settings import load
from sesame_fhir.storage import open_store
from tests.bench import server, tokens
from tests.bench.seed import KEY
from tests.bench.side import hapi, stored
from tests.bench.side.rounds import Contender, Entry, Result, Track, compared, entered, warm_up
from tests.bench.side.scenarios import CREATE, READ, SCENARIOS, Scenario, reads, sample
from tests.support.databases import durable_postgres_server
from tests.support.demo import free_port

OURS, HAPI, FLASK, BARE = "ours", "HAPI", "floor (Flask)", "floor (bare)"
_PLAIN = {"Accept": "application/fhir+json"}
_CREATE_CONNECTIONS = 32
_LARGE_ANSWERS = 8
"""Connections at most that ask for pages of 1,000: with 64, HAPI answers none of them within a round."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where databases are copied to and kept, how many connections ask, and who is told."""

    folder: Path
    cache: Path
    connections: Sequence[int]
    say: Callable[[str], None]

    def key_file(self) -> Path:
        """The key that the databases are sealed with."""
        path = self.folder / "bench.key"
        path.write_text(base64.b64encode(KEY).decode("ascii"), encoding="ascii")
        return path


@dataclass(frozen=True, slots=True)
class Measured:
    """Results over databases of a size."""

    title: str
    database: str
    size: int
    results: tuple[Result, ...]


def side_by_side(bench: Bench, database: str, size: int, track: Track) -> Measured:
    """Every scenario on ours and on HAPI, reads on the floors too."""
    bench.say(f"{database}, {size:,} resources")
    track = replace(track, numbers=sample(size))
    with ExitStack() as until_the_end:
        start = {"sqlite": _on_files, "postgresql": _on_postgresql}[database]
        contenders = start(bench, size, until_the_end)
        results = [one for scenario in SCENARIOS for one in _run(bench, scenario, contenders, track)]
    title = f"{database}, {size:,} resources"
    return Measured(title, database, size, tuple(results))


def by_size(bench: Bench, sizes: Sequence[int], track: Track) -> list[Measured]:
    """The same questions to ours on SQLite databases of several sizes, in turn."""
    bench.say(f"ours on SQLite, {' and '.join(f'{size:,}' for size in sizes)} resources")
    results: dict[int, list[Result]] = {size: [] for size in sizes}
    with ExitStack() as until_the_end:
        servers = {size: until_the_end.enter_context(_ours(bench, size)) for size in sizes}
        for scenario in SCENARIOS:
            entries: list[Entry] = [
                (replace(one, name=str(size)), scenario.requests(one.headers, sample(size)))
                for size, one in servers.items()
            ]
            warm_up(scenario, entries, replace(track, warm=track.warm / 4))
            for one in compared(scenario, entries, min(bench.connections), track):
                results[int(one.contender)].append(replace(one, contender=OURS))
            bench.say(f"  {scenario.name}")
    title = "ours alone, sqlite, {:,} resources"
    return [Measured(title.format(size), "sqlite", size, tuple(found)) for size, found in results.items()]


def _run(bench: Bench, scenario: Scenario, contenders: Sequence[Contender], track: Track) -> Iterator[Result]:
    entries = entered(scenario, contenders, track)
    if scenario is READ:
        entries += _floors(contenders[0], track)
    warm_up(scenario, entries, track)
    for connections in _widths(bench, scenario):
        results = compared(scenario, entries, connections, track)
        said = ", ".join(
            f"{one.contender} {one.rate:,.0f}/s (p99 {one.p99_ms:,.0f} ms, CPU {one.cpu_micros or 0:,.0f} µs)"
            for one in results
        )
        bench.say(f"  {scenario.name}, {connections} connections: {said}")
        yield from results


def _widths(bench: Bench, scenario: Scenario) -> list[int]:
    if scenario.name.startswith("page"):
        return sorted({min(width, _LARGE_ANSWERS) for width in bench.connections})
    return sorted({*bench.connections, *((_CREATE_CONNECTIONS,) if scenario is CREATE else ())})


def _floors(ours: Contender, track: Track) -> list[Entry]:
    return [
        (replace(ours, name=name), reads(_PLAIN, track.numbers, root))
        for name, root in ((FLASK, "/floor"), (BARE, "/bare"))
    ]


def _on_files(bench: Bench, size: int, until_the_end: ExitStack) -> list[Contender]:
    contenders = [until_the_end.enter_context(_ours(bench, size))]
    with _absence_said(bench):
        kept = hapi.kept(size, bench.cache, bench.say)
        folder = bench.folder / f"h2-{size}"
        folder.mkdir()
        shutil.copy(kept, folder / "h2.mv.db")
        theirs = until_the_end.enter_context(hapi.running(hapi.h2(folder), folder / "hapi.log"))
        contenders.append(Contender(HAPI, theirs.port, _PLAIN, theirs.cpu_seconds))
    return contenders


@contextmanager
def _ours(bench: Bench, size: int) -> Iterator[Contender]:
    path = bench.folder / f"ours-{size}.db"
    if not path.exists():
        shutil.copy(stored.kept(size, bench.cache, bench.say), path)
    with _served(bench, f"sqlite:///{path}", path) as contender:
        yield contender


def _on_postgresql(bench: Bench, size: int, until_the_end: ExitStack) -> list[Contender]:
    tcp = free_port()
    postgres = until_the_end.enter_context(durable_postgres_server(tcp))
    url = postgres.clone()
    stored.fill(url, size, bench.say)
    path = bench.folder / f"postgresql-{size}.db"
    contenders = [until_the_end.enter_context(_served(bench, url, path))]
    with _absence_said(bench):
        postgres.create("hapi")
        jdbc = f"jdbc:postgresql://127.0.0.1:{tcp}/hapi"
        log = bench.folder / f"hapi-{size}.log"
        theirs = until_the_end.enter_context(hapi.running(jdbc, log, user="postgres"))
        hapi.fill(theirs.port, size, bench.say)
        postgres.analyze("hapi")
        contenders.append(Contender(HAPI, theirs.port, _PLAIN, theirs.cpu_seconds))
    return contenders


@contextmanager
def _served(bench: Bench, url: str, beside: Path) -> Iterator[Contender]:
    """The product with its settings: one worker on SQLite, which has one writer, one for each core on PostgreSQL."""
    defaults = load(None, {})
    workers = defaults.workers if url.startswith("sqlite") else 2
    with open_store(url, KEY) as store:
        store.migrate()
        holder = tokens.grant(store, tokens.CLINICIAN, "p0")
    with server.running(beside, bench.key_file(), workers, defaults.threads, url) as running:
        yield Contender(OURS, running.port, holder.headers, running.cpu_seconds)


@contextmanager
def _absence_said(bench: Bench) -> Iterator[None]:
    """Without HAPI, ours is measured alone, and it is said."""
    try:
        yield
    except hapi.Absent as absent:
        bench.say(f"  HAPI is left out: {absent}")
