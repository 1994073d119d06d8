"""Puts SÉSAME together: store, engine, delivery, app and facade, from checked settings. No decision is taken here."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from wsgiref.types import WSGIApplication

from mappings.conformance import load_conformance
from mappings.payment_reconciliation import payment_publisher
from mappings.profiles import load_questionnaires
from mappings.projector import PathwayProjector
from sesame_fhir.api.blueprints import create_blueprints as api_blueprints
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.fhir.search_index import index
from sesame_fhir.server.background import Background
from sesame_fhir.server.billing.reader import scheme_reader
from sesame_fhir.server.billing.scheme_file import Deployment
from sesame_fhir.server.clients import Clients
from sesame_fhir.server.definitions import publish_definitions
from sesame_fhir.server.facade import api_deps
from sesame_fhir.server.health import health_blueprint
from sesame_fhir.server.hosts import PathDispatcher
from sesame_fhir.server.launching import Launcher
from sesame_fhir.server.people import published_staff
from sesame_fhir.server.registration import register_all
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.subscriptions import KEPT, notify, subscription_service
from sesame_fhir.server.system import SystemClock, SystemIds, read_key
from sesame_fhir.server.team import team_settings
from sesame_fhir.server.web import flask_application
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.course import finish_all_due
from sesame_fhir.services.delivery import DeliveryService, RetryPolicy
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.journal import LogEvent, log, log_unexpected
from sesame_fhir.storage import Store, open_store
from smart_app.blueprints import create_blueprints as app_blueprints
from smart_app.deps import AppDeps, bind_deps
from smart_app.ehr.writing import record_writer
from smart_app.team.addresses import TEAM_ROOT
from smart_app.team.guard import person_of

PURGE_SECONDS = 3600
CALENDAR_SECONDS = 900
_SEQUENCES_AT_ONCE = 200
# A command's page waits this long for the EHR at most before it says "still to be sent".
_AT_ONCE = timedelta(seconds=3)


@dataclass(slots=True)
class Sesame:
    """One running SÉSAME: its WSGI application, its store, its background work."""

    wsgi: WSGIApplication
    store: Store
    deps: AppDeps
    delivery: DeliveryService
    background: list[Background] = field(default_factory=list)

    def start(self) -> None:
        """Publish what this release defines, then start the background work of this process."""
        try:
            site = self.deps.team.home_site
            publish_definitions(self.store.resources, load_conformance(), site, self.deps.clock.now())
        except Exception as error:  # noqa: BLE001  care goes on without them; the next start tries again
            log_unexpected(error, "definitions")
        for worker in self.background:
            worker.start()

    def close(self) -> None:
        """Stop the background work, then the store: queued writes are committed."""
        for worker in self.background:
            worker.stop()
        self.store.close()


def projector(settings: Settings) -> PathwayProjector:
    """The projector that this deployment's policy asks for."""
    return PathwayProjector(index, settings.policy)


def engine_of(settings: Settings, store: Store) -> Engine:
    """The way to change a pathway in this deployment."""
    return Engine(store.pathways, projector(settings), store.audit, SystemClock(), SystemIds(), settings.policy)


def billing_of(settings: Settings, store: Store, engine: Engine | None = None) -> Billing:
    """The use cases of billing in this deployment; payments are shown to other systems."""
    shown = payment_publisher(store.resources, index)
    return Billing(engine or engine_of(settings, store), store.billing, settings.four_eyes, shown)


def known_forms() -> dict[str, InstrumentId]:
    """Canonical URL of each of our Questionnaires (without version) -> instrument."""
    return {url: InstrumentId(found["id"]) for url, found in load_questionnaires().items() if "|" not in url}


def build_sesame(settings: Settings, resets_at: Callable[[], datetime] | None = None) -> Sesame:
    """Compose the application; the store must be migrated. ``resets_at``: when a public sandbox forgets everything."""
    store = open_store(settings.database_url, read_key(Path(settings.key_file)))
    register_all(settings.ehrs, settings.site_id, store.vault, store.ehrs)
    team, delivery = _app_deps(settings, store)
    api = _api_deps(settings, store, team)
    registry = _clients(settings, store)
    deps = replace(
        team, launcher=Launcher(api), clients=registry, subscriptions=store.subscriptions, resets_at=resets_at
    )
    # An ordinary read is answered before Flask and is in the audit log; of the others, failures are worth a line.
    facade = flask_application("facade", api_blueprints(api), log_from=HTTPStatus.BAD_REQUEST)
    app = flask_application("app", app_blueprints())
    health = flask_application("health", [health_blueprint(store.check)], log_from=HTTPStatus.BAD_REQUEST)
    bind_deps(app, deps)
    wsgi = PathDispatcher(app, {"fhir": facade, "oauth": facade, "healthz": health, "readyz": health})
    subscriptions = subscription_service(settings, store, api)
    background = [
        Background("subscriptions", lambda: notify(subscriptions), settings.poll_seconds),
        Background("delivery", lambda: _deliver(delivery), settings.poll_seconds),
        Background("purge", lambda: _purge(store), PURGE_SECONDS),
        Background("calendar", lambda: _end_sequences(deps.engine), CALENDAR_SECONDS),
    ]
    return Sesame(wsgi, store, deps, delivery, background)


def _app_deps(settings: Settings, store: Store) -> tuple[AppDeps, DeliveryService]:
    """The app's dependencies and the delivery, which need each other: the app's ``deliver`` finds it when called."""
    staff = published_staff(settings, store)
    staff.publish_all()
    engine, team = engine_of(settings, store), team_settings(settings)
    made: list[DeliveryService] = []

    def deliver(pathway_id: PathwayId) -> None:
        made[0].deliver_pathway(pathway_id, _AT_ONCE)

    deps = AppDeps(
        engine=engine,
        resources=store.resources,
        outbox=store.outbox,
        ehrs=store.ehrs,
        launches=store.launches,
        keys=store.keys,
        audit=store.audit,
        vault=store.vault,
        clock=engine.clock,
        ids=engine.ids,
        app_url=f"{settings.public_url}/app",
        http_timeout=settings.http_timeout_seconds,
        launch_idle_seconds=settings.idle_minutes * 60,
        launch_absolute_seconds=settings.absolute_hours * 3600,
        deliver=deliver,
        known_forms=known_forms(),
        staff=staff,
        staff_access=store.staff_access,
        review_sessions=store.review_sessions,
        team=team,
        billing=billing_of(settings, store, engine),
        read_schemes=scheme_reader(Deployment(frozenset(team.sites), settings.policy.maximum_sequences)),
    )
    writer = record_writer(deps)
    retry = RetryPolicy(jitter=random.random, cap=timedelta(minutes=settings.maximum_backoff_minutes))
    made.append(DeliveryService(store.outbox, store.resources, writer, engine.clock, retry))
    return deps, made[0]


def _api_deps(settings: Settings, store: Store, team: AppDeps) -> ApiDeps:
    """The facade of the pathways: its people sign in on the team's page, and act within their reach."""
    return replace(
        api_deps(settings, store, settings.public_url, settings.public_url),
        engine=team.engine,
        staff=team.staff,
        glass=team.staff_access.grants,
        sign_in_url=f"{settings.public_url}{TEAM_ROOT}/sign-in",
        find_person=lambda cookies: person_of(team, cookies),
        subscriptions=store.subscriptions,
    )


def _clients(settings: Settings, store: Store) -> Clients:
    sites = frozenset(team_settings(settings).sites)
    return Clients(store.authorization, store.audit, SystemClock(), SystemIds(), sites)


def _deliver(delivery: DeliveryService) -> None:
    """One round of what is due to the EHRs."""
    if claimed := delivery.deliver_due(delivery.clock.now()).claimed:
        log(LogEvent.DELIVERY_ROUND, count=claimed)


def _end_sequences(engine: Engine) -> None:
    """End the sequences whose last day has passed; what is left over comes with the next round."""
    if ended := finish_all_due(engine, engine.clock.now(), _SEQUENCES_AT_ONCE):
        log(LogEvent.SEQUENCES_ENDED, count=ended)


def _purge(store: Store) -> None:
    """Delete ended launches, old drafts, codes and tokens."""
    now = SystemClock().now()
    old = store.subscriptions.forget(now - KEPT)
    if gone := old + store.launches.purge(now) + store.authorization.purge(now) + store.staff_access.purge(now):
        log(LogEvent.PURGED, count=gone)
