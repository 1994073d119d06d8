"""A demo open to strangers: what is entered is forgotten while it serves, and the same beginning comes back.

Each beginning is a generation: new databases in a folder of its own, and the applications over them. The next one is
made beside the one that serves; then requests go to it, those under way end where they began, and the old folder is
deleted. So no request meets half a database, and none is refused.
"""

import shutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wsgi import ClosingIterator

from sesame_fhir.server import demo_ehr
from sesame_fhir.server.background import Background
from sesame_fhir.server.demo import prepare_demo
from sesame_fhir.server.demo_ehr import DemoEhr, build_demo_ehr
from sesame_fhir.server.hosts import HostDispatcher
from sesame_fhir.server.limits import Limits
from sesame_fhir.server.sandbox_clients import sandbox_clients
from sesame_fhir.server.serving import ServingError
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import SystemClock, read_key
from sesame_fhir.server.wiring import Sesame, build_sesame
from sesame_fhir.services.journal import LogEvent, log
from sesame_fhir.services.ports import Clock
from sesame_fhir.storage import open_store

_ASKED = "reset-asked"
_DRAIN_SECONDS = 30
_LOOK_SECONDS = 1.0


def sandbox_folder(settings: Settings) -> Path:
    """Where a sandbox keeps its generations: beside the database of the settings, which it leaves alone.

    Raises:
        ServingError: that database is none of files.
    """
    kind, _, path = settings.database_url.partition("///")
    if kind != "sqlite:":
        raise ServingError("the sandbox keeps its data in SQLite files: set storage.database_url to sqlite:///PATH")
    return Path(path).parent / "sandbox"


def ask_reset(settings: Settings) -> None:
    """Ask the sandbox that runs with these settings to forget everything; it does within seconds.

    Raises:
        ServingError: none runs with these settings.
    """
    folder = sandbox_folder(settings)
    if not folder.is_dir():
        raise ServingError("no sandbox runs with these settings; start one with: sesame demo --sandbox")
    (folder / _ASKED).touch()


@dataclass(slots=True)
class _Generation:
    """One beginning and what came of it. ``running``: requests under way."""

    folder: Path
    made_at: datetime
    sesame: Sesame
    ehr: DemoEhr
    wsgi: WSGIApplication
    running: int = 0
    idle: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        """End its work and delete what it kept."""
        self.sesame.close()
        self.ehr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Sandbox:
    """WSGI application over the current generation; implements ``smart_app.demo_ehr.deps.SandboxControl``."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Make the first generation; what a sandbox before this one left is deleted."""
        self._settings = settings
        self._clock = clock or SystemClock()
        self._folder = sandbox_folder(settings)
        self._lock = threading.Lock()
        self._resetting = threading.Lock()
        self._count = 0
        self._retiring: list[tuple[threading.Thread, _Generation]] = []
        shutil.rmtree(self._folder, ignore_errors=True)
        self._current = self._make()
        self._background = Background("sandbox", self.look, _LOOK_SECONDS)
        self.wsgi: WSGIApplication = Limits(
            self._serve,
            per_minute=settings.sandbox.requests_per_minute,
            largest=settings.sandbox.largest_kilobytes * 1024,
        )

    def start(self) -> None:
        """Look from time to time whether it is time to forget."""
        self._background.start()

    def close(self) -> None:
        """End everything, and delete what was entered."""
        self._background.stop()
        with self._resetting:
            for thread, before in self._retiring:
                before.idle.set()
                thread.join()
            self._current.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def resets_at(self) -> datetime:
        """When everything is forgotten by itself."""
        return self._current.made_at + timedelta(hours=self._settings.sandbox.reset_hours)

    def reset(self) -> None:
        """Forget everything; returns once the beginning is served. Those who ask while it is being done share it."""
        before = self._current
        with self._resetting:
            if self._current is not before:
                return
            fresh = self._make()
            with self._lock:
                self._current = fresh
                if not before.running:
                    before.idle.set()
            ending = threading.Thread(target=_retire, args=(before,), name="sandbox-retiring", daemon=True)
            ending.start()
            self._retiring = [*(one for one in self._retiring if one[0].is_alive()), (ending, before)]
        log(LogEvent.SANDBOX_RESET)

    def look(self) -> None:
        """Reset when somebody asked on the command line, when it is time, or when there is too much."""
        asked = self._folder / _ASKED
        if asked.exists() or self._clock.now() >= self.resets_at() or self._too_large():
            asked.unlink(missing_ok=True)
            self.reset()

    def _too_large(self) -> bool:
        size = sum(part.stat().st_size for part in self._current.folder.glob("*.db*"))
        return size > self._settings.sandbox.largest_megabytes * 1024 * 1024

    def _make(self) -> _Generation:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir(parents=True)
        settings = replace(self._settings, database_url=f"sqlite:///{folder / 'sesame.db'}")
        wanted = settings.sandbox
        prepare_demo(settings, patients=wanted.patients, seed=wanted.seed, progress=lambda _done, _all: None)
        running = demo_ehr.demo_settings(settings)
        with open_store(settings.database_url, read_key(Path(settings.key_file))) as store:
            for client in sandbox_clients():
                store.authorization.save_client(client)
        sesame = build_sesame(running, self.resets_at)
        ehr = build_demo_ehr(running, self)
        sesame.start()
        hosts = {_host(demo_ehr.ehr_url(settings)): ehr.wsgi, _host(demo_ehr.app_root(settings)): sesame.wsgi}
        return _Generation(folder, self._clock.now(), sesame, ehr, HostDispatcher(hosts))

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            generation = self._current
            generation.running += 1
        leave = self._leaving(generation)
        try:
            answer = generation.wsgi(environ, start_response)
        except BaseException:
            leave()
            raise
        return ClosingIterator(answer, leave)

    def _leaving(self, generation: _Generation) -> Callable[[], None]:
        def leave() -> None:
            with self._lock:
                generation.running -= 1
                if not generation.running and generation is not self._current:
                    generation.idle.set()

        return leave


def _retire(generation: _Generation) -> None:
    """Wait for the requests under way, then close."""
    generation.idle.wait(_DRAIN_SECONDS)
    generation.close()


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
