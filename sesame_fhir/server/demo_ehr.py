"""The demo EHR: its own record database, its authorization server and facade, its pages; on 127.0.0.1.

It shares no table with SÉSAME: what it knows of the pathway arrived over HTTP.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from wsgiref.types import WSGIApplication

from sesame_fhir.api import launches
from sesame_fhir.api.blueprints import create_blueprints
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server import demo_team
from sesame_fhir.server.facade import api_deps
from sesame_fhir.server.health import health_blueprint
from sesame_fhir.server.hosts import PathDispatcher
from sesame_fhir.server.people import published_staff
from sesame_fhir.server.registration import registration_from
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import SystemClock, read_key
from sesame_fhir.server.web import flask_application
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import Store, open_store
from smart_app.demo_ehr.blueprint import demo_blueprint
from smart_app.demo_ehr.deps import DemoDeps, SandboxControl
from smart_app.demo_ehr.seed import seed
from smart_app.launch.scopes import DEFAULT_SCOPES

CLIENT_ID = "sesame-app"
_RECORD_DATABASE = "demo-ehr.db"


@dataclass(slots=True)
class DemoEhr:
    """The running demo EHR."""

    wsgi: WSGIApplication
    store: Store

    def close(self) -> None:
        """Close its store."""
        self.store.close()


def ehr_url(settings: Settings) -> str:
    """Scheme, host and port of the demo EHR."""
    return settings.sandbox.ehr_url or f"http://127.0.0.1:{settings.port}"


def issuer(settings: Settings) -> str:
    """What the demo EHR calls itself: to SMART and to OpenID Connect."""
    return f"{ehr_url(settings)}/fhir"


def demo_settings(settings: Settings) -> Settings:
    """The settings with which SÉSAME runs beside the demo EHR."""
    return demo_team.with_team(replace(settings, public_url=app_root(settings)), issuer(settings))


def app_root(settings: Settings) -> str:
    """Scheme, host and port of the app beside it: another host, hence another site for a browser."""
    return settings.public_url if settings.sandbox.ehr_url else f"http://localhost:{settings.port}"


def data_folder(settings: Settings) -> Path:
    """Where the demo keeps what is its own: beside SÉSAME's database when that is SQLite, else in var/."""
    kind, _, path = settings.database_url.partition("///")
    return Path(path).parent if kind == "sqlite:" else Path("var")


def record_url(settings: Settings) -> str:
    """Database of the EHR's record."""
    return f"sqlite:///{data_folder(settings) / _RECORD_DATABASE}"


def register(store: Store, settings: Settings) -> None:
    """Make the demo EHR and its people known to SÉSAME, as ``sesame ehr add`` and ``sesame staff add`` would."""
    described = {
        "issuer": issuer(settings),
        "client_id": CLIENT_ID,
        "private_key_jwt": "ES384",
        "frame_origins": [ehr_url(settings)],
    }
    store.ehrs.add(registration_from(described, settings.site_id, store.vault))
    demo_team.enrol(published_staff(settings, store), settings, issuer(settings))


def prepare(settings: Settings, key: bytes) -> None:
    """Create the record with its synthetic patients, and make the app known to the EHR."""
    store = open_store(record_url(settings), key)
    try:
        store.migrate()
        seed(store.resources, SystemClock().now(), SiteId(settings.site_id))
        store.authorization.save_client(_client(settings))
        store.authorization.save_client(demo_team.client(f"{app_root(settings)}/app"))
    finally:
        store.close()


def _client(settings: Settings) -> OAuthClient:
    app = f"{app_root(settings)}/app"
    return OAuthClient(
        client_id=CLIENT_ID,
        name="SÉSAME",
        kind=ClientKind.ASYMMETRIC,
        redirect_uris=(f"{app}/callback",),
        launch_uri=f"{app}/launch",
        scopes=tuple(DEFAULT_SCOPES.split()),
        jwks_uri=f"{app}/jwks.json",
    )


def build_demo_ehr(settings: Settings, sandbox: SandboxControl | None = None) -> DemoEhr:
    """Compose the EHR's application; its store must be prepared."""
    key = read_key(Path(settings.key_file))
    store = open_store(record_url(settings), key)
    api = api_deps(settings, store, ehr_url(settings), app_root(settings))
    facade = flask_application("ehr-facade", create_blueprints(api), log_from=HTTPStatus.BAD_REQUEST)
    demo = demo_blueprint(replace(_demo_deps(settings, store, api, key), sandbox=sandbox))
    pages = flask_application("demo-ehr", [demo])
    health = flask_application("ehr-health", [health_blueprint(store.check)], log_from=HTTPStatus.BAD_REQUEST)
    others = {"fhir": facade, "oauth": facade, "healthz": health, "readyz": health}
    return DemoEhr(PathDispatcher(pages, others), store)


def _demo_deps(settings: Settings, store: Store, api: ApiDeps, key: bytes) -> DemoDeps:
    return DemoDeps(
        resources=store.resources,
        issue_launch=lambda client_id, subject, context: launches.issue_launch(api, client_id, subject, context),
        sign_in=lambda subject: launches.sign_in(api, subject),
        sign_out=lambda cookie: launches.sign_out(api, cookie),
        session_subject=lambda cookie: _subject(api, cookie),
        cookie_name=launches.SESSION_COOKIE,
        form_key=hmac.digest(key, b"demo-ehr-forms", hashlib.sha256),
        base_url=ehr_url(settings),
        fhir_url=issuer(settings),
        app_launch_url=f"{app_root(settings)}/app/launch",
        team_url=f"{app_root(settings)}/app/team/",
        client_id=CLIENT_ID,
        clock=api.clock,
    )


def _subject(api: ApiDeps, cookie: str) -> str | None:
    session = launches.signed_in(api, cookie, api.clock.now())
    return None if session is None else session.subject
