"""The demo EHR on a stage: its blueprint over a record in memory, with sessions and launches that tests can look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.records import Origin, ResourceWrite
from smart_app.demo_ehr.access import form_token
from smart_app.demo_ehr.blueprint import demo_blueprint
from smart_app.demo_ehr.deps import DemoDeps
from smart_app.demo_ehr.seed import seed
from tests.support.fakes import HandClock
from tests.support.quick_flask import QuickFlask
from tests.unit.demo_ehr.record_double import MemoryRecord

SITE = SiteId("site-demo")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8000"
KEY = b"k" * 32
COOKIE = "ehr-session"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Stage:
    """Everything a test may need. ``launches`` are the (client, subject, context) that were issued."""

    record: MemoryRecord = field(default_factory=MemoryRecord)
    clock: HandClock = field(default_factory=lambda: HandClock(NOW))
    sessions: dict[str, str] = field(default_factory=dict)
    launches: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        seed(self.record, self.clock.now(), SITE)

    def deps(self) -> DemoDeps:
        return DemoDeps(
            resources=self.record,
            issue_launch=self._issue,
            sign_in=self._sign_in,
            sign_out=self._sign_out,
            session_subject=self.sessions.get,
            cookie_name=COOKIE,
            form_key=KEY,
            base_url=BASE,
            fhir_url=f"{BASE}/fhir",
            app_launch_url="http://localhost:8000/app/launch",
            team_url="http://localhost:8000/app/team/",
            client_id="sesame",
            clock=self.clock,
        )

    def app(self) -> Flask:
        app = QuickFlask("stage")
        app.register_blueprint(demo_blueprint(self.deps()))
        return app

    def client(self, staff: str | None = None) -> FlaskClient:
        """A browser; signed in when ``staff`` is given."""
        client = self.app().test_client()
        client.get("/sign-in", base_url=BASE)
        if staff is not None:
            session = self._sign_in(f"Practitioner/{staff}")
            client.set_cookie(COOKIE, session, domain="127.0.0.1")
        return client

    def token(self, session: str = "session-1") -> str:
        return form_token(KEY, session)

    def receive(self, resource: Json, minutes: int) -> None:
        """Something arrives in the record, ``minutes`` after now."""
        kind, resource_id = resource["resourceType"], resource["id"]
        write = ResourceWrite(kind, resource_id, resource, index(resource), SITE, Origin.RECORD)
        self.record.update(write, NOW + timedelta(minutes=minutes))

    def _sign_in(self, subject: str) -> str:
        session = f"session-{len(self.sessions) + 1}"
        self.sessions[session] = subject
        return session

    def _sign_out(self, session: str) -> None:
        del self.sessions[session]

    def _issue(self, client_id: str, subject: str, context: Mapping[str, Any]) -> str:
        self.launches.append((client_id, subject, context))
        return f"launch-{len(self.launches)}"
