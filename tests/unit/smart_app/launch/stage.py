"""A SÉSAME application with a real store, and the steps of a launch as a browser takes them."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.server.web import Application
from sesame_fhir.services.records import LaunchSession
from sesame_fhir.storage import Store, open_store
from smart_app.deps import AppDeps, bind_deps
from smart_app.errors import handle_app_errors
from smart_app.launch.blueprint import launch_blueprint
from smart_app.security import secure_app
from smart_app.session.cookies import fingerprint
from smart_app.session.guard import launch_view
from tests.support.app_pages import TEAM
from tests.support.databases import VAULT_KEY, migrated
from tests.unit.smart_app.launch.launch_ehr import LaunchEhr

APP_URL = "http://localhost/app"


class TickingClock:
    """Moves on by a millisecond at every look, and by hand."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def move(self, **by: float) -> None:
        self._now += timedelta(**by)


class RandomIds:
    """Ids and secrets as in production."""

    def new(self) -> str:
        return f"0190-{secrets.token_hex(8)}"

    def secret(self) -> str:
        return secrets.token_urlsafe(32)


class Stage:
    """The application, its store and its clock; ``browser`` makes a fresh browser."""

    def __init__(self, folder: Path) -> None:
        self.clock = TickingClock()
        migrated(folder / "app.db")
        self.store: Store = open_store(f"sqlite:///{folder}/app.db", VAULT_KEY)
        self.deps = self._deps()
        self.app = self._application()

    def _deps(self) -> AppDeps:
        store = self.store
        return AppDeps(
            engine=None,  # type: ignore[arg-type]  # a launch runs no use case
            resources=store.resources,
            outbox=store.outbox,
            ehrs=store.ehrs,
            launches=store.launches,
            keys=store.keys,
            audit=store.audit,
            vault=store.vault,
            clock=self.clock,
            ids=RandomIds(),
            app_url=APP_URL,
            http_timeout=1.0,
            launch_idle_seconds=1800,
            launch_absolute_seconds=28800,
            deliver=lambda _pathway: None,
            known_forms={"https://sesame-fhir.fr/ig/Questionnaire/phq-9": InstrumentId.PHQ_9},
            staff=store.staff,
            staff_access=store.staff_access,
            review_sessions=store.review_sessions,
            team=TEAM,
        )

    def _application(self) -> Flask:
        root = Path(__file__).parents[4] / "smart_app"
        app = Application("stage", template_folder=str(root / "templates"))
        bind_deps(app, self.deps)
        secure_app(app)
        handle_app_errors(app)
        app.register_blueprint(launch_blueprint())
        app.add_url_rule("/app/s/<launch_id>/", "home", launch_view(_home), methods=["GET", "POST"])
        app.jinja_env.globals.update(asset_url=lambda name: f"/app/static/{name}", language=lambda: "fr")
        return app

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def close(self) -> None:
        self.store.close()


def _home(session: LaunchSession) -> Response:
    return Response(f"patient {session.patient}", mimetype="text/plain")


def start(browser: FlaskClient, ehr: LaunchEhr, **changes: Any) -> dict[str, str]:
    """Launch from the EHR; returns the parameters that arrive at its authorization endpoint."""
    answer = browser.get("/app/launch", query_string={"iss": ehr.base, "launch": "xyz", **changes})
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{ehr.base}/oauth/authorize?")
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def finish(browser: FlaskClient, ehr: LaunchEhr, params: Mapping[str, str], **changes: Any) -> TestResponse:
    """The EHR sends the browser back."""
    query = {"code": ehr.grant(params), "state": params["state"], **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return browser.get("/app/callback", query_string=kept)


def launched(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> tuple[str, LaunchSession]:
    """A whole launch; returns the path of the open launch and its session."""
    answer = finish(browser, ehr, start(browser, ehr))
    assert answer.status_code == 303, answer.text
    path = urlsplit(answer.headers["Location"]).path
    session = stage.deps.launches.get(fingerprint(path.split("/")[3]), stage.clock.now())
    assert session is not None
    return path, session


def launch_url(issuer: str) -> str:
    """The standalone launch that an error page offers."""
    return f"{APP_URL}/launch?iss={quote(issuer, safe='')}"
