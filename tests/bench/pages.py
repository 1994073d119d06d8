"""Server time of the app's pages: whole visits of patients, in process, on a database of many pathways.

The application is the one that ``sesame serve`` composes, called through WSGI and timed until the last byte of the
body. Left out: the network, the server's parsing of HTTP, and the delivery to the EHR, whose time is the EHR's (it has
its own bounds, see the outbox).
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from sesame_fhir.domain.events import ConsentStatus
from sesame_fhir.domain.ids import LaunchId, PathwayId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.server.web import flask_application
from sesame_fhir.server.wiring import Sesame
from sesame_fhir.services.records import LaunchSession
from sesame_fhir.services.snapshot import RecordSnapshot, snapshot_to_json
from smart_app.blueprints import create_blueprints
from smart_app.deps import bind_deps
from smart_app.launch.scopes import DEFAULT_SCOPES
from smart_app.pages.answers import FIELD_PREFIX
from smart_app.session.cookies import SESSION_COOKIE, fingerprint
from tests.bench.seed import EHR, binding, traits
from tests.support.story import GP, SITE, answered

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_HIDDEN_FIELDS = 4
_BROWSER = "browser-of-the-bench"

Fields = Mapping[str, str]

_ELIGIBLE = {
    "psychiatric_follow_up": "no",
    "masters_french": "yes",
    "common_mental_disorder": "yes",
    "consent": ConsentStatus.GIVEN.value,
}
_POSITIVE = {FIELD_PREFIX + link_id: code for link_id, code in answered(InstrumentId.PHQ_2, "33").items()}


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer of the application; ``seconds`` is the server's time for it."""

    status: int
    headers: Headers
    body: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Visit:
    """One patient's launch, from its first page to the sent referral."""

    application: WSGIApplication
    launch_id: str

    def walk(self) -> Iterator[tuple[str, Shown]]:
        """Every step with its name, as a GP makes them on a positive screen."""
        yield "home", self.get("/", 303)
        form = self.get("/form/phq-2")
        yield "PHQ-2 form", form
        sent = self.post("/form/phq-2", form, _POSITIVE)
        yield "PHQ-2 sent", sent
        yield "result", self.get(self._where(sent))
        criteria = self.get("/eligibility")
        yield "eligibility", criteria
        yield "eligibility confirmed", self.post("/eligibility", criteria, _ELIGIBLE)
        referral = self.get("/referral")
        yield "referral", referral
        yield "referral sent", self.post("/referral", referral, {"note": ""})
        yield "done", self.get("/done")

    def get(self, path: str, status: int = 200) -> Shown:
        """Ask for a page of the launch."""
        return self.fetch(f"/app/s/{self.launch_id}{path}", status=status)

    def post(self, path: str, opened: Shown, fields: Fields) -> Shown:
        """Send a page's first form, with the hidden fields that it came with."""
        hidden = dict(_HIDDEN.findall(opened.body.decode())[:_HIDDEN_FIELDS])
        return self._call(
            EnvironBuilder(f"/app/s/{self.launch_id}{path}", method="POST", data=hidden | dict(fields)), 303
        )

    def fetch(self, path: str, headers: Fields | None = None, status: int = 200) -> Shown:
        """Ask for anything that the application serves, by its whole path."""
        return self._call(EnvironBuilder(path, headers=Headers(headers)), status)

    def _call(self, builder: EnvironBuilder, status: int) -> Shown:
        builder.headers["Cookie"] = f"{SESSION_COOKIE}={_BROWSER}"
        environ = builder.get_environ()
        begin = time.perf_counter()
        body, line, headers = run_wsgi_app(self.application, environ, buffered=True)
        whole = b"".join(body)
        seconds = time.perf_counter() - begin
        if int(line[:3]) != status:
            raise RuntimeError(f"{builder.method} {builder.path} answered {line} instead of {status}")
        return Shown(status, headers, whole, seconds)

    def _where(self, answer: Shown) -> str:
        return urlsplit(answer.headers["Location"]).path.removeprefix(f"/app/s/{self.launch_id}")


@dataclass(slots=True)
class Visits:
    """The measured application with open launches on patients that have no pathway yet."""

    sesame: Sesame
    first: int
    application: WSGIApplication = field(init=False)

    def __post_init__(self) -> None:
        """Compose the app as the server does, without the delivery."""
        deps = replace(self.sesame.deps, deliver=_keep_in_outbox)
        app = flask_application("app", create_blueprints())
        bind_deps(app, deps)
        self.application = app

    def open(self, number: int) -> Visit:
        """Open a launch on the ``number``-th new patient."""
        deps, now = self.sesame.deps, self.sesame.deps.clock.now()
        launch_id, bound = deps.ids.secret(), binding(self.first + number)
        record = RecordSnapshot(traits=traits(self.first + number), author=GP, psychiatric_follow_up=False)
        deps.launches.open(
            LaunchSession(
                launch_id=LaunchId(deps.ids.new()),
                launch_hash=fingerprint(launch_id),
                browser_hash=fingerprint(_BROWSER),
                ehr_id=EHR,
                site=SITE,
                patient=bound.patient,
                encounter=bound.encounter,
                actor=GP,
                granted_scopes=DEFAULT_SCOPES,
                requested_scopes=DEFAULT_SCOPES,
                tokens=b"",
                token_expires_at=now + timedelta(hours=1),
                context={"snapshot": snapshot_to_json(record)},
                created_at=now,
                last_seen_at=now,
                expires_at=now + timedelta(hours=2),
                practitioner=bound.practitioner,
            )
        )
        return Visit(self.application, launch_id)


def timed(visits: Visits, count: int, warm_up: int = 10) -> dict[str, list[float]]:
    """Seconds of each step over ``count`` visits."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(count + warm_up):
        for step, shown in visits.open(number).walk():
            if number >= warm_up:
                found[step].append(shown.seconds)
    return dict(found)


def _keep_in_outbox(_pathway_id: PathwayId) -> None:
    """Leave what was written to be delivered later."""
