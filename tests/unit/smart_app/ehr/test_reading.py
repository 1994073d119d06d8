"""What the record says of the patient at launch, and what stays unknown when it refuses or contradicts."""

from datetime import date

import pytest

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.events import Sex
from sesame_fhir.domain.identifiers import InsNature
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.services.snapshot import (
    Note,
    NoteCode,
    snapshot_from_json,
    snapshot_to_json,
)
from smart_app.ehr.client import EhrCode, EhrError
from tests.unit.smart_app.ehr.loopback import Json, Loopback, Reply, json_reply
from tests.unit.smart_app.ehr.record import FR, INS, NIR_OID, SEARCHED, TEST_OID, ins, patient, read, status

pytestmark = pytest.mark.network


def test_a_full_record(server: Loopback) -> None:
    snapshot = read(server)
    traits = snapshot.traits
    assert (traits.family, traits.given, traits.birth_date, traits.sex) == (
        "DUBOIS",
        "Marie",
        date(1980, 1, 15),
        Sex.FEMALE,
    )
    assert traits.ins is not None
    assert (traits.ins.value, traits.ins.nature) == (INS, InsNature.TEST)
    assert snapshot.author == Actor("10003461034", Role.GP, "Dr Claire MARTIN", snapshot.author.rpps)
    assert snapshot.encounter == "Encounter/e-1"
    assert snapshot.notes == ()
    assert snapshot.psychiatric_follow_up is False
    assert snapshot.antidepressant is False
    assert snapshot_from_json(snapshot_to_json(snapshot)) == snapshot
    assert snapshot.latest(InstrumentId.PHQ_2) is None


@pytest.mark.parametrize(
    ("changes", "nature", "notes"),
    [
        ({"identifier": []}, None, ()),
        ({"identifier": [ins(value="2 80 01 75 116 023 71")]}, InsNature.TEST, ()),
        ({"identifier": [ins(value="280017511602372")]}, None, (Note(NoteCode.INS_INVALID, "key"),)),
        ({"identifier": [ins(value="2800175116023")]}, None, (Note(NoteCode.INS_INVALID, "length"),)),
        ({"identifier": [ins(use="old")]}, None, ()),
        ({"identifier": [ins(system="urn:oid:1.2.250.1.213.1.4.13")]}, None, ()),
        ({"identifier": [ins(), ins(value="180017511602324")]}, None, (Note(NoteCode.INS_AMBIGUOUS),)),
        ({"identifier": [ins(NIR_OID)]}, None, (Note(NoteCode.INS_NOT_QUALIFIED),)),
        ({"identifier": [ins(NIR_OID)], "extension": [status("VALI")]}, None, (Note(NoteCode.INS_NOT_QUALIFIED),)),
        ({"identifier": [ins(NIR_OID)], "extension": [status("QUAL")]}, InsNature.NIR, ()),
        ({"identifier": [ins(NIR_OID)], "meta": {"profile": [f"{FR}/StructureDefinition/fr-core-patient-ins|2.2.0"]}},
         InsNature.NIR, ()),
        ({"identifier": [ins(NIR_OID)], "extension": [status("PROV")],
          "meta": {"profile": [f"{FR}/StructureDefinition/fr-core-patient-ins"]}},
         None, (Note(NoteCode.INS_NOT_QUALIFIED),)),
    ],
)  # fmt: skip
def test_the_ins_is_taken_only_when_it_can_be_trusted(
    server: Loopback, changes: Json, nature: InsNature | None, notes: tuple[Note, ...]
) -> None:
    server.answer("Patient/p-1", json_reply(patient(**changes)))
    snapshot = read(server)
    found = snapshot.traits.ins
    assert (found.nature if found else None) == nature
    assert snapshot.notes == notes


@pytest.mark.parametrize(
    "odd",
    [
        {"name": "DUBOIS"},
        {"name": [{"text": "Marie Dubois"}]},
        {"name": []},
        {"birthDate": "1980"},
        {"birthDate": "1980-02-30"},
        {"birthDate": 1980},
        {"gender": "féminin"},
        {"gender": ["female"]},
        {"name": [{"use": ["official"], "family": ["DUBOIS"], "given": "Marie"}]},
        {"identifier": [ins(use=["official"]), ins(value=[INS]), ins(system=[TEST_OID])]},
        {"telecom": [{"system": ["phone"], "use": ["mobile"], "value": 6}]},
        {"identifier": "x"},
        {"identifier": ["x", None]},
        {"telecom": [{"system": "phone"}, "x"]},
        {"extension": [{"url": f"{FR}/StructureDefinition/fr-core-identity-reliability", "extension": "x"}]},
        {"meta": {"profile": [7]}},
    ],
)
def test_an_odd_patient_is_read_as_far_as_possible(server: Loopback, odd: Json) -> None:
    server.answer("Patient/p-1", json_reply(patient(**odd)))
    snapshot = read(server)
    assert snapshot_from_json(snapshot_to_json(snapshot)) == snapshot


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(403, b"{}"), EhrCode.FORBIDDEN),
        (Reply(404, b"{}"), EhrCode.NOT_FOUND),
        (Reply(500, b"{}"), EhrCode.SERVER_ERROR),
        (json_reply({"resourceType": "OperationOutcome"}), EhrCode.NOT_FHIR),
        (json_reply(patient(id="p-2")), EhrCode.NOT_FHIR),
    ],
)
def test_without_its_patient_there_is_no_snapshot(server: Loopback, reply: Reply, code: EhrCode) -> None:
    server.answer("Patient/p-1", reply)
    with pytest.raises(EhrError) as failed:
        read(server)
    assert failed.value.code is code


@pytest.mark.parametrize(
    "reply",
    [Reply(400, b"{}"), Reply(403, b"{}"), Reply(404, b"{}"), Reply(500, b""), Reply(200, b"<html>"),
     json_reply({"resourceType": "OperationOutcome"}), Reply(401, b"{}")],
)  # fmt: skip
@pytest.mark.parametrize("kind", SEARCHED)
def test_a_refused_search_is_unknown_and_noted(server: Loopback, kind: str, reply: Reply) -> None:
    server.answer(kind, reply)
    snapshot = read(server)
    assert [n.code for n in snapshot.notes] == [NoteCode.NOT_ANSWERED]
    assert (snapshot.notes[0].detail or "").startswith(f"{kind}:")
    if kind.startswith("Medication"):
        assert snapshot.antidepressant is None
    elif kind != "Observation":
        assert snapshot.psychiatric_follow_up is None


def test_what_is_not_granted_is_not_asked(server: Loopback) -> None:
    snapshot = read(server, granted_scopes="patient/Patient.rs user/Practitioner.rs patient/Observation.rs")
    assert {s.path.split("?")[0] for s in server.seen} == {
        "/fhir/Patient/p-1",
        "/fhir/Practitioner/gp-1",
        "/fhir/Observation",
    }
    assert snapshot.psychiatric_follow_up is None
    assert snapshot.antidepressant is None
