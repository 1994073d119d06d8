"""The demo EHR and SÉSAME as they really run, in this process, with faults between them.

One port, two hosts, as ``sesame demo``: 127.0.0.1 is the EHR, localhost is SÉSAME; nothing passes between them but
HTTP. There is no background worker: a test says when delivery runs again.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from sesame_fhir.server import demo_ehr
from sesame_fhir.server.hosts import HostDispatcher
from sesame_fhir.server.settings import Settings, load
from sesame_fhir.server.system import SystemClock, make_key, read_key
from sesame_fhir.server.wiring import Sesame, build_sesame
from sesame_fhir.services.search import ReferenceClause, ReferenceValue, SearchQuery
from sesame_fhir.storage import open_store
from smart_app.ehr import capability, reading, searching
from smart_app.launch import discovery
from tests.integration.faults.injector import Fault, FaultInjector, Rule
from tests.support.demo import environment, free_port

IMPATIENT_SECONDS = 0.5
"""How long SÉSAME waits for the EHR where the fault is its silence; elsewhere it is patient."""

WRITTEN_KINDS = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "DocumentReference")


class _Quiet(WSGIRequestHandler):
    """The development server's own access log is none of the product's."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Say nothing."""


@dataclass(slots=True)
class World:
    """Both organisations. ``later`` is how far the clock has been moved on."""

    settings: Settings
    ehr: demo_ehr.DemoEhr
    sesame: Sesame
    injector: FaultInjector
    later: timedelta = timedelta(0)

    @property
    def ehr_url(self) -> str:
        """Root of the EHR."""
        return demo_ehr.ehr_url(self.settings)

    @property
    def app_url(self) -> str:
        """Root of the app."""
        return f"{demo_ehr.app_root(self.settings)}/app"

    @property
    def issuer(self) -> str:
        """The EHR's FHIR base URL."""
        return f"{self.ehr_url}/fhir"

    def now(self) -> datetime:
        """The clock of both."""
        return datetime.now(UTC) + self.later

    def forget(self) -> None:
        """Forget what the EHR has published about itself, as five minutes later."""
        discovery._CACHE.forget(self.issuer)
        capability._CACHE.forget(self.issuer)

    @contextmanager
    def broken(self, method: str, path: str, fault: Fault) -> Iterator[Rule]:
        """The EHR answers badly for a block; where it says nothing, SÉSAME does not wait long."""
        with self.injector.broken(method, path, fault) as rule, pytest.MonkeyPatch.context() as patch:
            if fault.silent:
                for module in (reading, searching):
                    patch.setattr(module, "SEARCH_SECONDS", IMPATIENT_SECONDS)
                patient, deps = self.sesame.deps.http_timeout, self.sesame.deps
                object.__setattr__(deps, "http_timeout", IMPATIENT_SECONDS)
            try:
                yield rule
            finally:
                if fault.silent:
                    object.__setattr__(deps, "http_timeout", patient)

    def deliver(self) -> None:
        """Run the outbox as the background worker would, when every back-off is over."""
        self.sesame.delivery.deliver_due(self.now() + timedelta(hours=2))

    def in_record(self, patient: str) -> dict[str, int]:
        """How many resources with SÉSAME's identifier the record holds, by type."""
        counts = {kind: self._ours(kind, patient) for kind in WRITTEN_KINDS}
        return {kind: count for kind, count in counts.items() if count}

    def _ours(self, kind: str, patient: str) -> int:
        about = ReferenceClause("patient", (ReferenceValue("Patient", patient),))
        found = self.ehr.store.resources.search(SearchQuery(kind, (about,), count=100))
        return sum("identifier" in json.loads(stored.body) for stored in found.resources if stored.body is not None)


@contextmanager
def running_world(folder: Path, patch: pytest.MonkeyPatch, port: int | None = None) -> Iterator[World]:
    """Both servers on one port of the loopback interface, over the folder's databases: fresh ones, or a demo's."""
    settings = _settings(folder, port or free_port())
    key_file = Path(settings.key_file)
    make_key(key_file)
    with open_store(settings.database_url, read_key(key_file)) as store:
        store.migrate()
        demo_ehr.register(store, settings)
    demo_ehr.prepare(settings, read_key(key_file))
    sesame, ehr = build_sesame(settings), demo_ehr.build_demo_ehr(settings)
    world = World(settings, ehr, sesame, FaultInjector(ehr.wsgi))
    patch.setattr(SystemClock, "now", lambda _self: world.now())
    both = HostDispatcher({"127.0.0.1": world.injector, "localhost": sesame.wsgi})
    server = make_server("127.0.0.1", settings.port, both, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        sesame.close()
        ehr.close()


def _settings(folder: Path, port: int) -> Settings:
    given = environment(folder, port, {"SESAME_AUTHORIZATION_ACCESS_TOKEN_SECONDS": "600"})
    settings = load(None, {name: value for name, value in given.items() if name.startswith("SESAME_")})
    return replace(settings, public_url=demo_ehr.app_root(settings))
