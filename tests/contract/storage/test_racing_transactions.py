"""Transactions of the facade at once, on both databases: each is whole or nothing, and links hold."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.versions import VersionQuery
from sesame_fhir.storage import Store
from tests.contract.api.bundling import ALL, entry, name
from tests.contract.api.harness import FHIR_JSON, HOST, World, clients
from tests.contract.api.test_reading import observation
from tests.contract.api.test_writing import ID_SYSTEM, fresh

RACERS = 6
PATIENT = {"resourceType": "Patient", "identifier": [{"system": ID_SYSTEM, "value": "new"}]}


@pytest.fixture
def world(store: Store) -> World:
    for client in clients():
        store.authorization.save_client(client)
    return World(store, ids=SystemIds())  # type: ignore[arg-type]  # ids that threads can share


def raced(world: World, entries: Callable[[int], list[dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """Status and body of the answers to transactions sent at once."""
    headers = {"Authorization": f"Bearer {world.token(ALL)}", "Content-Type": FHIR_JSON}

    def send(number: int) -> tuple[int, dict[str, Any]]:
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries(number)}
        client = world.app.test_client()
        answer = client.open("/fhir", method="POST", base_url=HOST, headers=headers, data=json.dumps(bundle))
        return answer.status_code, json.loads(answer.data)

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(send, range(RACERS)))


def count(world: World, resource_type: str) -> int:
    return len(world.store.resources.versions(VersionQuery(resource_type, count=200)).versions)


def test_of_those_that_saw_the_same_version_one_is_done(world: World) -> None:
    world.put(observation("shared"))
    answers = raced(
        world,
        lambda _: [
            entry("POST", "Observation", fresh()),
            entry("PUT", "Observation/shared", observation("shared"), ifMatch='W/"1"'),
            entry("POST", "Observation", fresh()),
        ],
    )
    assert sorted(status for status, _ in answers) == [200, *[412] * (RACERS - 1)]
    assert count(world, "Observation") == 1 + 3


def test_updates_without_a_condition_are_all_done(world: World) -> None:
    world.put(observation("shared"))
    world.put(observation("other"))

    def entries(number: int) -> list[dict[str, Any]]:
        keys = ("shared", "other") if number % 2 else ("other", "shared")
        return [entry("PUT", f"Observation/{key}", observation(key)) for key in keys]

    done = [status for status, _ in raced(world, entries)]
    # Who is overtaken five times in a row is told so, and has written nothing.
    assert set(done) <= {200, 412}
    assert count(world, "Observation") == 2 + 2 * done.count(200)
    assert 200 in done


def test_one_patient_comes_of_all_and_every_link_leads_there(world: World) -> None:
    condition = f"identifier={ID_SYSTEM}|new"

    def entries(_: int) -> list[dict[str, Any]]:
        about = fresh() | {"subject": {"reference": name(1)}}
        return [entry("POST", "Observation", about), entry("POST", "Patient", PATIENT, name(1), ifNoneExist=condition)]

    answers = raced(world, entries)
    assert [status for status, _ in answers] == [200] * RACERS
    (patient,) = world.store.resources.versions(VersionQuery("Patient")).versions
    subjects = {said["entry"][0]["resource"]["subject"]["reference"] for _, said in answers}
    assert subjects == {f"Patient/{patient.resource_id}"}


def test_a_refused_last_entry_leaves_nothing(world: World) -> None:
    entries = [
        entry("POST", "Patient", PATIENT, name(1)),
        entry("PUT", "Observation/mine", observation("mine")),
        entry("POST", "Observation", fresh(status="nonsense")),
    ]
    answers = raced(world, lambda _: entries)
    assert {status for status, _ in answers} == {400}
    assert (count(world, "Patient"), count(world, "Observation")) == (0, 0)
    assert world.store.audit.entries(5) == ()
