"""The GP's pages on a real store with an open launch, without an EHR: for page tests and for looking at the pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mappings.projector import PathwayProjector
from sesame_fhir.domain.events import PatientTraits
from sesame_fhir.domain.ids import LaunchId, PathwayId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.records import ClientKind, Delivery, DeliveryReport, EhrRegistration, LaunchSession
from sesame_fhir.services.screening import PatientContext, find_pathway
from sesame_fhir.services.snapshot import RecordSnapshot, snapshot_from_json, snapshot_to_json
from sesame_fhir.storage import Store, open_store
from smart_app.deps import AppDeps
from smart_app.launch.scopes import DEFAULT_SCOPES
from smart_app.session.cookies import SESSION_COOKIE, fingerprint
from smart_app.team.settings import TeamSettings
from tests.support.applications import application
from tests.support.databases import migrated
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import BINDING, EHR, GP, SITE, TRAITS, answered

BROWSER = "browser-secret"
TEAM = TeamSettings(SITE, {SITE: "Centre de santé fictif d'Argenteuil"})
READ_ONLY_SCOPES = "openid fhirUser patient/Patient.rs patient/Observation.rs"
_KEY = b"k" * 32
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class Pages:
    """One application, one store, one client; ``delivered`` lists the pathways sent for delivery."""

    app: Flask
    store: Store
    deps: AppDeps
    client: FlaskClient
    clock: HandClock
    launch_id: str
    record: RecordSnapshot
    delivered: list[PathwayId] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"/app/s/{self.launch_id}{path}"

    def get(self, path: str = "/", **kwargs: Any) -> TestResponse:
        return self.client.get(self.url(path), **kwargs)

    def hidden(self, page_path: str) -> dict[str, str]:
        """The hidden fields of a page's first form."""
        return dict(_HIDDEN.findall(self.get(page_path).text)[:4])

    def post(self, path: str, data: Mapping[str, str], opened: Mapping[str, str] | None = None) -> TestResponse:
        """Post a form as a browser does; ``opened`` are hidden fields taken before (default: from the page now)."""
        fields = dict(self.hidden(path) if opened is None else opened)
        return self.client.post(self.url(path), data=fields | dict(data))

    def come_back(self, **later: float) -> None:
        """Open the same record again later."""
        self.clock.move(**later)
        self.launch_id = f"launch-{self.clock.now():%Y%m%d%H%M}"
        self.open_launch(self.launch_id, self.record)

    def screen(self, weights: str = "33", instrument: InstrumentId = InstrumentId.PHQ_2) -> str:
        """Fill an instrument in; returns the path of the page that follows, below the launch."""
        return self.follow(self.post(f"/form/{instrument.value}", form_of(instrument, weights)))

    def confirm(self, **criteria: str) -> TestResponse:
        """Confirm eligibility as pre-filled, but for ``criteria``."""
        usual = {"psychiatric_follow_up": "no", "masters_french": "yes", "common_mental_disorder": "yes"}
        return self.post("/eligibility", usual | {"consent": "given"} | criteria)

    def refer(self) -> str:
        """From nothing to a sent referral; returns the path of the last page."""
        self.screen()
        self.confirm()
        return self.follow(self.post("/referral", {}))

    def follow(self, response: TestResponse) -> str:
        """The path below the launch that a redirect leads to."""
        assert response.status_code == 303, response.text
        return response.headers["Location"].removeprefix(self.url(""))

    @property
    def pathway(self) -> Pathway | None:
        """The launch patient's pathway."""
        session = self.deps.launches.get(fingerprint(self.launch_id), self.clock.now())
        assert session is not None
        traits = snapshot_from_json(session.context["snapshot"]).traits
        return find_pathway(self.deps.engine, PatientContext(traits, replace(BINDING, patient=session.patient)))

    def open_launch(self, launch_id: str, record: RecordSnapshot, **changes: Any) -> None:
        """Open a launch as the callback does, and give its cookie to the client."""
        now = self.clock.now()
        session = LaunchSession(
            launch_id=LaunchId(self.deps.ids.new()),
            launch_hash=fingerprint(launch_id),
            browser_hash=fingerprint(BROWSER),
            ehr_id=EHR,
            site=SITE,
            patient=BINDING.patient,
            encounter=BINDING.encounter,
            actor=record.author,
            granted_scopes=DEFAULT_SCOPES,
            requested_scopes=DEFAULT_SCOPES,
            tokens=b"",
            token_expires_at=now + timedelta(hours=1),
            context={"snapshot": snapshot_to_json(record)} | changes.pop("context", {}),
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=2),
            practitioner=BINDING.practitioner,
        )
        self.deps.launches.open(replace(session, **changes))
        self.client.set_cookie(SESSION_COOKIE, BROWSER, path=f"/app/s/{launch_id}", domain="localhost")

    def report_all(self, status: Delivery, error: str | None = None) -> None:
        """Pretend that the EHR answered every waiting item alike."""
        pathway = self.pathway
        assert pathway is not None
        now = self.clock.now()
        for item in self.store.outbox.claim(now, 60, 100, pathway.pathway_id):
            location = f"{item.target.resource_type}/ehr" if status is Delivery.SENT else None
            report = DeliveryReport(status, location, error, now if status is Delivery.PENDING else None)
            self.store.outbox.report(item, report, now)


def record_of(traits: PatientTraits = TRAITS, **changes: Any) -> RecordSnapshot:
    """What the record says of a patient."""
    return replace(RecordSnapshot(traits=traits, author=GP, psychiatric_follow_up=False), **changes)


def migrated_database(folder: Path) -> Path:
    """A migrated, empty database to copy."""
    path = folder / "migrated.db"
    migrated(path, _KEY)
    return path


def build_pages(
    database: Path, record: RecordSnapshot | None = None, policy: PathwayPolicy | None = None, **launch: Any
) -> Pages:
    """Build everything on a migrated database, with one open launch named ``launch-one``."""
    store = open_store(f"sqlite:///{database}", _KEY)
    clock, ids = HandClock(), CountingIds()
    delivered: list[PathwayId] = []
    policy = policy or PathwayPolicy()
    projector = PathwayProjector(index, policy)
    deps = AppDeps(
        engine=Engine(store.pathways, projector, store.audit, clock, ids, policy),
        resources=store.resources,
        outbox=store.outbox,
        ehrs=store.ehrs,
        launches=store.launches,
        keys=store.keys,
        audit=store.audit,
        vault=store.vault,
        clock=clock,
        ids=ids,
        app_url="http://localhost/app",
        http_timeout=1.0,
        launch_idle_seconds=3600,
        launch_absolute_seconds=28800,
        deliver=delivered.append,
        known_forms={},
        staff=store.staff,
        staff_access=store.staff_access,
        review_sessions=store.review_sessions,
        team=TEAM,
    )
    store.ehrs.add(
        EhrRegistration(EHR, "https://ehr.invalid/fhir", "app", ClientKind.PUBLIC, SITE, ("https://ehr.invalid",))
    )
    app = application(deps, store)
    record = record or record_of()
    pages = Pages(app, store, deps, app.test_client(), clock, "launch-one", record, delivered)
    pages.open_launch("launch-one", record, **launch)
    return pages


def form_of(instrument: InstrumentId, weights: str) -> dict[str, str]:
    """Form fields from one digit per scored item."""
    return {f"q-{link_id}": code for link_id, code in answered(instrument, weights).items()}
