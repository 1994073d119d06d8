"""``ResourceStore.apply``: commits and resource changes in one transaction, or nothing of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sesame_fhir.domain.ids import CommandId
from sesame_fhir.services.errors import AlreadyExists, ConditionMet, Conflict, VersionConflict
from sesame_fhir.services.records import Commit, Origin, ResourceChange, ResourceWrite
from sesame_fhir.services.search import IndexEntry, SearchQuery, TokenClause, TokenValue
from sesame_fhir.services.versions import VersionQuery
from sesame_fhir.storage import Store
from tests.contract.storage.story import Script
from tests.support.story import PATHWAY, SITE

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


def patient(key: str, identifier: str = "1") -> ResourceWrite:
    body = {"resourceType": "Patient", "id": key}
    entry = IndexEntry("identifier", "token", system="urn:x", code=identifier)
    return ResourceWrite("Patient", key, body, (entry,), SITE, Origin.RECORD)


def put(key: str, expected: int | None = 0, identifier: str = "1", unless: str | None = None) -> ResourceChange:
    condition = None if unless is None else identified(unless)
    return ResourceChange("Patient", key, patient(key, identifier), expected, condition)


def remove(key: str, expected: int | None = None) -> ResourceChange:
    return ResourceChange("Patient", key, None, expected)


def identified(value: str) -> SearchQuery:
    return SearchQuery("Patient", (TokenClause("identifier", (TokenValue("urn:x", value),)),))


def everything(store: Store) -> list[tuple[str, int, bool]]:
    found = store.resources.versions(VersionQuery("Patient", count=100)).versions
    return sorted((one.resource_id, one.version, one.deleted) for one in found)


def test_changes_are_written_in_order_and_told(store: Store) -> None:
    store.resources.apply((), [put("p1"), put("p2")], NOW)
    left = store.resources.apply((), [put("p1", 1), remove("p2", 1), put("p3"), remove("p9")], LATER)
    assert [one and (one.resource_id, one.version, one.deleted) for one in left] == [
        ("p1", 2, False),
        ("p2", 2, True),
        ("p3", 1, False),
        None,
    ]
    assert left[0] == store.resources.read("Patient", "p1")
    assert left[1] == store.resources.read("Patient", "p2")
    assert everything(store) == [
        ("p1", 1, False),
        ("p1", 2, False),
        ("p2", 1, False),
        ("p2", 2, True),
        ("p3", 1, False),
    ]


def test_nothing_at_all(store: Store) -> None:
    assert store.resources.apply((), (), NOW) == ()


# what the last change of a unit meets | what is raised
MET: list[tuple[ResourceChange, type[Exception]]] = [
    (put("kept"), AlreadyExists),
    (put("kept", 7), VersionConflict),
    (put("new", 1), VersionConflict),
    (remove("kept", 7), VersionConflict),
    (remove("new", 1), VersionConflict),
    (put("new", unless="kept"), ConditionMet),
    (put("new", unless="mine"), ConditionMet),
]


@pytest.mark.parametrize(("last", "raised"), MET, ids=range(len(MET)))
def test_a_last_change_that_fails_leaves_nothing(store: Store, last: ResourceChange, raised: type[Exception]) -> None:
    store.resources.apply((), [put("kept", identifier="kept"), put("old")], NOW)
    before = everything(store)
    commit = Script().screened()
    with pytest.raises(raised):
        store.resources.apply([commit], [put("p1", identifier="mine"), remove("old", 1), last], LATER)
    assert everything(store) == before
    assert store.pathways.history(commit.pathway_id) == ()
    assert store.resources.search(identified("mine")).total == 0
    assert store.resources.search(identified("1")).total == 1


def test_commits_are_part_of_it(store: Store) -> None:
    first = Script().screened()
    store.resources.apply([first], [put("p1")], NOW)
    assert len(store.pathways.history(PATHWAY)) == len(first.events)
    assert store.pathways.applied(first.command_id) == PATHWAY


@pytest.mark.parametrize(
    "again",
    [lambda commit: commit, lambda commit: replace(commit, command_id=CommandId("another"))],
    ids=["the same command", "another one decided on an older state"],
)
def test_a_commit_that_comes_too_late_takes_the_changes_with_it(
    store: Store, again: Callable[[Commit], Commit]
) -> None:
    first = Script().screened()
    store.resources.apply([first], [], NOW)
    with pytest.raises(Conflict):
        store.resources.apply([again(first)], [put("p1")], LATER)
    assert store.resources.read("Patient", "p1") is None
    assert len(store.pathways.history(PATHWAY)) == len(first.events)


def test_of_two_units_at_once_one_is_whole_and_one_is_nothing(store: Store) -> None:
    store.resources.apply((), [put("shared")], NOW)

    def race(number: int) -> str:
        changes = [put(f"own-{number}"), put("shared", 1), put(f"last-{number}")]
        try:
            store.resources.apply((), changes, LATER)
        except VersionConflict:
            return "lost"
        return "won"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(race, range(6))) == ["lost"] * 5 + ["won"]
    names = {key.partition("-")[0]: key for key, _, _ in everything(store) if "-" in key}
    assert len(everything(store)) == 4
    assert names["own"].partition("-")[2] == names["last"].partition("-")[2]


def test_units_that_create_on_one_condition(store: Store) -> None:
    def race(number: int) -> bool:
        try:
            store.resources.apply((), [put(f"before-{number}", identifier="x"), put(f"p-{number}", unless="1")], NOW)
        except ConditionMet:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(race, range(6))) == 1
    assert len(everything(store)) == 2


def test_units_on_the_same_resources_in_other_orders_end(store: Store) -> None:
    """Two writers that wait for each other are told apart by the database, and one runs again."""
    store.resources.apply((), [put("a"), put("b")], NOW)

    def race(number: int) -> None:
        order = ("a", "b") if number % 2 else ("b", "a")
        store.resources.apply((), [put(key, None) for key in order], LATER)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(race, range(16)))
    assert {version for _, version, _ in everything(store)} == set(range(1, 18))
