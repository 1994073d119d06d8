from datetime import UTC, datetime

import pytest

from sesame_fhir.fhir.dates import DISTANT_FUTURE, DISTANT_PAST
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_index import index, split_reference
from sesame_fhir.services.folding import fold
from sesame_fhir.services.search import IndexEntry
from tests.unit.fhir.samples import OBSERVATION, PATIENT, QUESTIONNAIRE, RESPONSE, changed


def entries(resource: Json, param: str) -> list[IndexEntry]:
    return [entry for entry in index(resource) if entry.param == param]


def test_patient() -> None:
    names = [("Zoé-Létourneau", "zoe-letourneau"), ("Chloé", "chloe"), ("Anne", "anne")]
    ins = "urn:oid:1.2.250.1.213.1.4.10"
    assert entries(PATIENT, "identifier") == [IndexEntry("identifier", "token", system=ins, code="255069999999934")]
    assert [(entry.text, entry.folded) for entry in entries(PATIENT, "name")] == names
    assert [entry.folded for entry in entries(PATIENT, "family")] == ["zoe-letourneau"]
    assert [entry.folded for entry in entries(PATIENT, "given")] == ["chloe", "anne"]
    assert entries(PATIENT, "gender") == [IndexEntry("gender", "token", system="", code="female")]
    (born,) = entries(PATIENT, "birthdate")
    assert (born.low, born.high) == (datetime(1955, 6, 14, 23, tzinfo=UTC), datetime(1955, 6, 15, 23, tzinfo=UTC))


def test_observation() -> None:
    to_patient = {"ref_type": "Patient", "ref_id": "p1"}
    assert entries(OBSERVATION, "patient") == [IndexEntry("patient", "reference", **to_patient)]  # type: ignore[arg-type]
    assert entries(OBSERVATION, "subject") == [IndexEntry("subject", "reference", **to_patient)]  # type: ignore[arg-type]
    assert entries(OBSERVATION, "code") == [IndexEntry("code", "token", system="http://loinc.org", code="44261-6")]
    assert [entry.ref_type for entry in entries(OBSERVATION, "derived-from")] == ["QuestionnaireResponse"]


@pytest.mark.parametrize(
    ("key", "value", "low", "high"),
    [
        (
            "effectiveDateTime",
            "2024-07-01T10:00:00Z",
            datetime(2024, 7, 1, 10, tzinfo=UTC),
            datetime(2024, 7, 1, 10, 0, 1, tzinfo=UTC),
        ),
        ("effectivePeriod", {"start": "2024-01-01"}, datetime(2023, 12, 31, 23, tzinfo=UTC), DISTANT_FUTURE),
        ("effectivePeriod", {"end": "2024-01-01"}, DISTANT_PAST, datetime(2024, 1, 1, 23, tzinfo=UTC)),
        (
            "effectiveTiming",
            {"event": ["2024-07-02", "2024-07-01T10:00:00Z"]},
            datetime(2024, 7, 1, 10, tzinfo=UTC),
            datetime(2024, 7, 2, 22, tzinfo=UTC),
        ),
        (
            "effectiveTiming",
            {"repeat": {"boundsPeriod": {"start": "2024-01-01"}, "frequency": 1, "period": 15, "periodUnit": "d"}},
            datetime(2023, 12, 31, 23, tzinfo=UTC),
            DISTANT_FUTURE,
        ),
    ],
)
def test_choice_dates(key: str, value: object, low: datetime, high: datetime) -> None:
    resource = {"resourceType": "Observation", key: value}
    assert entries(resource, "date") == [IndexEntry("date", "date", low=low, high=high)]


def test_a_date_written_as_text_is_no_date() -> None:
    """``onset-date`` speaks of onsetDateTime and onsetPeriod only."""
    assert entries({"resourceType": "Condition", "onsetString": "2024"}, "onset-date") == []


def test_canonical_is_found_with_and_without_its_version() -> None:
    found = [entry.text for entry in entries(RESPONSE, "questionnaire")]
    assert found == [
        "https://sesame-fhir.fr/ig/Questionnaire/phq-9|1.0.0",
        "https://sesame-fhir.fr/ig/Questionnaire/phq-9",
    ]


def test_a_group_is_a_subject_but_not_a_patient() -> None:
    resource = changed(OBSERVATION, (("subject", "reference"), "Group/g"))
    assert entries(resource, "patient") == []
    assert len(entries(resource, "subject")) == 1


def test_a_parameter_of_one_type_leaves_out_the_others() -> None:
    participants = [
        {"actor": {"reference": f"{kind}/1"}} for kind in ("Patient", "Practitioner", "Location", "Patient")
    ]
    appointment = {"resourceType": "Appointment", "participant": participants}
    assert [entry.ref_type for entry in entries(appointment, "patient")] == ["Patient"]
    assert [entry.ref_type for entry in entries(appointment, "practitioner")] == ["Practitioner"]
    assert [entry.ref_type for entry in entries(appointment, "actor")] == ["Patient", "Practitioner", "Location"]


def test_logical_reference_is_indexed_by_its_identifier() -> None:
    resource = {"resourceType": "Task", "for": {"identifier": {"system": "urn:x", "value": "1"}, "type": "Patient"}}
    assert entries(resource, "patient") == [IndexEntry("patient", "reference", system="urn:x", code="1")]
    other = changed(resource, (("for", "type"), "Group"))
    assert entries(other, "patient") == []


def test_general_parameters_on_any_type() -> None:
    meta = {"profile": ["http://p.test"], "tag": [{"system": "urn:t", "code": "x"}]}
    for resource_type in ("Patient", "Flag"):
        found = index({"resourceType": resource_type, "meta": meta})
        assert [(entry.param, entry.text or entry.code) for entry in found] == [
            ("_profile", "http://p.test"),
            ("_tag", "x"),
        ]


@pytest.mark.parametrize(
    "resource",
    [
        {},
        {"resourceType": 3},
        {"resourceType": "Patient", "name": "x", "birthDate": 3, "identifier": [None, 1, {}]},
        {"resourceType": "Observation", "subject": "Patient/1", "effectiveDateTime": "hier", "code": {"coding": "x"}},
        {"resourceType": "Observation", "effectiveTiming": {"event": ["hier", None, 3], "repeat": "toujours"}},
        {"resourceType": "Observation", "effectiveTiming": {"event": "2024", "repeat": {"boundsPeriod": ["2024"]}}},
        {"resourceType": "Appointment", "participant": ["x", None, {"actor": "x"}, [{"actor": []}], {"actor": {}}]},
    ],
)
def test_invalid_structure_gives_no_entry_and_no_error(resource: Json) -> None:
    assert [entry for entry in index(resource) if entry.param != "name"] == []


def test_duplicates_are_dropped() -> None:
    resource = changed(PATIENT, (("identifier",), PATIENT["identifier"] * 2))
    assert len(entries(resource, "identifier")) == 1


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ÉLODIE", "elodie"),
        ("Cœur", "coeur"),
        ("  Le   Goff ", "le goff"),
        ("Straße", "strasse"),
        ("ﬁ", "fi"),
        ("İ", "i"),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Patient/1", ("Patient", "1")),
        ("Patient/1/_history/2", ("Patient", "1")),
        ("https://x.test/fhir/Patient/1", (None, "https://x.test/fhir/Patient/1")),
        ("urn:uuid:1", (None, "urn:uuid:1")),
    ],
)
def test_split_reference(reference: str, expected: tuple[str | None, str]) -> None:
    assert split_reference(reference) == expected


def test_questionnaire() -> None:
    assert {entry.param for entry in index(QUESTIONNAIRE)} == {"url", "version", "status"}
