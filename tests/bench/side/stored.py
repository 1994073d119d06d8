"""Databases with so many resources of the record, written through the storage layer; SQLite's are kept in var/bench."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.records import Origin, ResourceChange, ResourceWrite
from sesame_fhir.storage import open_store
from tests.bench.seed import KEY, ROOT, digest
from tests.bench.side import people
from tests.support.story import SITE

_NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_PATIENTS_TOGETHER = 200
_SOURCES = (
    "tests/bench/side/people.py",
    "tests/bench/side/stored.py",
    "sesame_fhir/fhir/search_index.py",
    "sesame_fhir/storage/index.py",
    "sesame_fhir/storage/publish.py",
)

Progress = Callable[[str], None]


def kept(size: int, cache: Path, progress: Progress) -> Path:
    """A SQLite database of so many resources, made again when the code that writes its rows has changed.

    Whoever copies it migrates the copy: the schema may have grown.
    """
    path = cache / f"side-{size}-{digest([ROOT / name for name in _SOURCES])}.db"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / path.name
            fill(f"sqlite:///{made}", size, progress)
            for outdated in cache.glob(f"side-{size}-*.db"):
                outdated.unlink()
            made.rename(path)
    return path


def fill(url: str, size: int, progress: Progress) -> None:
    """Migrate an empty database and put ``size`` resources into it."""
    patients = size // people.EACH
    with open_store(url, KEY) as store:
        store.migrate()
        for start in range(0, patients, _PATIENTS_TOGETHER):
            numbers = range(start, min(start + _PATIENTS_TOGETHER, patients))
            bodies = chain.from_iterable(people.resources(number) for number in numbers)
            store.resources.apply((), [_change(body) for body in bodies], _NOW)
            if numbers.stop % 10_000 == 0:
                progress(f"  {numbers.stop * people.EACH:,} of {size:,} resources")


def _change(body: people.Json) -> ResourceChange:
    kind, key = body["resourceType"], body["id"]
    return ResourceChange(kind, key, ResourceWrite(kind, key, body, index(body), SITE, Origin.RECORD), expected=0)
