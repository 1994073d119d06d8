"""The demo record: the same thirty invented patients every time, valid, and with identifiers that nobody has."""

import re
from collections import Counter
from datetime import datetime, timedelta

import pytest

from sesame_fhir.domain.eligibility import age_on
from sesame_fhir.domain.identifiers import Finess, Ins, InsNature, Rpps
from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.models import typed
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.records import StoredResource
from smart_app.demo_ehr.seed import seed, seed_resources
from smart_app.demo_ehr.seed.people import PEOPLE
from tests.unit.demo_ehr.record_double import MemoryRecord
from tests.unit.demo_ehr.stage import NOW, SITE

RESOURCES = [read_json(write_json(resource)) for resource in seed_resources(NOW)]


def of(kind: str) -> list[Json]:
    return [resource for resource in RESOURCES if resource["resourceType"] == kind]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource["id"])
def test_every_resource_is_valid_r4(resource: Json) -> None:
    assert validate(resource) == []
    assert typed(resource).get_resource_type() == resource["resourceType"]


def test_every_reference_leads_to_an_earlier_resource() -> None:
    known: set[str] = set()
    for resource in RESOURCES:
        found = set(re.findall(r'"reference":"([^"]+)"', write_json(resource).decode()))
        assert found <= known, resource["id"]
        known.add(f"{resource['resourceType']}/{resource['id']}")


def test_seeding_again_writes_nothing() -> None:
    record = MemoryRecord()
    seed(record, NOW, SITE)
    first = record.all()
    seed(record, NOW + timedelta(hours=5), SITE)
    assert record.all() == first
    assert record.writes == len(RESOURCES)


class LateRecord(MemoryRecord):
    """Does not see yet what another worker has just written."""

    def read(self, resource_type: str, resource_id: str) -> StoredResource | None:  # noqa: ARG002
        return None


def test_two_workers_that_start_together_do_not_disturb_each_other() -> None:
    record = LateRecord()
    seed(record, NOW, SITE)
    seed(record, NOW, SITE)
    assert record.writes == len(RESOURCES)


def test_another_day_adds_only_its_consultations() -> None:
    record = MemoryRecord()
    seed(record, NOW, SITE)
    seed(record, NOW + timedelta(days=1), SITE)
    assert record.writes == len(RESOURCES) + len(PEOPLE)


def test_the_day_is_the_practice_s_own() -> None:
    late = datetime.fromisoformat("2026-11-22T23:30:00+00:00")
    starts = {r["period"]["start"][:10] for r in seed_resources(late) if r["resourceType"] == "Encounter"}
    assert starts == {"2026-11-23"}


def test_thirty_patients_from_15_to_84() -> None:
    ages = [age_on(person.birth_date, NOW.date()) for person in PEOPLE]
    assert len(of("Patient")) == len(of("Encounter")) == 30
    assert (min(ages), max(ages)) == (15, 84)
    assert sum(age < 18 for age in ages) == 1


def test_identifiers_are_given_once() -> None:
    values = Counter(
        (identifier["system"], identifier["value"])
        for resource in RESOURCES
        for identifier in resource.get("identifier", ())
    )
    assert set(values.values()) == {1}


def test_ins_are_test_numbers_that_agree_with_the_traits() -> None:
    without = []
    for patient in of("Patient"):
        official = [i for i in patient["identifier"] if i.get("use") == "official"]
        if not official:
            without.append(patient["id"])
            continue
        assert [i["system"] for i in official] == [canonical.INS_NIR_TEST]
        ins = Ins.parse(official[0]["value"], InsNature.TEST)
        born = patient["birthDate"]
        birth_place = patient["extension"][1]["valueAddress"]["extension"][0]["valueCoding"]["code"]
        assert ins.nir[:10] == ("1" if patient["gender"] == "male" else "2") + born[2:4] + born[5:7] + birth_place
    assert without == ["patient-10"]


@pytest.mark.parametrize("system", [canonical.INS_NIR, canonical.INS_NIA])
def test_no_real_identity_system_is_used(system: str) -> None:
    assert all(i["system"] != system for patient in of("Patient") for i in patient["identifier"])


def test_professionals_and_places_have_valid_numbers_outside_the_registers() -> None:
    rpps = [i["value"] for p in of("Practitioner") for i in p.get("identifier", ()) if i["system"] == canonical.RPPS]
    finess = [i["value"] for o in of("Organization") for i in o["identifier"] if i["system"] == canonical.FINESS]
    assert len(rpps) == 6
    assert all(Rpps.parse(value).value.startswith("999") for value in rpps)
    assert all(Finess.parse(value).value.startswith("99") for value in finess)


def test_phones_come_from_the_ranges_kept_for_fiction() -> None:
    phones = [point["value"].replace(" ", "") for patient in of("Patient") for point in patient["telecom"]]
    assert all(re.fullmatch(r"\+33(19900|63998)\d{4}", phone) for phone in phones)


def test_the_cases_that_eligibility_needs_are_there() -> None:
    followed = {episode["patient"]["reference"] for episode in of("EpisodeOfCare")}
    antidepressants = {
        treatment["subject"]["reference"]
        for treatment in of("MedicationStatement")
        if treatment["medicationCodeableConcept"]["coding"][0]["code"].startswith("N06A")
    }
    scored = Counter(score["code"]["coding"][0]["code"] for score in of("Observation"))
    assert followed == {"Patient/patient-07"}
    assert antidepressants == {"Patient/patient-07", "Patient/patient-09"}
    assert scored["55758-7"] >= 3
    assert scored["44261-6"] >= 3
