"""The facades under attack, each over a database of its own: the record's, which takes any write, and SÉSAME's."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mappings.conformance import load_profile_checks, load_terminology
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.storage import Store, open_store
from tests.contract.api.harness import HOST, World, clients, seed
from tests.contract.api.pathways import PathwayWorld, enrol
from tests.specification.model import Step
from tests.support.story import START
from tests.unit.fhir.samples import SEARCHABLE
from tests.unit.mappings.cases import steps

SECRET = "Secretissime"
"""Stands in everything of the patient p2, and in no request: whoever may not see p2 never gets it."""
BLIND = frozenset({"none", "junk", "expired", "revoked", "patient", "narrow", "elsewhere", "away"})
"""Kinds of tokens that do not reach p2."""
_KEY = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Attack:
    """One request as bytes on the wire: ``path`` and ``query`` are not decoded; ``who`` is the kind of its token."""

    kind: str
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    who: str = "user"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back; ``log`` is what the service wrote meanwhile."""

    status: int
    headers: dict[str, str]
    body: bytes
    log: str = ""


@cache
def _checks() -> dict[str, Any]:
    """What a served facade checks beside R4."""
    return {"profile_checks": load_profile_checks(), "terminology": load_terminology()}


def _record(store: Store) -> World:
    """The record's facade, which takes any write."""
    return World(store, changes=_checks())


def _pathways(store: Store) -> PathwayWorld:
    """SÉSAME's own, with a pathway that has come far."""
    made = PathwayWorld(store, START + timedelta(days=2))
    made.changes = {**made.changes, **_checks()}
    made.__post_init__()
    made.live(Step(happened.occurred_at, happened.data, happened.actor) for _, _, happened in steps("planned"))
    return made


class Target:
    """A facade with a token of every kind."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = _tokens(world)
        _furnish(world)

    def send(self, attack: Attack) -> Seen:
        """Send it; an exception that leaves the application is a status of 599."""
        headers = {"Authorization": f"Bearer {self.tokens[attack.who]}", **attack.headers}
        if attack.who == "none" and "Authorization" not in attack.headers:
            del headers["Authorization"]
        built = EnvironBuilder(
            method=attack.method, base_url=HOST, headers=list(headers.items()), data=attack.body or None
        )
        environ = built.get_environ()
        path = attack.path.encode("utf-8", "surrogatepass").decode("latin-1")
        environ.update(PATH_INFO=path, QUERY_STRING=attack.query)
        with self.listening() as log:
            try:
                chunks, status, answered = run_wsgi_app(self.world.app.wsgi_app, environ, buffered=True)
            except Exception as raised:  # noqa: BLE001  whatever it is, it is what is looked for
                return Seen(599, {}, type(raised).__name__.encode(), "".join(log()))
            return Seen(int(status.split(" ")[0]), dict(answered), b"".join(chunks), "".join(log()))

    @contextmanager
    def listening(self) -> Iterator[Any]:
        """Everything written to the log inside the block."""
        handler = logging.StreamHandler(written := StringIO())
        root = logging.getLogger()
        root.addHandler(handler)
        try:
            with capture_logs() as logs:
                yield lambda: [*map(str, logs), written.getvalue()]
        finally:
            root.removeHandler(handler)


def _tokens(world: World) -> dict[str, str]:
    hour = timedelta(hours=1)
    survey = "patient/Observation.cruds?category=http://terminology.hl7.org/CodeSystem/observation-category|survey"
    app = clients()[0]
    world.register(replace(app, client_id="elsewhere", sites=(SiteId("site-elsewhere"),)))
    found = {
        "none": "",
        "junk": "x" * 43,
        "expired": world.token("user/*.cruds", expires_at=world.clock.now() - hour),
        "revoked": world.token("user/*.cruds", revoked=True),
        "user": world.token("user/*.cruds"),
        "reader": world.token("user/*.rs"),
        "patient": world.token("patient/*.cruds", "p1"),
        "narrow": world.token(survey, "p1"),
        "system": world.token("system/*.cruds"),
        "elsewhere": world.token("user/*.cruds", client_id="elsewhere"),
    }
    if isinstance(world, PathwayWorld):
        found |= {login: world.person(login) for login in ("gp", "nurse", "away")}
        found["vouching"] = world.system()
    return found


def _furnish(world: World) -> None:
    """Both patients have a resource of every type that can be searched; what is p2's says so."""
    for patient, word in (("p1", "Fictive"), ("p2", SECRET)):
        World.put(world, {"resourceType": "Patient", "id": patient, "name": [{"family": word, "text": word}]})
    for kind in ("Observation", "QuestionnaireResponse", "CarePlan", "Condition", "Task"):
        for patient, word in (("p1", "Fictive"), ("p2", SECRET)):
            subject = {"for" if kind == "Task" else "subject": {"reference": f"Patient/{patient}"}}
            noted = {"implicitRules": f"https://example.org/{word}"}
            World.put(world, {**SEARCHABLE[kind], "id": f"{kind.lower()}-{patient}", **subject, **noted})


@contextmanager
def targets(folder: Path) -> Iterator[tuple[Target, ...]]:
    """Both facades on fresh databases; the empty ones, once migrated, stay in the folder to be copied."""
    template = folder / "hostile-template.db"
    if not template.exists():
        with open_store(f"sqlite:///{template}", _KEY) as store:
            store.migrate()
            seed(store)
            enrol(store)
    with ExitStack() as stack:
        made: list[Target] = []
        for name, kind in (("record", _record), ("pathways", _pathways)):
            copied = shutil.copy(template, folder / f"hostile-{name}.db")
            for rest in ("-wal", "-shm"):
                Path(f"{copied}{rest}").unlink(missing_ok=True)
            made.append(Target(kind(stack.enter_context(open_store(f"sqlite:///{copied}", _KEY)))))
        yield tuple(made)


def secrets_of(target: Target) -> list[str]:
    """What no log may hold."""
    return [SECRET, *(value for value in target.tokens.values() if value)]
