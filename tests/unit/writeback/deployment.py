"""SÉSAME's own side for real: store, launch with sealed tokens, engine, authority, writer and delivery over one file.

Used by tests in the process and, as a script, by the one that kills it:
``python -m tests.unit.writeback.deployment FOLDER BASE_URL SECONDS_LATER`` delivers once what is due.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from mappings.projector import PathwayProjector
from mappings.summary import Summary
from sesame_fhir.domain.events import Event
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import CommandId, LaunchId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.delivery import DeliveryService, RetryPolicy
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.records import ClientKind, Commit, EhrRegistration, LaunchSession, OutboxItem
from sesame_fhir.storage import Store, open_store
from smart_app.deps import AppDeps
from smart_app.ehr.authority import LaunchAuthorities
from smart_app.ehr.writer import EhrRecordWriter
from smart_app.launch.tokens import Tokens, seal_tokens
from tests.support.app_pages import TEAM
from tests.support.databases import VAULT_KEY, migrated
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import BINDING, EHR, GP, PATHWAY, SITE
from tests.unit.writeback.outbox_double import START

SCOPES = (
    "launch openid fhirUser patient/Patient.rs user/Practitioner.rs patient/QuestionnaireResponse.crus "
    "patient/Observation.crus patient/ServiceRequest.crus patient/Task.crus patient/DocumentReference.crus"
)


def render(summary: Summary) -> bytes:
    """Stands for the PDF: what it must tell, in bytes."""
    return f"%PDF-{summary.reference}-{[line.total for line in summary.screenings]}".encode()


@dataclass(frozen=True, slots=True)
class Deployment:
    """One SÉSAME with one registered EHR."""

    store: Store
    deps: AppDeps
    delivery: DeliveryService
    clock: HandClock

    def commit(self, events: Sequence[Event], known: int = 0) -> None:
        """Append events ``known`` and after, with their projections, as a command does."""
        before, after = fold(PATHWAY, events[:known]), fold(PATHWAY, events)
        projections = self.deps.engine.projector(before, after, events[known:])
        command = CommandId(f"command-{len(events)}")
        self.store.pathways.commit(Commit(PATHWAY, known, command, START, tuple(events[known:]), projections))

    def launch(
        self, token: str = "good", scopes: str = SCOPES, refresh_token: str | None = None, **changes: Any
    ) -> None:
        """Open a launch on the patient's record; nobody answers at its token endpoint."""
        tokens = Tokens(token, refresh_token, "http://127.0.0.1:9/token")
        count = CountingIds()
        session = LaunchSession(
            launch_id=LaunchId(count.new()),
            launch_hash=f"hash-{token}",
            browser_hash="browser",
            ehr_id=EHR,
            site=SITE,
            patient=BINDING.patient,
            encounter=BINDING.encounter,
            actor=GP,
            granted_scopes=scopes,
            requested_scopes=scopes,
            tokens=seal_tokens(self.store.vault, f"hash-{token}", tokens),
            token_expires_at=self.clock.now() + timedelta(hours=1),
            context={},
            created_at=self.clock.now(),
            last_seen_at=self.clock.now(),
            expires_at=self.clock.now() + timedelta(hours=8),
            practitioner=BINDING.practitioner,
        )
        self.store.launches.open(replace(session, **changes))

    def items(self) -> dict[str, OutboxItem]:
        """The outbox, by type."""
        return {i.target.resource_type: i for i in self.store.outbox.of_pathway(PATHWAY)}


def deployment(folder: Path, base_url: str, clock: HandClock | None = None, timeout: float = 2.0) -> Deployment:
    """Open (and create, the first time) a deployment whose EHR is at ``base_url``."""
    database = folder / "sesame.db"
    if not database.exists():
        migrated(database)
    store = open_store(f"sqlite:///{database}", VAULT_KEY)
    clock, ids, policy = clock or HandClock(START), CountingIds(), PathwayPolicy()
    deps = AppDeps(
        engine=Engine(store.pathways, PathwayProjector(index), store.audit, clock, ids, policy),
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
        http_timeout=timeout,
        launch_idle_seconds=3600,
        launch_absolute_seconds=28800,
        deliver=lambda _: None,
        known_forms={},
        staff=store.staff,
        staff_access=store.staff_access,
        review_sessions=store.review_sessions,
        team=TEAM,
    )
    store.ehrs.add(EhrRegistration(EHR, base_url, "app", ClientKind.PUBLIC, SITE, ()))
    writer = EhrRecordWriter(LaunchAuthorities(deps), deps.engine.load, render, clock)
    delivery = DeliveryService(store.outbox, store.resources, writer, clock, RetryPolicy(lambda: 0.0))
    return Deployment(store, deps, delivery, clock)


def deliver_once(folder: Path, base_url: str, seconds_later: int) -> None:
    """One round of a sender that opens the folder's deployment so much later; run as a program, it can be killed."""
    made = deployment(folder, base_url, HandClock(START + timedelta(seconds=seconds_later)), timeout=30)
    with made.store:
        made.delivery.deliver_due(made.clock.now())


if __name__ == "__main__":
    deliver_once(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
