"""Who writes to a pathway through the facade, for which patient, and with which answers of the GP."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mappings.incoming.service_request import ELIGIBILITY
from sesame_fhir.domain.events import MergedInto
from sesame_fhir.domain.ids import FACADE, CommandId, PathwayId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.transitions import State
from sesame_fhir.fhir.canonical import INS_NIR_TEST
from sesame_fhir.services.engine import Command
from sesame_fhir.services.screening import PatientContext, RecordScreening, record_screening
from tests.contract.api.ehr_writes import (
    CRITERIA,
    agreement,
    booking,
    request,
    response,
    screened,
    state,
    taken,
    visit,
)
from tests.contract.api.harness import BASE
from tests.contract.api.pathways import ELSEWHERE, OTHER, VOUCHING, PathwayWorld, by
from tests.support.story import BINDING, GP, NURSE, SCREENING, SITE, TRAITS, answered


def test_criteria_that_are_missing_say_how_to_give_them(pathways: PathwayWorld) -> None:
    answer = pathways.post(pathways.system(), request(screened(pathways), {}))
    assert answer.reasons == ["patient-not-informed", "eligibility-not-checked"]
    assert ELIGIBILITY in json.dumps(answer.body)


@pytest.mark.parametrize(
    ("criteria", "reasons"),
    [
        (CRITERIA | {"patientAgrees": False}, ["patient-refused"]),
        (CRITERIA | {"psychiatricFollowUp": True}, ["override-not-allowed"]),
        (CRITERIA | {"commonMentalDisorder": False}, ["override-reason-required"]),
        ({"patientAgrees": True}, ["override-reason-required"]),
        (CRITERIA | {"commonMentalDisorder": False, "overrideReason": "Insomnie sévère."}, []),
    ],
)
def test_criteria(pathways: PathwayWorld, criteria: dict[str, Any], reasons: list[str]) -> None:
    subject = screened(pathways)
    answer = pathways.post(pathways.system(), request(subject, criteria))
    assert answer.reasons == reasons, answer.body
    assert state(pathways, subject) is (State.SCREENED if reasons else State.REFERRED)


def test_each_type_is_refused_to_a_role_that_may_not(pathways: PathwayWorld) -> None:
    """The table of actions, through the facade: a system that may not name anybody acts as a system."""
    subject, _referral = taken(pathways)
    pathways.clock.move(hours=1)
    plain = pathways.system(OTHER)
    recorded = pathways.post(plain, response(pathways, subject=subject))
    assert recorded.status == 201
    assert recorded.body["author"] == {"type": "Device", "display": "Autre logiciel"}
    amended = {**recorded.body, "status": "amended", "item": response(pathways, "000000000")["item"][:9]}
    for body in (request(subject), booking(pathways, subject), visit(pathways, subject), agreement(subject)):
        assert pathways.post(plain, body).reasons == ["role-not-allowed"], body["resourceType"]
    assert pathways.put(plain, amended).reasons == ["role-not-allowed"]


@pytest.mark.parametrize(
    ("login", "status", "reasons"),
    [
        ("nurse", 201, []),
        ("gp", 422, ["role-not-allowed"]),
        ("coordinator", 403, ["forbidden"]),
        ("away", 403, ["forbidden"]),
    ],
)
def test_people_with_an_account_have_their_role_and_their_reach(
    pathways: PathwayWorld, login: str, status: int, reasons: list[str]
) -> None:
    subject, _referral = taken(pathways)
    answer = pathways.post(pathways.person(login), booking(pathways, subject))
    assert (answer.status, answer.reasons) == (status, reasons)


def test_a_token_of_one_patient_reaches_that_pathway_only(pathways: PathwayWorld) -> None:
    subject, _referral = taken(pathways)
    other = pathways.post(pathways.system(), response(pathways, subject="Patient/p2")).body["subject"]["reference"]
    own = pathways.of_patient("nurse", subject.removeprefix("Patient/"))
    assert pathways.post(own, booking(pathways, subject)).status == 201
    assert pathways.post(own, booking(pathways, str(other))).status == 403


def test_an_appointment_of_two_patients_leads_to_neither_pathway(pathways: PathwayWorld) -> None:
    """A token of the one must not write to the other one's pathway, in whatever order they are named."""
    subject, _referral = taken(pathways)
    other = str(pathways.post(pathways.system(), response(pathways, subject="Patient/p2")).body["subject"]["reference"])
    both = booking(pathways, subject)
    both["participant"].append({"actor": {"reference": other}, "status": "accepted"})
    for patient in (subject, other):
        answer = pathways.post(pathways.of_patient("nurse", patient.removeprefix("Patient/")), both)
        assert (answer.status, answer.places) == (422, ["Appointment.participant"])


def test_a_matricule_does_not_tell_who_is_followed_elsewhere(pathways: PathwayWorld) -> None:
    known = TRAITS.ins.value if TRAITS.ins else ""
    begun = Command(CommandId("c1"), GP, SITE, pathways.clock.now())
    answers = RecordScreening(SCREENING, InstrumentId.PHQ_2, answered(InstrumentId.PHQ_2, "33"))
    record_screening(pathways.engine, begun, PatientContext(TRAITS, BINDING), answers)
    client = pathways.store.authorization.client(VOUCHING)
    assert client is not None
    pathways.store.authorization.save_client(replace(client, sites=(ELSEWHERE,)))
    for value in (known, "269059999999934"):
        named = {"identifier": {"use": "official", "system": INS_NIR_TEST, "value": value}}
        assert pathways.post(pathways.system(), response(pathways) | {"subject": named}).reasons == ["patient-unknown"]


def test_a_named_professional_must_be_known(pathways: PathwayWorld) -> None:
    unnamed = {"type": "Practitioner", "display": "Dr Sans Numéro"}
    wrong = {"type": "Practitioner", "identifier": {**by(GP)["identifier"], "value": "10003461035"}}
    for named in (unnamed, wrong, {"reference": "Practitioner/nobody"}, {"reference": "Practitioner/gp1"}):
        assert pathways.post(pathways.system(), response(pathways, author=named)).reasons == ["professional-unknown"]


def test_without_an_open_account_nobody_is_the_nurse(pathways: PathwayWorld) -> None:
    subject, _referral = taken(pathways)
    nurse = pathways.store.staff.by_id("nurse")
    assert nurse is not None
    pathways.store.staff.save(
        type(nurse)(nurse.staff_id, nurse.login, nurse.name, nurse.role, nurse.sites, nurse.rpps, active=False)
    )
    assert pathways.post(pathways.system(), booking(pathways, subject)).reasons == ["role-not-allowed"]


@pytest.mark.parametrize(
    "subject",
    [{"reference": "Patient/nobody"}, {"display": "Jeanne"}, {"identifier": {"value": "1"}}, {"reference": "Group/1"}],
)
def test_a_patient_must_be_known(pathways: PathwayWorld, subject: dict[str, Any]) -> None:
    assert pathways.post(pathways.system(), response(pathways) | {"subject": subject}).reasons == ["patient-unknown"]


def test_a_patient_without_matricule_is_found_again_by_the_record(pathways: PathwayWorld) -> None:
    first = screened(pathways)
    pathways.clock.move(days=1)
    assert screened(pathways) == first
    pathway = pathways.engine.load(PathwayId(first.removeprefix("Patient/")))
    assert len(pathway.screenings) == 2
    assert pathway.ehr is not None
    assert pathway.ehr.ehr_id == FACADE
    assert pathways.store.outbox.of_pathway(pathway.pathway_id) == ()


def test_a_patient_is_found_by_the_matricule(pathways: PathwayWorld) -> None:
    """Whatever Patient names it, and by the matricule alone; the record that the pathway came from stays its own."""
    identifier = {"use": "official", "system": INS_NIR_TEST, "value": TRAITS.ins.value if TRAITS.ins else ""}
    begun = record_screening(
        pathways.engine,
        Command(CommandId("c1"), GP, SITE, pathways.clock.now()),
        PatientContext(TRAITS, BINDING),
        RecordScreening(SCREENING, InstrumentId.PHQ_2, answered(InstrumentId.PHQ_2, "33")),
    )
    pathways.put_record({"resourceType": "Patient", "id": "py", "identifier": [identifier], "name": [{"family": "F"}]})
    for named in ({"reference": "Patient/py"}, {"identifier": identifier}, {"reference": f"{BASE}/Patient/py"}):
        answer = pathways.post(pathways.system(), response(pathways) | {"subject": named})
        assert answer.body["subject"] == {"reference": f"Patient/{begun.pathway_id}"}, answer.body
    assert pathways.engine.load(begun.pathway_id).ehr == BINDING


def test_who_left_and_comes_back_has_a_new_pathway(pathways: PathwayWorld) -> None:
    first = screened(pathways)
    number = PathwayId(first.removeprefix("Patient/"))
    gone = Command(CommandId("c2"), NURSE, SITE, pathways.clock.now())
    pathways.engine.run(number, gone, "merge", lambda _pathway: (MergedInto(PathwayId("another")),))
    again = pathways.post(pathways.system(), response(pathways, subject=first))
    assert again.status == 201
    assert again.body["subject"]["reference"] != first
    assert (
        pathways.engine.load(PathwayId(again.body["subject"]["reference"].removeprefix("Patient/"))).previous == number
    )


def test_a_resource_is_not_moved_to_another_patient(pathways: PathwayWorld) -> None:
    subject, _referral = taken(pathways)
    made = pathways.post(pathways.system(), response(pathways, subject=subject))
    moved = {**made.body, "status": "amended", "subject": {"reference": "Patient/p1"}}
    assert pathways.put(pathways.system(), moved).reasons == ["patient-mismatch"]
