"""Histories page by page: the same pages whether few resources lead to them or the newest versions are walked back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sesame_fhir.services.errors import InvalidCursor
from sesame_fhir.services.records import Origin, ResourceChange, ResourceWrite, StoredResource
from sesame_fhir.services.search import IndexEntry, SearchQuery, TokenClause, TokenValue
from sesame_fhir.services.versions import VersionQuery
from sesame_fhir.storage import Store, versions
from tests.support.story import SITE

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL = VersionQuery("Patient")


def write(key: str, resource_type: str = "Patient") -> ResourceWrite:
    entry = IndexEntry("identifier", "token", system="urn:x", code=key)
    return ResourceWrite(resource_type, key, {"resourceType": resource_type, "id": key}, (entry,), SITE, Origin.RECORD)


@pytest.fixture(params=["by resource", "by version"])
def filled(store: Store, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Three patients written in turn, one of them deleted in the end; both ways to walk."""
    if request.param == "by version":
        monkeypatch.setattr(versions, "_FEW", -1)
    for minute, key in enumerate(("a", "b", "a", "c", "a")):
        store.resources.update(write(key), NOW + timedelta(minutes=minute))
        store.resources.update(write(key, "Condition"), NOW + timedelta(minutes=minute))
    store.resources.apply((), [ResourceChange("Patient", "b", None)], NOW + timedelta(minutes=5))
    return store


def named(found: tuple[StoredResource, ...]) -> list[str]:
    return [f"{one.resource_id}{one.version}" for one in found]


def pages(store: Store, query: VersionQuery) -> Iterator[list[str]]:
    while True:
        page = store.resources.versions(query)
        yield named(page.versions)
        if page.next_cursor is None:
            return
        query = replace(query, cursor=page.next_cursor)


def test_newest_first_with_tombstones(filled: Store) -> None:
    page = filled.resources.versions(ALL)
    assert named(page.versions) == ["b2", "a3", "c1", "a2", "b1", "a1"]
    assert [one.deleted for one in page.versions] == [True, *[False] * 5]
    assert page.versions[1] == filled.resources.vread("Patient", "a", 3)
    assert page.next_cursor is None


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_pages(filled: Store, count: int) -> None:
    found = list(pages(filled, replace(ALL, count=count)))
    assert [name for page in found for name in page] == ["b2", "a3", "c1", "a2", "b1", "a1"]
    assert all(len(page) == count for page in found[:-1])


def test_what_is_written_meanwhile_moves_no_page(filled: Store) -> None:
    found = []
    for page in pages(filled, replace(ALL, count=2)):
        found += page
        filled.resources.update(write("a"), NOW + timedelta(hours=1))
    assert found == ["b2", "a3", "c1", "a2", "b1", "a1"]


@pytest.mark.parametrize(("minutes", "expected"), [(3, ["b2", "a3", "c1"]), (5, ["b2"]), (6, [])])
def test_since(filled: Store, minutes: int, expected: list[str]) -> None:
    since = NOW + timedelta(minutes=minutes)
    assert named(filled.resources.versions(replace(ALL, since=since)).versions) == expected
    of_one = replace(ALL, resource_id="a", since=since)
    assert named(filled.resources.versions(of_one).versions) == [one for one in expected if one[0] == "a"]


def test_of_one_resource(filled: Store) -> None:
    assert named(filled.resources.versions(replace(ALL, resource_id="a")).versions) == ["a3", "a2", "a1"]
    for key in ("nothing", "a\0b"):
        assert filled.resources.versions(replace(ALL, resource_id=key)).versions == ()


def test_within_a_search(filled: Store) -> None:
    for key, expected in (("a", ["a3", "a2", "a1"]), ("b", []), ("c", ["c1"])):
        within = SearchQuery("Patient", (TokenClause("identifier", (TokenValue("urn:x", key),)),))
        assert [name for page in pages(filled, replace(ALL, within=within, count=2)) for name in page] == expected
    nowhere = SearchQuery("Patient", sites=frozenset())
    assert filled.resources.versions(replace(ALL, within=nowhere)).versions == ()


def test_a_cursor_is_for_its_own_question(filled: Store) -> None:
    cursor = filled.resources.versions(replace(ALL, count=1)).next_cursor
    assert cursor is not None
    others = (
        replace(ALL, cursor=cursor, resource_type="Condition"),
        replace(ALL, cursor=cursor, resource_id="a"),
        replace(ALL, cursor=cursor, since=NOW),
        replace(ALL, cursor=cursor, within=SearchQuery("Patient")),
        replace(ALL, cursor=cursor + "A"),
        replace(ALL, cursor="é"),
    )
    for query in others:
        with pytest.raises(InvalidCursor):
            filled.resources.versions(query)


def test_pages_while_many_write(filled: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(filled.resources.update, write("a"), NOW + timedelta(hours=1)) for _ in range(20)]
        found = [name for page in pages(filled, replace(ALL, count=3)) for name in page]
        for one in writes:
            one.result()
    assert len(set(found)) == len(found)
    assert found[-6:] == ["b2", "a3", "c1", "a2", "b1", "a1"]
