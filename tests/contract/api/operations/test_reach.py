"""What lies outside the sites of a client, or the reach of an account, is in no operation's answer."""

from dataclasses import replace

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.authorization import STAFF_ID
from sesame_fhir.services.staff import StaffMember
from tests.contract.api.harness import clients
from tests.contract.api.operations.asking import Asking, Json, resources
from tests.contract.api.operations.test_match import with_ins
from tests.support.story import NURSE, PATHWAY, SITE

PATHS = (
    f"Patient/{PATHWAY}/$everything",
    f"EpisodeOfCare/{PATHWAY}/$summary",
    f"Patient/{PATHWAY}/$validate",
)
ELSEWHERE = SiteId("site-elsewhere")


@pytest.fixture(scope="module")
def people(asking: Asking) -> Asking:
    """A client and a nurse of the patient's site, and of another one."""
    store = asking.world.store
    for site in (SITE, ELSEWHERE):
        store.authorization.save_client(replace(clients()[0], client_id=f"of-{site}", sites=(site,)))
    store.staff.save(StaffMember("nurse", "nurse", NURSE.name, Role.NURSE, (SITE,), NURSE.rpps))
    store.staff.save(StaffMember("away", "away", "Nadia Fictive", Role.NURSE, (ELSEWHERE,)))
    return replace(asking, world=replace(asking.world, changes={**asking.world.changes, "staff": store.staff}))


def status(people: Asking, path: str, body: Json | None = None, **grant: object) -> tuple[int, Json]:
    token = people.world.token("user/*.rs", **grant)  # type: ignore[arg-type]  # fields of a grant
    options = {} if body is None else {"json": body}
    answer = people.world.call("GET" if body is None else "POST", f"/fhir/{path}", token, **options)
    return answer.status_code, dict(answer.json or {}) if answer.is_json else {}


@pytest.mark.parametrize("path", PATHS)
def test_a_client_of_another_site(people: Asking, path: str) -> None:
    assert status(people, path, client_id=f"of-{ELSEWHERE}")[0] == 404
    assert status(people, path, client_id=f"of-{SITE}")[0] == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_nurse_of_another_site(people: Asking, path: str) -> None:
    assert status(people, path, context={STAFF_ID: "away"})[0] == 404
    assert status(people, path, context={STAFF_ID: "nurse"})[0] == 200


@pytest.mark.parametrize(
    ("grant", "found"),
    [
        ({"client_id": f"of-{SITE}"}, 1),
        ({"client_id": f"of-{ELSEWHERE}"}, 0),
        ({"context": {STAFF_ID: "nurse"}}, 1),
        ({"context": {STAFF_ID: "away"}}, 0),
    ],
)
def test_nobody_is_matched_elsewhere(people: Asking, grant: dict[str, object], found: int) -> None:
    code, bundle = status(people, "Patient/$match", with_ins(), **grant)
    assert code == 200
    assert len(resources(bundle)) == found
