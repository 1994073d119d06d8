"""Who the launching professional is in the record, and what is kept when it does not say."""

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.snapshot import Note, NoteCode, snapshot_from_json, snapshot_to_json
from smart_app.ehr.reading import read_record
from smart_app.errors import LaunchExpired
from tests.unit.smart_app.ehr.loopback import NOW, Json, Loopback, Reply, Tokens, client_of, json_reply
from tests.unit.smart_app.ehr.record import practitioner, read, session

pytestmark = pytest.mark.network


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
    assert not snapshot.profession_known


PROFESSION = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
SPECIALITY = "https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"


@pytest.mark.parametrize(
    ("codes", "role", "known"),
    [
        ([(PROFESSION, "10")], Role.GP, True),
        ([(PROFESSION, "10"), (SPECIALITY, "SM54")], Role.GP, True),
        ([(PROFESSION, "10"), (SPECIALITY, "SM42")], Role.PSYCHIATRIST, True),
        ([(PROFESSION, "60")], Role.NURSE, True),
        ([(PROFESSION, "69")], Role.NURSE, True),
        ([(PROFESSION, "21")], Role.GP, False),
        ([("http://other.example", "60")], Role.GP, False),
        ([], Role.GP, False),
    ],
)
def test_the_role_is_read_from_the_profession(
    server: Loopback, codes: list[tuple[str, str]], role: Role, *, known: bool
) -> None:
    qualification = [{"code": {"coding": [{"system": system, "code": code}]}} for system, code in codes]
    server.answer("Practitioner/gp-1", json_reply(practitioner(qualification=qualification)))
    snapshot = read(server)
    assert (snapshot.author.role, snapshot.profession_known) == (role, known)
    assert snapshot_from_json(snapshot_to_json(snapshot)) == snapshot
