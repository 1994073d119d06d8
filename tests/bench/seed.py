"""A database of many pathways, written by the real projector and the real store; kept in ``var/bench`` between runs."""

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.ids import CommandId, EhrId, EventId, PathwayId, ReferralId, ScreeningId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.search_index import index
from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.records import ClientKind, Commit, EhrRegistration
from sesame_fhir.storage import Store, open_store
from tests.support.story import AGREED, GP, SITE, eligible, screened

EHR = EhrId("bench-ehr")
REGISTRATION = EhrRegistration(
    EHR, "https://ehr.invalid/fhir", "bench", ClientKind.PUBLIC, SITE, ("https://ehr.invalid",)
)
KEY = bytes(range(32))
ROOT = Path(__file__).parents[2]

_SOURCES = ("sesame_fhir/domain", "sesame_fhir/fhir", "sesame_fhir/services", "sesame_fhir/storage", "mappings")
_BEGINNING = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_TOGETHER = 200  # pathways handed over at once
_THREADS = 16  # callers waiting together, for the group commit to have a group

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A way through the pathway, by the weights answered; None: not filled in."""

    phq2: str
    phq9: str | None = None
    gad7: str | None = None
    referred: bool = False


_NEGATIVE, _SHORT = Kind("10"), Kind("32", referred=True)
_LONG = Kind("33", "222211110", "2221110", referred=True)
_KINDS = (_NEGATIVE, _NEGATIVE, _NEGATIVE, _NEGATIVE, _SHORT, _SHORT, _SHORT, _LONG, _LONG, Kind("21"))
"""Dealt out in turn: four negative screens of ten, half of all referred, every fifth with the long questionnaires."""


def seeded(count: int, cache: Path, progress: Progress) -> Path:
    """A database with ``count`` pathways, made again when the code that writes it has changed."""
    path = cache / f"seed-{count}-{_digest()}.db"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / path.name
            fill(made, count, progress)
            for outdated in cache.glob(f"seed-{count}-*.db"):
                outdated.unlink()
            made.rename(path)
    return path


def fill(path: Path, count: int, progress: Progress) -> None:
    """Make the database: pathways as commits of the real projector, everything already delivered to the record."""
    with open_store(f"sqlite:///{path}", KEY) as store:
        store.migrate()
        store.ehrs.add(REGISTRATION)
        _commit_all(store, count, progress)
    # Delivering 60,000 items to an EHR is not what is measured; the table must only be as large as in real life.
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE outbox SET status = 'sent', sent_version = wanted_version, location = 'Basic/1'")


def traits(number: int) -> ev.PatientTraits:
    """Synthetic patient ``number``, with an INS of the test range."""
    nir = f"2{50 + number % 50:02d}0{1 + number % 9}95{number // 1000:03d}{number % 1000:03d}"
    family = f"FICTIF-{number:05d}"
    return ev.PatientTraits(
        family, "Jeanne", date(1950 + number % 50, 1, 1), ev.Sex.FEMALE, Ins(nir, InsNature.TEST), "0199000000"
    )


def binding(number: int) -> ev.EhrBinding:
    """The record of synthetic patient ``number``."""
    return ev.EhrBinding(EHR, f"Patient/{number}", f"Encounter/{number}", "Practitioner/gp1")


def commit_of(number: int, ids: SystemIds, projector: PathwayProjector) -> Commit:
    """The whole story of one pathway as one command."""
    before = Pathway(PathwayId(ids.new()))
    at = _BEGINNING + timedelta(minutes=number)
    command, after, events = CommandId(ids.new()), before, list[ev.Event]()
    for payload in _story(number, ids):
        sequence = after.version + 1
        event_id = EventId(ids.new())
        event = ev.Event(event_id, before.pathway_id, sequence, at, at, GP, SITE, command, data=payload)
        after = evolve(after, event)
        events.append(event)
    return Commit(before.pathway_id, 0, command, at, tuple(events), projector(before, after, events))


def _story(number: int, ids: SystemIds) -> Iterator[ev.Payload]:
    kind = _KINDS[number % len(_KINDS)]
    yield ev.PatientIdentified(traits(number), binding(number))
    first = replace(screened(kind.phq2), screening_id=ScreeningId(ids.new()))
    yield first
    for weights, instrument in ((kind.phq9, InstrumentId.PHQ_9), (kind.gad7, InstrumentId.GAD_7)):
        if weights is not None:
            yield replace(screened(weights, instrument), screening_id=ScreeningId(ids.new()))
    if kind.referred:
        yield AGREED
        yield eligible(total=sum(map(int, kind.phq2)))
        yield ev.PatientReferred(ReferralId(ids.new()), first.screening_id)


def _commit_all(store: Store, count: int, progress: Progress) -> None:
    ids, projector = SystemIds(), PathwayProjector(index)

    def one(number: int) -> None:
        store.pathways.commit(commit_of(number, ids, projector))

    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, count, _TOGETHER):
            end = min(start + _TOGETHER, count)
            list(pool.map(one, range(start, end)))
            progress(end)


def digest(files: Iterable[Path]) -> str:
    """Names what these files make, as they are now."""
    found = hashlib.sha256()
    for path in files:
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def _digest() -> str:
    return digest([Path(__file__), *(path for folder in _SOURCES for path in sorted((ROOT / folder).rglob("*.py")))])
