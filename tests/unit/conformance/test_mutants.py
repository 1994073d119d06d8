"""Mutants are the same for the same seed, different from what they were made of and from each other."""

import copy
import json
import random
from collections import Counter

import pytest

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from tests.conformance import gather
from tests.conformance.mutants import MUTATIONS, mutants
from tests.conformance.mutants.places import places
from tests.conformance.sample import Sample

SOURCES = gather.mutable(gather.goldens())
MADE = list(mutants(SOURCES, 300, 7))


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    assert [one.body for one in mutants(SOURCES, 300, 7)] == [one.body for one in MADE]
    other = {one.body for one in mutants(SOURCES, 300, 8)}
    assert len(other - {one.body for one in MADE}) > 200


def test_mutants_differ_from_every_source_and_from_each_other() -> None:
    sources = {json.dumps(json.loads(one.body), sort_keys=True) for one in SOURCES}
    texts = [json.dumps(json.loads(one.body), sort_keys=True) for one in MADE]
    assert len(set(texts)) == len(texts)
    assert not sources & set(texts)


def test_every_type_has_its_share_and_every_mutant_says_what_was_done() -> None:
    shares = Counter(one.resource_type for one in MADE)
    assert max(shares.values()) - min(shares.values()) <= 1
    assert shares.keys() == {one.resource_type for one in SOURCES}
    for one in MADE:
        names = [done.partition(" at ")[0] for done in one.note.split(" and ")]
        assert set(names) <= MUTATIONS.keys()


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_changes_the_resource_where_it_says_or_leaves_it_alone(name: str) -> None:
    acted = 0
    for source in SOURCES:
        resource = read_json(source.body)
        before = copy.deepcopy(resource)
        place = MUTATIONS[name](resource, random.Random(1))  # noqa: S311
        assert (resource == before) is (place is None) or name in MAY_FIND_IT_SO
        assert resource.get("resourceType") == before["resourceType"]
        acted += place is not None
    assert acted or name in OF_TYPES_WITHOUT_A_GOLDEN


MAY_FIND_IT_SO = frozenset({"app-2", "app-3", "ppc-1", "ppc-2", "org-1"})
"""Rules that are broken by taking away what some resources do not have: nothing is taken then."""

OF_TYPES_WITHOUT_A_GOLDEN = frozenset(
    {
        *("cmp-1", "exp-1", "mea-1", "mrp-1", "org-1", "org-2", "org-3", "sev-1"),
        *("que-1", "que-2", "que-4", "que-5", "que-6", "que-7", "que-12"),
        *("bad narrative", "cpt-2"),
    }
)
"""Broken in resources that come from elsewhere (profiles, reports, examples)."""


def test_places_are_every_value_once_with_its_path() -> None:
    resource: Json = {"resourceType": "Patient", "name": [{"given": ["A", "B"]}]}
    found = [str(place) for place in places(resource)]
    assert found == ["name", "name[0]", "name[0].given", "name[0].given[0]", "name[0].given[1]"]
    assert {place.name for place in places(resource)} == {"name", "given"}


def test_a_source_that_cannot_give_as_many_mutants_is_told() -> None:
    alone = Sample("test", "bundle", b'{"resourceType":"Binary","contentType":"a/b"}')
    with pytest.raises(RuntimeError, match="no other mutant of a Binary"):
        list(mutants([alone], 500, 1))
