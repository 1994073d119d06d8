"""Pathways lived in full come out of their events again, to the byte: each command wrote only what it changed."""

import pytest

from mappings.projector import PathwayProjector
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store
from tests.contract.storage.projection_dump import dump
from tests.unit.mappings.cases import steps

PROJECTOR = PathwayProjector(index)


@pytest.mark.parametrize("name", ["left", "transferred", "withdrawn-consent", "note-removed", "improving", "survivor"])
def test_rebuild_changes_nothing(store: Store, name: str) -> None:
    for before, after, happened in steps(name):
        commit = Commit(
            pathway_id=happened.pathway_id,
            expected_version=before.version,
            command_id=happened.command_id,
            recorded_at=happened.recorded_at,
            events=(happened,),
            projections=PROJECTOR(before, after, (happened,)),
        )
        assert store.pathways.commit(commit)
    written = dump(store)
    assert rebuild(store.pathways, PROJECTOR, lambda _done: None) == 1
    assert dump(store) == written
