"""A facade with pathways, and the people and systems that write to it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from werkzeug.test import TestResponse

from mappings.projector import PathwayProjector
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.fhir.canonical import RPPS, own
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.authorization import STAFF_ID, OAuthClient
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.records import ClientKind, Commit
from sesame_fhir.services.staff import StaffMember
from sesame_fhir.storage import Store
from tests.contract.api.harness import World
from tests.specification.model import Step
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import COORDINATOR, GP, NURSE, PATHWAY, PSYCHIATRIST, SITE, START, event

VOUCHING, OTHER = "ehr-backend", "plain-backend"
ELSEWHERE = SiteId("site-elsewhere")
PEOPLE = {"gp": GP, "nurse": NURSE, "psychiatrist": PSYCHIATRIST, "coordinator": COORDINATOR}
AWAY = Actor("10000000033", Role.NURSE, "Nadia Fictive")


def clients() -> tuple[OAuthClient, ...]:
    """Two systems: one may name the professional who acted, the other may not."""
    scopes = ("system/*.cruds",)
    plain = OAuthClient(OTHER, "Autre logiciel", ClientKind.ASYMMETRIC, (), None, scopes, jwks={"keys": []})
    return plain, replace(plain, client_id=VOUCHING, name="Logiciel du cabinet", may_assert_professionals=True)


def enrol(store: Store) -> None:
    """The team of the site, and a nurse of another one."""
    for client in clients():
        store.authorization.save_client(client)
    for login, person in PEOPLE.items():
        store.staff.save(StaffMember(login, login, person.name, person.role, (SITE,), person.rpps))
    store.staff.save(StaffMember("away", "away", AWAY.name, AWAY.role, (ELSEWHERE,)))


@dataclass
class Written:
    """An answer, read."""

    answer: TestResponse

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.answer.data))

    @property
    def reasons(self) -> list[str]:
        """Codes of the details of each issue; empty for a success."""
        issues = self.body.get("issue", []) if self.body.get("resourceType") == "OperationOutcome" else []
        return [issue.get("details", {}).get("coding", [{}])[0].get("code", issue["code"]) for issue in issues]

    @property
    def places(self) -> list[str]:
        return [where for issue in self.body.get("issue", []) for where in issue.get("expression", ())]


class PathwayWorld(World):
    """SÉSAME's own facade."""

    def __init__(
        self, store: Store, now: datetime = START, policy: PathwayPolicy = DEFAULT_POLICY, **changes: Any
    ) -> None:
        clock, ids = HandClock(now), CountingIds()
        self.engine = Engine(store.pathways, PathwayProjector(index, policy), store.audit, clock, ids, policy)
        super().__init__(store, clock, ids, {"engine": self.engine, "staff": store.staff, **changes})
        self._tokens: dict[tuple[str, str | None], str] = {}

    # -- who writes ---------------------------------------------------------------------------------------------

    def system(self, client_id: str = VOUCHING) -> str:
        """A token of a backend service."""
        return self._token(client_id, None, scope="system/*.cruds", client_id=client_id, subject=client_id)

    def person(self, login: str) -> str:
        """A token of somebody with an account."""
        return self._token(login, None, scope="user/*.cruds", context={STAFF_ID: login})

    def of_patient(self, login: str, patient: str) -> str:
        """The same, launched on a patient."""
        context = {STAFF_ID: login, "patient": patient}
        return self._token(login, patient, scope="patient/*.cruds", context=context)

    def _token(self, who: str, patient: str | None, **grant: Any) -> str:
        grant["expires_at"] = self.clock.now() + timedelta(days=400)
        return self._tokens.setdefault((who, patient), self.token(**grant))

    # -- what is written ----------------------------------------------------------------------------------------

    def post(self, token: str, body: dict[str, Any], **headers: str) -> Written:
        sent = {name: value for name, value in body.items() if name != "id"}
        return Written(self.call("POST", f"/fhir/{body['resourceType']}", token, json=sent, headers=headers))

    def put(self, token: str, body: dict[str, Any], **headers: str) -> Written:  # type: ignore[override]
        address = f"/fhir/{body['resourceType']}/{body['id']}"
        return Written(self.call("PUT", address, token, json=body, headers=headers))

    def put_record(self, body: dict[str, Any]) -> None:
        """Store a resource directly, as the record's other software would."""
        World.put(self, body)

    def read(self, name: str) -> dict[str, Any]:
        """A published resource as it stands."""
        stored = self.store.resources.read(*name.split("/"))
        assert stored is not None, name
        assert stored.body is not None, name
        return dict(json.loads(stored.body))

    def pathway(self) -> Pathway:
        return self.engine.load(PATHWAY)

    def live(self, steps: Iterable[Step]) -> None:
        """Let a story happen, one command a step, as the pages would have recorded it."""
        before = Pathway(PATHWAY)
        for number, step in enumerate(steps, start=1):
            recorded = max(filter(None, (step.recorded_at, step.at, before.updated_at)))
            happened = event(number, step.data, step.by, occurred_at=step.at, recorded_at=recorded)
            after = evolve(before, happened)
            made = self.engine.projector(before, after, (happened,))
            commit = Commit(PATHWAY, before.version, happened.command_id, recorded, (happened,), made)
            assert self.store.pathways.commit(commit)
            before = after


def by(person: Actor) -> dict[str, Any]:
    """A reference to a professional, as an EHR names one."""
    assert person.rpps is not None
    return {"type": "Practitioner", "identifier": {"system": RPPS, "value": person.rpps.value}, "display": person.name}


def recorded_by(body: dict[str, Any], person: Actor) -> dict[str, Any]:
    """The resource with who wrote it down."""
    extension = {"url": own("StructureDefinition", "sesame-recorder"), "valueReference": by(person)}
    return {**body, "extension": [*body.get("extension", ()), extension]}
