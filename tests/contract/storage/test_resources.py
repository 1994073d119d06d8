"""Published resources: versions, conditions, bytes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sesame_fhir.services.errors import AlreadyExists, VersionConflict
from sesame_fhir.services.records import Origin, ResourceWrite
from sesame_fhir.services.search import IndexEntry, SearchQuery, TokenClause, TokenValue
from sesame_fhir.storage import Store
from tests.contract.storage.story import body_of
from tests.support.story import SITE

NOW = datetime(2026, 3, 2, 9, 0, 0, 123_999, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def patient(resource_id: str = "p1", family: str = "FICTIVE", identifier: str = "1") -> ResourceWrite:
    body = {"resourceType": "Patient", "id": resource_id, "name": [{"family": family}]}
    entry = IndexEntry("identifier", "token", system="urn:x", code=identifier)
    return ResourceWrite("Patient", resource_id, body, (entry,), SITE, Origin.RECORD)


def identified(value: str) -> SearchQuery:
    return SearchQuery("Patient", (TokenClause("identifier", (TokenValue("urn:x", value),)),))


def test_create_stamps_and_reads_back(store: Store) -> None:
    created = store.resources.create(patient(), NOW)
    assert created is not None
    assert created == store.resources.read("Patient", "p1") == store.resources.vread("Patient", "p1", 1)
    assert created.body == (
        b'{"resourceType":"Patient","id":"p1","meta":{"versionId":"1","lastUpdated":"2026-03-02T09:00:00.123Z"},'
        b'"name":[{"family":"FICTIVE"}]}'
    )
    assert (created.version, created.origin, created.deleted) == (1, Origin.RECORD, False)
    assert created.last_updated == NOW.replace(microsecond=123_000)


def test_unknown_resources(store: Store) -> None:
    store.resources.create(patient(), NOW)
    assert store.resources.read("Patient", "p2") is None
    assert store.resources.read("Observation", "p1") is None
    assert store.resources.vread("Patient", "p1", 2) is None
    assert store.resources.history("Patient", "p2") == ()


def test_a_taken_id_is_refused(store: Store) -> None:
    first = store.resources.create(patient(), NOW)
    with pytest.raises(AlreadyExists):
        store.resources.create(patient(family="OTHER"), LATER)
    assert store.resources.history("Patient", "p1") == (first,)


def test_update_makes_the_next_version(store: Store) -> None:
    store.resources.create(patient(), NOW)
    updated = store.resources.update(patient(family="NOUVELLE", identifier="2"), LATER)
    assert (updated.version, body_of(updated)["meta"]["versionId"]) == (2, "2")
    assert store.resources.read("Patient", "p1") == updated
    assert [body_of(v)["name"][0]["family"] for v in store.resources.history("Patient", "p1")] == [
        "NOUVELLE",
        "FICTIVE",
    ]
    assert store.resources.search(identified("1")).total == 0
    assert store.resources.search(identified("2")).resources == (updated,)


def test_update_creates_what_is_new(store: Store) -> None:
    assert store.resources.update(patient(), NOW).version == 1


@pytest.mark.parametrize(("exists", "if_match", "current"), [(True, 2, 1), (True, 0, 1), (False, 1, 0)])
def test_if_match_must_be_current(store: Store, exists: bool, if_match: int, current: int) -> None:  # noqa: FBT001
    if exists:
        store.resources.create(patient(), NOW)
    with pytest.raises(VersionConflict) as caught:
        store.resources.update(patient(family="X"), LATER, if_match=if_match)
    assert caught.value.current == current
    assert len(store.resources.history("Patient", "p1")) == int(exists)


def test_if_match_has_one_winner(store: Store) -> None:
    store.resources.create(patient(), NOW)

    def race(n: int) -> str:
        try:
            store.resources.update(patient(family=f"N{n}"), LATER, if_match=1)
        except VersionConflict:
            return "lost"
        return "won"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(race, range(8))) == ["lost"] * 7 + ["won"]


def test_updates_at_once_all_count(store: Store) -> None:
    store.resources.create(patient(), NOW)
    with ThreadPoolExecutor(8) as pool:
        versions = sorted(pool.map(lambda n: store.resources.update(patient(family=f"N{n}"), LATER).version, range(24)))
    assert versions == list(range(2, 26))


def test_conditional_create(store: Store) -> None:
    assert store.resources.create(patient(), NOW, unless=identified("1")) is not None
    assert store.resources.create(patient("p2"), NOW, unless=identified("1")) is None
    assert store.resources.create(patient("p3"), NOW, unless=identified("3")) is not None
    assert store.resources.read("Patient", "p2") is None


def test_conditional_create_has_one_winner(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: store.resources.create(patient(f"p{n}"), NOW, identified("1")), range(16)))
    assert sum(one is not None for one in made) == 1
    assert store.resources.search(identified("1")).total == 1


@pytest.mark.parametrize("digits", ["0.10", "45.00", "-3.1", "12345678901234567890.5"])
def test_decimals_keep_their_digits(store: Store, digits: str) -> None:
    body = {"resourceType": "Claim", "id": "c", "total": {"value": Decimal(digits)}}
    store.resources.create(ResourceWrite("Claim", "c", body, (), SITE, Origin.RECORD), NOW)
    stored = store.resources.read("Claim", "c")
    assert stored is not None
    assert stored.body is not None
    assert f'"total":{{"value":{digits}}}'.encode() in stored.body


@pytest.mark.parametrize("value", [Decimal("NaN"), object(), {1, 2}])
def test_what_json_does_not_know_is_refused(store: Store, value: object) -> None:
    body = {"resourceType": "Claim", "id": "c", "total": value}
    with pytest.raises(TypeError):
        store.resources.create(ResourceWrite("Claim", "c", body, (), SITE, Origin.RECORD), NOW)
    assert store.resources.read("Claim", "c") is None


def test_meta_of_the_body_is_kept(store: Store) -> None:
    body = {"resourceType": "Claim", "meta": {"profile": ["p"], "tag": [{"code": "t"}]}, "id": "c"}
    created = store.resources.create(ResourceWrite("Claim", "c", body, (), SITE, Origin.RECORD), NOW)
    assert body_of(created)["meta"] == {
        "versionId": "1",
        "lastUpdated": "2026-03-02T09:00:00.123Z",
        "profile": ["p"],
        "tag": [{"code": "t"}],
    }


def test_an_id_that_no_text_can_hold_names_nothing(store: Store) -> None:
    assert store.resources.read("Patient", "a\0b") is None
    assert store.resources.vread("Patient", "a\0b", 1) is None
    assert store.resources.history("Patient", "a\0b") == ()
