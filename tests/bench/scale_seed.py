"""A large caseload without living every life: the rows of some real pathways, dealt out again under other names.

The rows are made by the store's own code and inserted directly, their indexes built at the end. Pathways, caseload,
lists, agenda and facts are there for everybody; events for every fiftieth, so that their table grows in proportion too.
"""
# ruff: noqa: S608  SQL is put together from the store's own names

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec

from mappings.projector import PathwayProjector
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import EventId, PathwayId, SiteId
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.services.caseload import AgendaSlot, Bucket, CaseloadRow
from sesame_fhir.services.cohort.load import Order, lives
from sesame_fhir.services.cohort.people import SiteStaff
from sesame_fhir.services.records import Projections
from sesame_fhir.storage import caseload_schema, open_store
from sesame_fhir.storage.caseload_entries import SORT_COLUMNS, entries_of, sort_values
from sesame_fhir.storage.caseload_rows import AGENDA, CASELOAD
from sesame_fhir.storage.history import APPEND, event_row
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.migrator import engine
from sesame_fhir.storage.session import Session, Value
from tests.bench.seed import KEY, ROOT, digest

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SITES = tuple(SiteId(f"site-{number:02}") for number in range(20))
WITH_EVENTS = 50  # one pathway of so many

_TEMPLATES = 240
ALIKE = len(SITES) * _TEMPLATES
"""So many numbers on, a pathway is of the same site and template again."""

_TOGETHER = 2_000
_SPREAD_DAYS = 29
_TO_DISCUSS = 20  # one followed patient of so many is marked for the next review
_INDEXED = (caseload_schema.caseload, caseload_schema.caseload_entry, caseload_schema.agenda_slot)
STAFF = SiteStaff(
    SITES[0],
    (Actor("gp", Role.GP, "Dr Fictif"),),
    (Actor("nurse", Role.NURSE, "Infirmière Fictive"),),
    (Actor("psychiatrist", Role.PSYCHIATRIST, "Dr Psy Fictif"),),
)

_PATHWAY = "INSERT INTO pathway (pathway_key, pathway_id, site, version, created_at) VALUES (?, ?, ?, ?, ?)"
_ROW = f"INSERT INTO caseload (pathway_key, {CASELOAD.names}) VALUES (?{', ?' * len(CASELOAD.fields)})"
_SORTED = tuple(column.name for column in SORT_COLUMNS.values())
_ENTRY = (
    f"INSERT INTO caseload_entry (pathway_key, site, listing, rule, since, until, {', '.join(_SORTED)}) "
    f"VALUES (?, ?, ?, ?, ?, ?{', ?' * len(_SORTED)})"
)
_SLOT = f"INSERT INTO agenda_slot (pathway_key, {AGENDA.names}) VALUES (?{', ?' * len(AGENDA.fields)})"
_FACTS = "INSERT INTO pathway_facts (pathway_key, site, body) VALUES (?, ?, ?)"

_encoder = msgspec.json.Encoder()

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class People:
    """How many work at each site of a database of ``count`` pathways: nobody's own list grows with the database."""

    count: int

    @property
    def nurses(self) -> int:
        """One for 125 pathways."""
        return max(1, self.count // len(SITES) // 125)

    @property
    def psychiatrists(self) -> int:
        """One for 250 pathways."""
        return max(1, self.count // len(SITES) // 250)

    @property
    def gps(self) -> int:
        """One for 33 pathways."""
        return max(1, self.count // len(SITES) // 33)


@dataclass(frozen=True, slots=True)
class _Template:
    row: CaseloadRow
    slots: tuple[AgendaSlot, ...]
    facts: PathwayFacts
    events: tuple[Event, ...]


def pathway_id(number: int) -> PathwayId:
    """The id of the ``number``-th pathway."""
    return PathwayId(f"01a00000-0000-7000-8000-{number:012x}")


def kept(count: int, cache: Path, progress: Progress) -> Path:
    """A database of so many pathways, made again when the code that writes its rows has changed."""
    sources = [
        Path(__file__),
        ROOT / "mappings" / "caseload.py",
        *sorted((ROOT / "sesame_fhir" / "storage").rglob("*.py")),
    ]
    path = cache / f"scale-{count}-{digest(sources)}.db"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / path.name
            fill(f"sqlite:///{made}", count, progress)
            for outdated in cache.glob(f"scale-{count}-*.db"):
                outdated.unlink()
            made.rename(path)
    return path


def fill(url: str, count: int, progress: Progress) -> None:
    """Migrate an empty database and put ``count`` pathways into it."""
    with open_store(url, KEY) as store:
        store.migrate()
        _index(url, make=False)
        for start in range(0, count, _TOGETHER):
            numbers = range(start, min(start + _TOGETHER, count))
            store._database.write(lambda session, some=numbers: _insert(session, some, People(count)))  # type: ignore[misc]
            progress(numbers.stop)
        _index(url, make=True)


def _index(url: str, *, make: bool) -> None:
    """Drop the indexes, or make them: sorted once, instead of row by row."""
    with engine(url).begin() as connection:
        for index in (index for table in _INDEXED for index in table.indexes):
            if make:
                index.create(connection)
            else:
                index.drop(connection)
    if make and not url.startswith("sqlite"):
        with engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _insert(session: Session, numbers: range, people: People) -> None:
    rows: dict[str, list[tuple[Value, ...]]] = {}
    for number in numbers:
        for sql, row in _rows_of(number, people):
            rows.setdefault(sql, []).append(row)
    for sql, some in rows.items():
        session.run_many(sql, some)


def projections(number: int, people: People) -> Projections:
    """What the team's tables hold of the ``number``-th pathway: a template's, under another name."""
    template = _templates()[number // len(SITES) % _TEMPLATES]
    row, drawn = _dealt(template.row, number, people), _drawn(number)
    by = timedelta(days=drawn % _SPREAD_DAYS, seconds=drawn % 3_600)
    agenda = tuple(
        replace(
            slot,
            contact_id=f"{row.pathway_id}/{place}",
            pathway_id=row.pathway_id,
            site=row.site,
            nurse_id=row.nurse_id,
            planned_at=slot.planned_at + by,
        )
        for place, slot in enumerate(template.slots)
    )
    facts = replace(template.facts, pathway_id=row.pathway_id, site=row.site)
    return Projections(row, (), (), (), row.bucket is not Bucket.CLOSED, agenda, facts)


def _rows_of(number: int, people: People) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """Every row of one pathway, its own first."""
    key, template, made = number + 1, _templates()[number // len(SITES) % _TEMPLATES], projections(number, people)
    row = made.caseload
    yield _PATHWAY, (key, row.pathway_id, row.site, len(template.events), to_micros(row.updated_at))
    yield _ROW, (key, *CASELOAD.values(row).values())
    values = sort_values(row)
    for entry in entries_of(row):
        yield _ENTRY, (key, row.site, entry.listing, entry.rule, entry.since, entry.until, *values)
    for slot in made.agenda:
        yield _SLOT, (key, *AGENDA.values(slot).values())
    yield _FACTS, (key, row.site, _encoder.encode(made.facts))
    if number % WITH_EVENTS == 0:
        for event in template.events:
            own = replace(event, pathway_id=row.pathway_id, event_id=EventId(f"{number}/{event.sequence}"))
            yield APPEND, event_row(key, own)


def _drawn(number: int) -> int:
    """A number that looks drawn, the same every time."""
    return number * 2_654_435_761 % 2**32 >> 7


def _dealt(row: CaseloadRow, number: int, people: People) -> CaseloadRow:
    """The row of another patient of another site, its days moved by up to two weeks."""
    drawn = _drawn(number)
    site = SITES[number % len(SITES)]
    by = timedelta(days=drawn % _SPREAD_DAYS - _SPREAD_DAYS // 2, seconds=drawn % 3_600)
    family = "".join(chr(ord("a") + drawn // 26**place % 26) for place in range(6))

    def moved(on: date | None) -> date | None:
        return None if on is None else on + by

    return replace(
        row,
        pathway_id=pathway_id(number),
        site=site,
        family=family.upper(),
        sort_name=f"{family} {row.given.lower()}",
        updated_at=row.updated_at + by,
        referred_at=row.referred_at and row.referred_at + by,
        next_contact_at=row.next_contact_at and row.next_contact_at + by,
        started_on=moved(row.started_on),
        sequence_end=moved(row.sequence_end),
        attention_on=moved(row.attention_on),
        nurse_id=row.nurse_id and f"{site}/nurse-{drawn % people.nurses}",
        psychiatrist_id=row.psychiatrist_id and f"{site}/psychiatrist-{drawn % people.psychiatrists}",
        discuss=row.bucket is Bucket.FOLLOWED and drawn % _TO_DISCUSS == 0,
        referrer_id=row.referrer_id and f"{site}/gp-{drawn % people.gps}",
        flags=tuple(replace(flag, since=flag.since + by, until=moved(flag.until)) for flag in row.flags),
    )


@cache
def _templates() -> Sequence[_Template]:
    order = Order(_TEMPLATES, 1, NOW, (STAFF,), DEFAULT_POLICY)
    found = []
    for _, commits in lives(order, PathwayProjector(lambda _resource: ())):
        last, events = commits[-1].projections, tuple(event for commit in commits for event in commit.events)
        if last.facts is None:
            raise RuntimeError("a pathway without facts")
        found.append(_Template(last.caseload, last.agenda, last.facts, events))
    return found
