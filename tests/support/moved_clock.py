"""The real demo with a clock that a test moves: months pass in a moment, whatever else is as ``sesame demo`` does it.

``python -m tests.support.moved_clock demo`` is ``sesame demo``, but its clock is the machine's plus the seconds written
in the file that ``MOVED_CLOCK`` names, and its calendar's background job runs at once instead of every quarter of an
hour. What that job has seen is written beside the file, so that the test knows when the past is settled.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from wsgiref.types import WSGIApplication
from zoneinfo import ZoneInfo

from sesame_fhir.cli import main
from sesame_fhir.server import serving, system, wiring, wsgi
from sesame_fhir.services.engine import Engine
from tests.support.demo import Demo, running_demo

_VARIABLE = "MOVED_CLOCK"
_ROOT = Path(__file__).parents[2]
_PARIS = ZoneInfo("Europe/Paris")
_CALENDAR_SECONDS = 0.1
_SETTLED_SECONDS = 10.0
_end_sequences = wiring._end_sequences


@dataclass(slots=True)
class MovedDemo:
    """A running demo whose time is moved forward."""

    demo: Demo
    file: Path
    ahead: timedelta = field(default=timedelta(0))

    @property
    def now(self) -> datetime:
        """What the demo's clock says."""
        return datetime.now(UTC) + self.ahead

    @property
    def today(self) -> date:
        """The day of the demo, in France."""
        return self.now.astimezone(_PARIS).date()

    def move_to(self, day: date, hour: int = 9) -> None:
        """Move to a later day, at this hour in France; returns once the calendar has ended what ends."""
        wanted = datetime(day.year, day.month, day.day, hour, tzinfo=_PARIS)
        assert wanted > self.now, f"time only goes forward: {wanted}"
        self.ahead = wanted - datetime.now(UTC)
        text = str(self.ahead.total_seconds())
        _write(self.file, text)
        end = time.monotonic() + _SETTLED_SECONDS
        while _read(_seen(self.file)) != text:
            assert time.monotonic() < end, f"the calendar's job did not run:\n{self.demo.log}"
            time.sleep(0.02)


@contextmanager
def moved_demo(folder: Path) -> Iterator[MovedDemo]:
    """Run the demo in this folder, at the machine's time to begin with."""
    file = folder / "clock"
    _write(file, "0")
    settings = {_VARIABLE: str(file), "PYTHONPATH": str(_ROOT)}
    with running_demo(folder, settings, module="tests.support.moved_clock") as demo:
        yield MovedDemo(demo, file)


def demo() -> WSGIApplication:
    """The factory of the worker: the product's own, with the clock moved and the calendar in a hurry."""
    system.SystemClock.now = _now  # type: ignore[method-assign, assignment]  # what this module is for
    wiring.CALENDAR_SECONDS = _CALENDAR_SECONDS  # type: ignore[assignment]
    wiring._end_sequences = _watched
    return wsgi.demo()


def _now(_self: system.SystemClock) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=float(_read(_file()) or 0))


def _watched(engine: Engine) -> None:
    text = _read(_file())
    _end_sequences(engine)
    _write(_seen(_file()), text)


def _file() -> Path:
    return Path(os.environ[_VARIABLE])


def _seen(file: Path) -> Path:
    return file.with_suffix(".seen")


def _read(file: Path) -> str:
    return file.read_text(encoding="ascii") if file.exists() else ""


def _write(file: Path, text: str) -> None:
    """All at once: nobody reads half a number."""
    half = file.with_name(f"{file.name}.half")
    half.write_text(text, encoding="ascii")
    half.replace(file)


if __name__ == "__main__":
    serving.DEMO = "tests.support.moved_clock:demo"
    main()
