"""No domain field is forgotten in silence: mapped (and then it changes the resource) or left out with a reason."""

import dataclasses

import pytest

from mappings.fields import FieldMap
from mappings.reference import field_maps
from tests.unit.mappings.probes import PROBES

MAPS = list(field_maps())

_IDS = [f"{name}-{fields.source.__name__}" for name, fields in MAPS]


@pytest.mark.parametrize(("name", "fields"), MAPS, ids=_IDS)
def test_every_field_is_mapped_or_left_out_with_a_reason(name: str, fields: FieldMap) -> None:
    assert dataclasses.is_dataclass(fields.source)
    known = {field.name for field in dataclasses.fields(fields.source)}
    assert set(fields.mapped) | set(fields.omitted) == known, name
    assert not set(fields.mapped) & set(fields.omitted)
    assert all(len(reason) > 15 for reason in fields.omitted.values())


@pytest.mark.parametrize(("name", "fields"), MAPS, ids=_IDS)
def test_a_mapped_field_changes_the_result_and_an_omitted_one_does_not(name: str, fields: FieldMap) -> None:
    build, sample, changes = PROBES[name, fields.source]
    assert set(changes) == set(fields.mapped) | set(fields.omitted)
    plain = build(sample)
    for field, other in changes.items():
        changed = build(dataclasses.replace(sample, **{field: other})) != plain  # type: ignore[type-var]
        assert changed is (field in fields.mapped), f"{name}: {field}"


def test_every_map_is_probed() -> None:
    assert {(name, fields.source) for name, fields in MAPS} == set(PROBES)
