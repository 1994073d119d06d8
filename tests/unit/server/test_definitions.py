"""The definitions of this release are resources of the facade: written once, again when they change."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappings.conformance import SERVED, load_conformance
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.server.definitions import publish_definitions
from sesame_fhir.services.records import Origin
from sesame_fhir.services.search import SearchQuery, UriClause
from sesame_fhir.storage import Store, open_store
from tests.support.story import SITE, START

PHQ_9 = "https://sesame-fhir.fr/ig/Questionnaire/phq-9"
FEW: tuple[Json, ...] = tuple(
    one for one in load_conformance() if one["url"] == PHQ_9 or one["resourceType"] == "Measure"
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(f"sqlite:///{tmp_path / 'definitions.db'}", bytes(32))
    opened.migrate()
    return opened


def test_everything_served_is_there_and_has_a_url() -> None:
    kinds = {one["resourceType"] for one in load_conformance()}
    assert {"CodeSystem", "Measure", "Questionnaire"} <= kinds <= set(SERVED)
    assert len({one["url"] for one in load_conformance()}) == len(load_conformance())


def test_written_once_and_again_when_changed(store: Store) -> None:
    with store:
        assert publish_definitions(store.resources, FEW, SITE, START) == len(FEW)
        assert publish_definitions(store.resources, FEW, SITE, START + timedelta(days=1)) == 0
        changed = [{**one, "title": "Autre titre"} if one["url"] == PHQ_9 else one for one in FEW]
        assert publish_definitions(store.resources, changed, SITE, START + timedelta(days=2)) == 1
        stored = store.resources.read("Questionnaire", "phq-9")
        assert stored is not None
        assert (stored.version, stored.origin) == (2, Origin.SOFTWARE)


def test_they_are_found_by_their_url(store: Store) -> None:
    with store:
        publish_definitions(store.resources, FEW, SITE, START)
        found = store.resources.search(SearchQuery("Questionnaire", (UriClause("url", (PHQ_9,)),))).resources
        assert [read_json(one.body or b"{}")["id"] for one in found] == ["phq-9"]
