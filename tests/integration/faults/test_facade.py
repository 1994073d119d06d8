"""Every bad request to the facade gets an OperationOutcome that says what is wrong, where, and what to do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.fhir.canonical import LOINC
from sesame_fhir.fhir.reader import MAX_BYTES, MAX_DEPTH
from sesame_fhir.services.authorization import TokenGrant
from tests.integration.faults.injector import MARKER
from tests.integration.faults.invariants import Log
from tests.integration.faults.world import World

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("faults")]

ALL, READ, MINE = "user/*.cruds", "user/*.rs", "patient/*.cruds"
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": LOINC, "code": "55758-7"}]},
    "subject": {"reference": "Patient/patient-01"},
    "note": [{"text": MARKER}],
}
OTHER = {"reference": "Patient/patient-02"}
FHIR = {"Content-Type": "application/fhir+json"}


def body(**changes: Any) -> bytes:
    """The Observation, with some elements changed; None takes one away."""
    return json.dumps({name: value for name, value in {**OBSERVATION, **changes}.items() if value is not None}).encode()


def deep(levels: int) -> bytes:
    return body()[:-1] + b',"x":' + b"[" * levels + b"]" * levels + b"}"


@dataclass(frozen=True, slots=True)
class Row:
    """One bad request. ``data`` is posted to the type or put to the id; ``where`` is the FHIRPath of the input."""

    fault: str
    path: str
    status: int
    code: str
    data: bytes | None = None
    scope: str | None = ALL
    headers: Mapping[str, str] | None = None
    where: str | None = None
    method: str | None = None
    age: timedelta = timedelta(0)

    @property
    def verb(self) -> str:
        """HTTP method: as given, else the one that the path and the data call for."""
        if self.method is not None or self.data is None:
            return self.method or "GET"
        return "PUT" if "/" in self.path else "POST"


ROWS = (
    Row("malformed JSON", "Observation", 400, "structure", b'{"resourceType":"Observation"'),
    Row("not JSON at all", "Observation", 400, "structure", b"\x00\xff"),
    Row("not an object", "Observation", 400, "structure", b"[]"),
    Row("duplicate keys", "Observation", 400, "structure", body()[:-1] + b',"status":"final"}'),
    Row("NaN", "Observation", 400, "structure", body()[:-1] + b',"valueInteger":NaN}'),
    Row("oversize depth", "Observation", 400, "too-costly", deep(MAX_DEPTH)),
    Row("too large", "Observation", 413, "too-long", body(note=[{"text": "x" * MAX_BYTES}])),
    Row("wrong content type", "Observation", 415, "not-supported", body(), headers={"Content-Type": "text/plain"}),
    Row("wrong resourceType", "Observation", 400, "invalid", body(resourceType="Patient"), where="resourceType"),
    Row("no resourceType", "Observation", 400, "invalid", body(resourceType=None), where="resourceType"),
    Row("missing element", "Observation", 400, "required", body(status=None), where="Observation"),
    Row("unknown element", "Observation", 400, "structure", body(stauts="x"), where="Observation.stauts"),
    Row("invalid code", "Observation", 400, "code-invalid", body(status=MARKER), where="Observation.status"),
    Row("invalid date", "Observation", 400, "value", body(issued="hier"), where="Observation.issued"),
    Row("unknown type", "Zorglub/1", 404, "not-found"),
    Row("unknown type, written", "Zorglub", 404, "not-found", body()),
    Row("unknown id", "Patient/nobody", 404, "not-found"),
    Row("bad id", "Patient/a_b", 404, "not-found"),
    Row("bad id, written", "Observation/a_b", 400, "value", body(id="a_b"), where="Observation.id"),
    Row("another id than the address", "Observation/o1", 400, "value", body(id="o2"), where="Observation.id"),
    Row("unknown version", "Patient/patient-01/_history/99", 404, "not-found"),
    Row("If-Match mismatch", "Observation/o1", 412, "conflict", body(id="o1"), headers={"If-Match": 'W/"9"'}),
    Row("If-Match malformed", "Observation/o1", 400, "value", body(id="o1"), headers={"If-Match": "nine"}),
    Row("bad search value", "Observation?date=hier", 400, "value"),
    Row("DELETE of a history", "Patient/patient-01/_history", 405, "not-supported", method="DELETE"),
    Row("no token", "Patient/patient-01", 401, "login", scope=None),
    Row("unknown token", "Patient/patient-01", 401, "login", scope=None, headers={"Authorization": f"Bearer {MARKER}"}),
    Row("expired token", "Patient/patient-01", 401, "login", age=timedelta(hours=2)),
    Row("insufficient scope", "Observation", 403, "forbidden", body(), scope=READ),
    Row("scope of another type", "Patient/patient-01", 403, "forbidden", scope="user/Observation.rs"),
    Row("other patient's resource", "Patient/patient-02", 404, "not-found", scope=MINE),
    Row("other patient's resource, written", "Observation", 403, "forbidden", body(subject=OTHER), scope=MINE),
    Row("HTML Accept", "Patient/patient-01", 406, "not-supported", headers={"Accept": "text/html"}),
    Row("Turtle asked", "Patient/patient-01?_format=text/turtle", 406, "not-supported"),
)


def token(world: World, row: Row) -> str:
    """A token of the record, for the first patient."""
    value, now = world.sesame.deps.ids.secret(), world.now() - row.age
    world.ehr.store.authorization.save_grant(
        TokenGrant(
            access_hash=secret_hash(value),
            refresh_hash=None,
            family=value,
            client_id="sesame-app",
            subject="Practitioner/gp-1",
            scope=row.scope or "",
            context={"patient": "patient-01"},
            issued_at=now,
            expires_at=now + timedelta(hours=1),
            refresh_expires_at=None,
        )
    )
    return value


@pytest.mark.parametrize("row", [pytest.param(row, id=row.fault) for row in ROWS])
def test_bad_request(world: World, log: Log, row: Row) -> None:
    secret = token(world, row)
    authorization = {"Authorization": f"Bearer {secret}"} if row.scope else {}
    headers = {**FHIR, **authorization, **(row.headers or {})}
    answer = requests.request(
        row.verb, f"{world.issuer}/{row.path}", data=row.data, headers=headers, timeout=20, proxies={"http": ""}
    )
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    outcome = answer.json()
    issues = outcome["issue"]
    assert (answer.status_code, outcome["resourceType"]) == (row.status, "OperationOutcome"), issues
    assert row.code in {issue["code"] for issue in issues}, issues
    assert all(issue["severity"] in {"fatal", "error"} and issue["diagnostics"] for issue in issues)
    if row.where is not None:
        assert [row.where] in [issue.get("expression") for issue in issues], issues
    assert [word for word in (MARKER, secret, "Traceback", 'File "') if word in answer.text] == []
    assert MARKER not in log()
    assert secret not in log()
