"""Who may be the same person, as a table: traits as the national rules compare them, the INS above all."""

from dataclasses import replace

import pytest

from mappings.identity import identity_of
from mappings.patient import patient
from sesame_fhir.services.matching import Grade, Identity, compare
from tests.support.story import TRAITS

INS = {"urn:oid:1.2.250.1.213.1.4.10": "284127645108973"}
OTHER_INS = {"urn:oid:1.2.250.1.213.1.4.10": "284127645108998"}
NIA = {"urn:oid:1.2.250.1.213.1.4.9": "284127645108973"}
JEANNE = Identity({}, "FICTIVE", (), "Jeanne", "1984-12-07", "female")


@pytest.mark.parametrize(
    ("asked", "known", "grade"),
    [
        # -- INS
        ({"ins": INS}, {"ins": INS}, Grade.CERTAIN),
        ({"ins": INS, "family": "", "given": "", "birth_date": "", "sex": ""}, {"ins": INS}, Grade.CERTAIN),
        ({"ins": INS}, {"ins": OTHER_INS}, Grade.CERTAINLY_NOT),
        ({"ins": INS}, {"ins": {}}, Grade.PROBABLE),
        ({"ins": INS}, {"ins": NIA}, Grade.PROBABLE),
        ({"ins": INS}, {"ins": INS, "birth_date": "1990-01-01"}, Grade.PROBABLE),
        ({"ins": INS}, {"ins": INS, "sex": "male"}, Grade.PROBABLE),
        ({"ins": INS}, {"ins": INS, "given": "Jeanne Marie"}, Grade.CERTAIN),
        # -- traits
        ({}, {}, Grade.PROBABLE),
        ({"family": "fictive", "given": "JEANNE"}, {}, Grade.PROBABLE),
        ({"family": "D'Église-Œuvre"}, {"family": "D EGLISE OEUVRE"}, Grade.PROBABLE),
        ({"given": "Jean-Pierre"}, {"given": "JEAN PIERRE MARIE"}, Grade.PROBABLE),
        ({"given": "Jeanne Marie"}, {"given": "Jeanne"}, Grade.PROBABLE),
        ({"given": "Marie"}, {"given": "Jeanne Marie"}, Grade.POSSIBLE),
        ({"family": "EXEMPLE"}, {"names": ("EXEMPLE",)}, Grade.POSSIBLE),
        ({"family": "EXEMPLE"}, {}, Grade.POSSIBLE),
        ({"given": "Paule"}, {}, Grade.POSSIBLE),
        ({"sex": "male"}, {}, Grade.POSSIBLE),
        ({"sex": "unknown"}, {}, Grade.PROBABLE),
        ({"birth_date": "1984"}, {}, Grade.POSSIBLE),
        ({"birth_date": ""}, {}, Grade.POSSIBLE),
        ({"birth_date": "1984-12-08"}, {}, Grade.CERTAINLY_NOT),
        ({"family": "EXEMPLE", "given": "Paule"}, {}, Grade.CERTAINLY_NOT),
        ({"family": "EXEMPLE", "sex": "male"}, {}, Grade.CERTAINLY_NOT),
        ({"family": "", "given": ""}, {}, Grade.CERTAINLY_NOT),
        ({"family": "", "birth_date": ""}, {}, Grade.CERTAINLY_NOT),
    ],
)
def test_same_person(asked: dict[str, object], known: dict[str, object], grade: Grade) -> None:
    match = compare(replace(JEANNE, **asked), replace(JEANNE, **known))  # type: ignore[arg-type]
    assert match.grade is grade
    assert 0.0 <= match.score <= 1.0
    assert (match.score == 1.0) == (grade is Grade.CERTAIN)


def test_the_surer_the_higher() -> None:
    asked = replace(JEANNE, ins=INS)
    known = [replace(asked), replace(asked, sex="male"), JEANNE, replace(JEANNE, given="Paule")]
    scores = [compare(asked, one).score for one in known]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_two_records_are_compared_alike_both_ways() -> None:
    married = replace(JEANNE, family="EXEMPLE", names=("FICTIVE",))
    assert compare(JEANNE, married) == compare(married, JEANNE)


def test_the_identity_of_a_published_patient() -> None:
    found = identity_of(patient(TRAITS, "p"))
    assert TRAITS.ins is not None
    assert found == Identity(
        {"urn:oid:1.2.250.1.213.1.4.10": TRAITS.ins.value}, "FICTIVE", (), "Jeanne", "1984-12-07", "female"
    )


@pytest.mark.parametrize(
    "identifier",
    [
        {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "284127645108900"},
        {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "284127645108973", "use": "old"},
        {"system": "urn:x:ipp", "value": "284127645108973"},
        {"system": "urn:oid:1.2.250.1.213.1.4.10"},
    ],
)
def test_what_is_no_ins(identifier: dict[str, str]) -> None:
    assert identity_of({"resourceType": "Patient", "identifier": [identifier]}).ins == {}


def test_the_birth_name_is_the_official_one() -> None:
    names = [{"use": "usual", "family": "EXEMPLE"}, {"use": "official", "family": "FICTIVE", "given": ["Jeanne"]}]
    found = identity_of({"resourceType": "Patient", "name": names})
    assert (found.family, found.names, found.given) == ("FICTIVE", ("EXEMPLE",), "Jeanne")
