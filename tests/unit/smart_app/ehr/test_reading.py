"""What the record says at launch, and what stays unknown when it refuses, ignores or contradicts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.events import Sex
from sesame_fhir.domain.identifiers import InsNature
from sesame_fhir.domain.ids import EhrId, LaunchId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.services.records import LaunchSession
from sesame_fhir.services.snapshot import (
    Note,
    NoteCode,
    RecordSnapshot,
    snapshot_from_json,
    snapshot_to_json,
)
from smart_app.ehr.client import EhrCode, EhrError
from smart_app.ehr.history import FollowUpRules
from smart_app.ehr.reading import ReadingRules, read_record
from smart_app.errors import LaunchExpired
from tests.unit.smart_app.ehr.loopback import NOW, Json, Loopback, Reply, Tokens, client_of, json_reply, running

pytestmark = pytest.mark.network

ME = {"reference": "Patient/p-1"}
FR = "https://hl7.fr/ig/fhir/core"
TEST_OID, NIR_OID = "urn:oid:1.2.250.1.213.1.4.10", "urn:oid:1.2.250.1.213.1.4.8"
INS = "280017511602371"
EMPTY = {"resourceType": "Bundle", "type": "searchset"}
SEARCHED = ("Observation", "EpisodeOfCare", "CareTeam", "Condition", "Encounter",
            "MedicationRequest", "MedicationStatement")  # fmt: skip


def ins(system: object = TEST_OID, value: object = INS, **more: Any) -> Json:
    return {"use": "official", "system": system, "value": value, **more}


def patient(**changes: Any) -> Json:
    standard = {
        "resourceType": "Patient",
        "id": "p-1",
        "identifier": [ins()],
        "name": [{"use": "usual", "family": "USAGE"}, {"use": "official", "family": "DUBOIS", "given": ["Marie", "A"]}],
        "gender": "female",
        "birthDate": "1980-01-15",
    }
    return {**standard, **changes}


def status(code: str) -> Json:
    part = {"url": "identityStatus", "valueCoding": {"code": code}}
    return {"url": f"{FR}/StructureDefinition/fr-core-identity-reliability", "extension": [part]}


def bundle(*resources: Json, more: bool = False) -> Reply:
    links = [{"relation": "next", "url": "x"}] if more else []
    return json_reply({**EMPTY, "entry": [{"resource": r} for r in resources], "link": links})


def session(**changes: Any) -> LaunchSession:
    made = LaunchSession(
        launch_id=LaunchId("l"),
        launch_hash="",
        browser_hash="",
        ehr_id=EhrId("ehr-1"),
        site=SiteId("s"),
        patient="Patient/p-1",
        encounter="Encounter/e-1",
        actor=Actor("ehr-1|sub", Role.GP, "Dr Sub"),
        granted_scopes="patient/*.cruds user/*.rs",
        requested_scopes="",
        tokens=b"",
        token_expires_at=NOW,
        context={},
        created_at=NOW,
        last_seen_at=NOW,
        expires_at=NOW,
        practitioner="Practitioner/gp-1",
    )
    return replace(made, **changes)


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with running() as state:
        yield state


@pytest.fixture
def server(loopback: Loopback) -> Loopback:
    loopback.reset()
    loopback.answer("Patient/p-1", json_reply(patient()))
    loopback.answer("Practitioner/gp-1", json_reply(practitioner()))
    for kind in SEARCHED:
        loopback.answer(kind, bundle())
    return loopback


def practitioner(**changes: Any) -> Json:
    rpps = {"system": "https://rpps.esante.gouv.fr", "value": "10003461034"}
    name = [{"family": "MARTIN", "given": ["Claire"], "prefix": ["Dr"]}]
    return {"resourceType": "Practitioner", "id": "gp-1", "identifier": [rpps], "name": name, **changes}


def read(server: Loopback, rules: ReadingRules | None = None, **changes: Any) -> RecordSnapshot:
    with client_of(server) as client:
        return read_record(client, session(**changes), NOW, rules)


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


def score(code: str, value: object, at: str, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": ME,
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": at,
        "valueQuantity": {"value": value},
        **more,
    }


def test_earlier_scores_newest_first(server: Loopback) -> None:
    good = [
        score("55758-7", 4, "2026-01-10"),
        score("44261-6", 14, "2026-02-01T10:00:00+01:00"),
        {**score("70274-6", 9, "2025-12-24T08:00:00Z"), "valueInteger": 9},
    ]
    bad = [
        score("55758-7", 5, "2026-03-01", status="entered-in-error"),
        score("55758-7", 5, "2026-03-01", status="preliminary"),
        score("55758-7", 7, "2026-03-01"),
        score("55758-7", -1, "2026-03-01"),
        score("55758-7", 2.5, "2026-03-01"),
        score("55758-7", "5", "2026-03-01"),
        score("55758-7", value=True, at="2026-03-01"),
        score("55758-7", 5, "2026"),
        score("55758-7", 5, "2026-03-01T10:00:00"),
        score("8480-6", 5, "2026-03-01"),
        score("55758-7", 5, "2026-03-01", status=["final"]),
        {**score("", 5, "2026-03-01"), "code": {"coding": [{"system": "http://loinc.org", "code": ["x"]}]}},
        score("55758-7", 5, "2026-03-01", subject={"reference": "Patient/other"}),
        score("55758-7", 5, "2026-03-01", subject={"reference": "https://evil.example/fhir/Patient/p-1"}),
        score("55758-7", 5, "2026-03-01", subject={}),
        {"resourceType": "Patient"},
    ]
    server.answer("Observation", bundle(*bad, *good))
    found = read(server).earlier
    assert [(s.instrument, s.total) for s in found] == [
        (InstrumentId.PHQ_9, 14),
        (InstrumentId.PHQ_2, 4),
        (InstrumentId.GAD_7, 9),
    ]
    assert found[0].at == datetime(2026, 2, 1, 9, tzinfo=UTC)


PSYCHIATRIST = {"display": "Dr X, psychiatre"}
CODED = {"coding": [{"system": "urn:local", "code": "PSY-1"}]}


@pytest.mark.parametrize(
    ("kind", "resource", "expected"),
    [
        ("CareTeam", {"status": "active", "subject": ME, "participant": [{"member": PSYCHIATRIST}]}, True),
        ("CareTeam", {"status": "inactive", "subject": ME, "participant": [{"member": PSYCHIATRIST}]}, False),
        ("CareTeam", {"subject": {"reference": "Patient/x"}, "participant": [{"member": PSYCHIATRIST}]}, False),
        ("EpisodeOfCare", {"status": "active", "patient": ME, "type": [{"text": "Suivi Psychiatrique"}]}, True),
        ("EpisodeOfCare", {"status": "active", "patient": ME, "type": [{"text": "Diabète"}]}, False),
        ("EpisodeOfCare", {"status": "active", "patient": ME, "type": [CODED]}, True),
        ("Encounter", {"status": "finished", "subject": ME, "serviceType": {"text": "psychiatrie"}}, True),
        ("Encounter", {"status": "cancelled", "subject": ME, "serviceType": {"text": "psychiatrie"}}, False),
        ("Condition", {"subject": ME, "code": {"text": "Suivi psychiatrique en cours"}}, True),
        ("Condition", {"subject": ME, "code": {"text": "Suivi psychiatrique"},
                       "clinicalStatus": {"coding": [{"code": "resolved"}]}}, False),
        ("Condition", {"subject": ME, "code": "psychiatrie?", "note": 7}, True),
        ("Condition", {"subject": ME, "code": {"text": "x"}, "clinicalStatus": {"coding": [{"code": ["x"]}]}}, False),
        ("CareTeam", {"status": ["active"], "subject": ME, "participant": "psychiatre"}, True),
    ],
)  # fmt: skip
def test_a_psychiatric_follow_up(server: Loopback, kind: str, resource: Json, *, expected: bool) -> None:
    server.answer(kind, bundle({"resourceType": kind, **resource}))
    rules = ReadingRules(follow_up=FollowUpRules(codes=frozenset({"urn:local|PSY-1"})))
    assert read(server, rules).psychiatric_follow_up is expected


def test_a_first_page_only_says_nothing_of_the_rest(server: Loopback) -> None:
    server.answer("CareTeam", bundle(more=True))
    server.answer("MedicationRequest", bundle(more=True))
    snapshot = read(server)
    assert snapshot.psychiatric_follow_up is None
    assert snapshot.antidepressant is None


def drug(code: str | None, **more: Any) -> Json:
    concept = {"coding": [{"system": "http://www.whocc.no/atc", "code": code}]} if code else {"text": "?"}
    return {"resourceType": "MedicationRequest", "status": "active", "subject": ME,
            "medicationCodeableConcept": concept, **more}  # fmt: skip


CONTAINED = {"id": "m", "resourceType": "Medication",
             "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": "N06AB10"}]}}  # fmt: skip


@pytest.mark.parametrize(
    ("drugs", "expected"),
    [
        ([], False),
        ([drug("N06AB10")], True),
        ([drug("N05BA12")], False),
        ([drug("N05BA12"), drug(None)], None),
        ([drug(None), drug("N06AX16")], True),
        ([drug("N06AB10", status="stopped")], False),
        ([drug("N06AB10", subject={"reference": "Patient/x"})], False),
        ([drug(None, medicationReference={"reference": "#m"}, contained=[CONTAINED])], True),
        ([drug(None, medicationReference={"reference": "Medication/9"})], None),
    ],
)
def test_an_antidepressant(server: Loopback, drugs: list[Json], *, expected: bool | None) -> None:
    server.answer("MedicationRequest", bundle(*drugs))
    assert read(server).antidepressant is expected


@pytest.mark.parametrize(
    ("resource", "actor_id", "notes"),
    [
        (practitioner(), "10003461034", ()),
        (practitioner(identifier=[{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810003461034"}]),
         "10003461034", ()),
        (practitioner(identifier=[{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "0123456789"}]),
         "ehr-1|Practitioner/gp-1", ()),
        (practitioner(identifier=[{"system": "https://rpps.esante.gouv.fr", "value": "10003461035"}]),
         "ehr-1|Practitioner/gp-1", (Note(NoteCode.RPPS_INVALID, "key"),)),
        (practitioner(identifier=[]), "ehr-1|Practitioner/gp-1", ()),
        ({"resourceType": "OperationOutcome"}, "ehr-1|sub", (Note(NoteCode.PRACTITIONER_UNREADABLE, "not-fhir"),)),
    ],
)  # fmt: skip
def test_the_author(server: Loopback, resource: Json, actor_id: str, notes: tuple[Note, ...]) -> None:
    server.answer("Practitioner/gp-1", json_reply(resource))
    snapshot = read(server)
    assert snapshot.author.actor_id == actor_id
    assert snapshot.author.role is Role.GP
    assert snapshot.notes == notes


@pytest.mark.parametrize("reply", [Reply(403, b"{}"), Reply(404, b"{}"), Reply(500, b"")])
def test_an_unreadable_author_keeps_the_verified_subject(server: Loopback, reply: Reply) -> None:
    server.answer("Practitioner/gp-1", reply)
    snapshot = read(server)
    assert snapshot.author == session().actor
    assert [n.code for n in snapshot.notes] == [NoteCode.PRACTITIONER_UNREADABLE]


def test_a_role_leads_to_its_practitioner(server: Loopback) -> None:
    role = {
        "resourceType": "PractitionerRole",
        "id": "r",
        "practitioner": {"reference": f"{server.base}/Practitioner/gp-1"},
    }
    server.answer("PractitionerRole/r", json_reply(role))
    snapshot = read(server, practitioner="PractitionerRole/r")
    assert snapshot.practitioner == "Practitioner/gp-1"
    assert snapshot.author.actor_id == "10003461034"


class Unrenewable(Tokens):
    def renewed(self, rejected: str) -> str:  # noqa: ARG002  there is no other
        raise LaunchExpired


def test_a_token_rejected_after_the_patient_leaves_the_rest_unknown(server: Loopback) -> None:
    server.answer("Practitioner/gp-1", Reply(401, b"{}"))
    server.answer("CareTeam", Reply(401, b"{}"))
    with client_of(server, Unrenewable()) as client:
        snapshot = read_record(client, session(), NOW)
    assert {(n.code, n.detail) for n in snapshot.notes} == {
        (NoteCode.PRACTITIONER_UNREADABLE, "unauthorized"),
        (NoteCode.NOT_ANSWERED, "CareTeam:unauthorized"),
    }


def test_without_a_practitioner_the_subject_stays(server: Loopback) -> None:
    snapshot = read(server, practitioner=None)
    assert snapshot.practitioner is None
    assert snapshot.author == session().actor


PROFESSION = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
SPECIALITY = "https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"


@pytest.mark.parametrize(
    ("codes", "role"),
    [
        ([(PROFESSION, "10")], Role.GP),
        ([(PROFESSION, "10"), (SPECIALITY, "SM54")], Role.GP),
        ([(PROFESSION, "10"), (SPECIALITY, "SM42")], Role.PSYCHIATRIST),
        ([(PROFESSION, "60")], Role.NURSE),
        ([(PROFESSION, "69")], Role.NURSE),
        ([("http://other.example", "60")], Role.GP),
        ([], Role.GP),
    ],
)
def test_the_role_is_read_from_the_profession(server: Loopback, codes: list[tuple[str, str]], role: Role) -> None:
    qualification = [{"code": {"coding": [{"system": system, "code": code}]}} for system, code in codes]
    server.answer("Practitioner/gp-1", json_reply(practitioner(qualification=qualification)))
    assert read(server).author.role is role
