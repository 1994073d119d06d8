"""The audit log through the facade: who may, what they get, and that they are in it too."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from mappings.conformance import load_profile_checks
from sesame_fhir.domain.actors import STAFF
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.storage import Store
from tests.contract.api.harness import BASE, World, assert_outcome
from tests.contract.api.test_reading import observation
from tests.support.app_pages import migrated_database
from tests.support.facade import Facade
from tests.support.story import SITE, START
from tests.support.team_pages import MEMBERS, OTHER_SITE, build_team

WATCH = "system/AuditEvent.rs"
LOG = "/fhir/AuditEvent"


def entry(number: int, **changes: Any) -> AuditEntry:
    values = {"actor_id": "nurse-1", "role": "nurse", "action": "view-patient", "outcome": "done", "site": SITE}
    return AuditEntry(START + timedelta(minutes=number), **{**values, **changes})


@pytest.fixture
def watched(world: World) -> World:
    """Four entries of the team's pages, one of them a refusal and one about a patient of the record."""
    world.store.audit.record(entry(0, patient="p1"))
    world.store.audit.record(entry(1, action="refused", outcome="refused", detail="team.patient"))
    world.store.audit.record(entry(2, actor_id="gp-1", role="gp", patient="Patient/p2"))
    world.store.audit.record(entry(3, site=SiteId("autre-site")))
    world.clock.move(minutes=10)
    return world


def search(world: World, query: str = "", token: str | None = None) -> Any:
    answer = world.call("GET", f"{LOG}?{query}", token or world.token(WATCH))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return json.loads(answer.data)


def ids(bundle: Any) -> list[str]:
    return [one["resource"]["id"] for one in bundle.get("entry", []) if one["search"]["mode"] == "match"]


def link(bundle: Any, relation: str) -> str | None:
    found = (one["url"] for one in bundle["link"] if one["relation"] == relation)
    return next((url.removeprefix(f"{BASE.removesuffix('/fhir')}") for url in found), None)


def test_the_newest_comes_first_and_each_satisfies_the_profile(watched: World) -> None:
    bundle = search(watched)
    assert ids(bundle) == ["4", "3", "2", "1"]
    assert bundle["entry"][0]["fullUrl"] == f"{BASE}/AuditEvent/4"
    profiles = Profiles(load_profile_checks(), {})
    for one in bundle["entry"]:
        assert validate(one["resource"], "AuditEvent", profiles=profiles) == []
    read = watched.call("GET", f"{LOG}/3", watched.token(WATCH))
    assert json.loads(read.data) == bundle["entry"][1]["resource"]
    assert "ETag" not in read.headers


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("patient=p1", ["1"]),
        ("patient=Patient/p2", ["3"]),
        ("agent:identifier=nurse-1", ["4", "2", "1"]),
        ("outcome=4", ["2"]),
        ("type=rest", []),
        ("subtype=view-patient&agent-role=gp", ["3"]),
        ("_sort=date&_count=2", ["1", "2"]),
        ("site=autre-site", ["4"]),
        (f"date=lt{START + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}", ["1"]),
        ("_id=2,9", ["2"]),
    ],
)
def test_search(watched: World, query: str, found: list[str]) -> None:
    assert ids(search(watched, query)) == found
    posted = watched.call("POST", f"{LOG}/_search?{query}", watched.token(WATCH), data={"action": "R,E"})
    assert set(ids(json.loads(posted.data))) >= set(found)


def test_pages_go_on_while_the_log_grows(watched: World) -> None:
    """Every page is an access, and an entry of its own, before the first page."""
    token, found, url = watched.token(WATCH), [], f"{LOG}?_count=1&_sort=-date"
    while url:
        bundle = search(watched, urlsplit(url).query, token)
        assert len(ids(bundle)) <= 1
        found += ids(bundle)
        url = link(bundle, "next") or ""
    assert found == ["4", "3", "2", "1"]


def test_reading_the_log_is_in_the_log(watched: World) -> None:
    service = watched.token(WATCH, subject="watcher", client_id="service")
    search(watched, "patient=p1", service)
    assert watched.call("GET", f"{LOG}/1", service).status_code == 200
    read, searched = watched.store.audit.entries(2)
    assert (searched.action, searched.detail, searched.actor_id) == ("search", "AuditEvent", "watcher")
    assert (read.action, read.extra["id"]) == ("read", "1")
    assert ids(search(watched, "entity=AuditEvent/1")) == ["6"]


def test_an_access_by_the_facade_is_found_by_its_patient_and_its_software(world: World) -> None:
    world.put(observation("o1", "p1"))
    assert world.call("GET", "/fhir/Observation/o1", world.token("patient/*.rs", "p1")).status_code == 200
    (found,) = search(world, "patient=p1&agent=Practitioner/gp1&entity=Observation/o1")["entry"]
    assert "valueQuantity" not in json.dumps(found)
    assert found["resource"]["subtype"][0]["code"] == "read"
    assert ids(search(world, "agent:identifier=public-app"))[-1] == found["resource"]["id"]


@pytest.mark.parametrize(
    "scope",
    [
        *(
            "system/*.rs",
            "system/*.cruds",
            "user/*.cruds",
            "user/AuditEvent.rs",
            "patient/*.rs",
            "patient/AuditEvent.rs",
        ),
        *("system/Provenance.rs", "system/AuditEvent.rs?action=R", "system/*.rs?type=rest", "openid"),
    ],
)
@pytest.mark.parametrize("path", [LOG, f"{LOG}/1", f"{LOG}?patient=p1"])
def test_no_other_token_opens_the_log(watched: World, scope: str, path: str) -> None:
    assert_outcome(watched.call("GET", path, watched.token(scope, "p1")), 403, "forbidden")


@pytest.mark.parametrize(
    ("scope", "read", "searched"), [("system/AuditEvent.r", 200, 403), ("system/AuditEvent.s", 403, 200)]
)
def test_reading_is_one_thing_and_searching_another(watched: World, scope: str, read: int, searched: int) -> None:
    token = watched.token(scope)
    assert watched.call("GET", f"{LOG}/1", token).status_code == read
    assert watched.call("GET", LOG, token).status_code == searched


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", LOG, 405),
        ("PUT", f"{LOG}/1", 405),
        ("PATCH", f"{LOG}/1", 405),
        ("DELETE", f"{LOG}/1", 405),
        ("DELETE", f"{LOG}?outcome=0", 405),
        ("GET", f"{LOG}/_history", 404),
        ("GET", f"{LOG}/1/_history", 404),
        ("GET", f"{LOG}/1/_history/1", 404),
        ("GET", "/fhir/Patient/p1/AuditEvent", 404),
        ("GET", f"{LOG}/99", 404),
        ("GET", f"{LOG}/01", 404),
        ("GET", f"{LOG}/0", 404),
        ("GET", f"{LOG}/nothing", 404),
        ("GET", f"{LOG}/{'9' * 30}", 404),
        ("GET", f"{LOG}?_cursor=99", 400),
        ("GET", f"{LOG}?_cursor=é", 400),
        ("GET", f"{LOG}?_sort=patient", 400),
        ("GET", f"{LOG}?_sort=date,_id", 400),
        ("GET", f"{LOG}?patient:missing=true", 400),
        ("GET", f"{LOG}?patient.name=x", 400),
        ("GET", f"{LOG}?type=urn:x|", 400),
        ("GET", f"{LOG}?date=hier", 400),
        ("GET", f"{LOG}?_include=AuditEvent:patient", 400),
        ("GET", "/fhir/Patient?_revinclude=AuditEvent:patient", 400),
    ],
)
def test_the_log_is_read_and_nothing_else(watched: World, method: str, path: str, status: int) -> None:
    token = watched.token(f"{WATCH} user/*.cruds system/*.cruds")
    assert_outcome(watched.call(method, path, token, json={} if method in ("POST", "PUT") else None), status)
    assert watched.store.audit.verify() >= 4


def test_a_total_is_told_when_it_is_asked_for(watched: World) -> None:
    assert "total" not in search(watched, "outcome=0")
    assert search(watched, "outcome=0&_total=accurate")["total"] >= 3
    only = search(watched, "outcome=4&_summary=count")
    assert (only["total"], ids(only)) == (1, [])


def test_part_of_an_entry(watched: World) -> None:
    (one,) = search(watched, "_id=1&_elements=recorded")["entry"]
    assert "agent" in one["resource"], "mandatory elements stay"
    assert "subtype" not in one["resource"]


def test_in_a_batch_as_by_itself(watched: World) -> None:
    asked = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": "AuditEvent/2"}}],
    }
    answer = watched.call("POST", "/fhir", watched.token(WATCH), json=asked)
    (entry_,) = json.loads(answer.data)["entry"]
    assert entry_["resource"]["id"] == "2"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Facade:
    facade = Facade(build_team(migrated_database(tmp_path_factory.mktemp("watching"))))
    store: Store = facade.team.pages.store
    for number, site in enumerate((SITE, OTHER_SITE, None)):
        store.audit.record(entry(number, site=site, actor_id="watched"))
    return facade


@pytest.mark.parametrize("role", sorted(STAFF))
@pytest.mark.parametrize("scope", ["user/*.cruds", "user/AuditEvent.rs", WATCH])
def test_nobody_of_the_team_reads_it_through_an_app(team: Facade, role: Any, scope: str) -> None:
    """Even a token that should never have been given: whom colleagues saw is for who watches over accesses."""
    token = team.token(MEMBERS[role], scope)
    assert_outcome(team.call("GET", "AuditEvent", token), 403)
    assert_outcome(team.call("GET", "AuditEvent/1", token), 403)


@pytest.mark.parametrize(
    ("sites", "seen"), [((), {SITE, OTHER_SITE, None}), ((SITE,), {SITE}), ((OTHER_SITE,), {OTHER_SITE})]
)
def test_a_client_sees_the_accesses_of_its_sites(
    team: Facade, sites: tuple[SiteId, ...], seen: set[SiteId | None]
) -> None:
    token = team.token(None, WATCH, sites)
    path = "AuditEvent?agent:identifier=watched"
    found = json.loads(team.call("GET", path, token).data)["entry"]
    assert {one["resource"]["source"].get("site") for one in found} == seen
    for one in json.loads(team.call("GET", path, team.token(None, WATCH)).data)["entry"]:
        status = team.call("GET", f"AuditEvent/{one['resource']['id']}", token).status_code
        assert status == (200 if one["resource"]["source"].get("site") in seen else 404)
