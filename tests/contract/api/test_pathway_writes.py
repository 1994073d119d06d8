"""A pathway written through the facade alone: what happens, and what is no command."""

from datetime import timedelta
from typing import Any

import pytest

from mappings.code_systems import CALL_RESULTS, DECISION_REASONS, SAFETY_ACTIONS
from mappings.datatypes import concept, instant
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.records import Origin
from sesame_fhir.storage import Store
from tests.contract.api.ehr_writes import agreement, booking, request, response, screened, state, taken, visit
from tests.contract.api.harness import World
from tests.contract.api.pathways import PathwayWorld, Written, by, recorded_by
from tests.support.story import GP, NURSE


def test_a_pathway_from_the_first_answers_to_a_withdrawn_consent(pathways: PathwayWorld) -> None:
    system = pathways.system()
    first = pathways.post(system, response(pathways, "222222221"))
    subject = str(first.body["subject"]["reference"])
    safety = pathways.read(f"Task/{first.body['id']}-safety")
    waiting = pathways.post(system, request(subject))
    assert (waiting.status, waiting.reasons) == (422, ["safety-not-acknowledged"])
    output = [{"type": {"text": "Suite"}, "valueCodeableConcept": concept(SAFETY_ACTIONS.coding("safety-plan"))}]
    assert pathways.put(system, {**safety, "status": "completed", "output": output, "owner": by(GP)}).status == 200
    referral = pathways.post(system, request(subject, priority="urgent"))
    assert referral.status == 201
    assert (state(pathways, subject), referral.body["priority"]) == (State.REFERRED, "urgent")

    task = pathways.read(f"Task/{referral.body['id']}")
    call = {**task, "businessStatus": concept(CALL_RESULTS.coding("no-answer")), "owner": by(NURSE)}
    assert pathways.put(system, call).status == 200
    called = pathways.read(f"Task/{task['id']}")
    assert pathways.put(system, {**called, "status": "accepted", "owner": by(NURSE)}).status == 200
    assert state(pathways, subject) is State.ASSESSMENT

    planned = pathways.post(system, booking(pathways, subject))
    assert planned.status == 201, planned.body
    later = {**planned.body, "start": instant(pathways.clock.now() + timedelta(days=8))}
    later["end"] = instant(pathways.clock.now() + timedelta(days=8, hours=1))
    moved = pathways.put(system, recorded_by(later, NURSE))
    assert (moved.status, moved.body["start"]) == (200, later["start"])
    pathways.clock.move(days=8)
    appointment = [{"reference": f"Appointment/{planned.body['id']}"}]
    held = pathways.post(system, visit(pathways, subject, appointment=appointment))
    assert (held.status, held.body["id"]) == (201, planned.body["id"])
    assert pathways.read(f"Appointment/{planned.body['id']}")["status"] == "fulfilled"
    corrected = pathways.put(
        system,
        {
            **held.body,
            "period": {"start": held.body["period"]["start"]},
            "length": {**held.body["length"], "value": 25},
        },
    )
    assert (corrected.status, corrected.body["length"]["value"]) == (200, 25)

    said_no = pathways.post(system, agreement(subject, status="inactive"))
    assert said_no.status == 200, said_no.body
    assert pathways.post(system, booking(pathways, subject)).reasons == ["patient-refused"]
    pathway = pathways.engine.load(PathwayId(subject.removeprefix("Patient/")))
    assert pathway.consent(ev.ConsentPurpose.CARE_TEAM) is ev.ConsentStatus.WITHDRAWN
    assert [(c.minutes, c.by and c.by.role) for c in pathway.held_contacts] == [(25, Role.NURSE)]
    assert pathways.store.audit.verify() > 0


def test_a_referral_ends_with_its_reason(pathways: PathwayWorld) -> None:
    subject = screened(pathways)
    task = pathways.read(f"Task/{pathways.post(pathways.system(), request(subject)).body['id']}")
    why = concept(DECISION_REASONS.coding("declined-by-patient"))
    ended = {
        **task,
        "status": "cancelled",
        "statusReason": why,
        "note": [{"text": "Préfère attendre."}],
        "owner": by(NURSE),
    }
    answer = pathways.put(pathways.system(), ended)
    assert (answer.status, answer.body["status"]) == (200, "cancelled")
    assert [note["text"] for note in answer.body["note"]] == ["Préfère attendre."]
    assert state(pathways, subject) is State.NOT_STARTED


def origin(world: World, answer: Written) -> Origin:
    stored = world.store.resources.read(answer.body["resourceType"], answer.body["id"])
    assert stored is not None
    return stored.origin


def test_what_does_not_concern_the_pathway_is_the_records_own(pathways: PathwayWorld) -> None:
    draft = response(pathways, status="in-progress")
    elsewhere = response(pathways, questionnaire="https://example.org/Questionnaire/x")
    plain = booking(pathways, "Patient/px", appointmentType={"text": "Consultation"})
    proposed = booking(pathways, "Patient/px", status="proposed")
    arrived = visit(pathways, "Patient/px", status="arrived")
    task = {"resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": "Patient/px"}}
    for body in (draft, elsewhere, plain, proposed, arrived, task, request("Patient/px", status="draft")):
        answer = pathways.post(pathways.system(), body)
        assert answer.status == 201, answer.body
        assert origin(pathways, answer) is Origin.RECORD
    assert not list(pathways.store.pathways.pathway_ids())


def test_a_draft_does_not_become_a_command_at_its_address(pathways: PathwayWorld) -> None:
    draft = pathways.post(pathways.system(), response(pathways, status="in-progress")).body
    answer = pathways.put(pathways.system(), {**draft, "status": "completed"})
    assert (answer.status, answer.reasons) == (409, ["belongs-to-pathway"])
    assert pathways.post(pathways.system(), {**draft, "status": "completed"}).status == 201


@pytest.mark.parametrize(
    ("name", "changes", "places"),
    [
        ("ServiceRequest", {"status": "completed"}, ["ServiceRequest.status"]),
        ("Task", {"status": "on-hold"}, ["Task.status"]),
        ("QuestionnaireResponse", {"status": "entered-in-error"}, ["QuestionnaireResponse.status"]),
        ("Appointment", {"status": "fulfilled"}, ["Appointment.status"]),
        ("Consent", {"status": "entered-in-error"}, ["Consent.status"]),
    ],
)
def test_a_change_without_a_use_case_says_what_there_is(
    pathways: PathwayWorld, name: str, changes: dict[str, Any], places: list[str]
) -> None:
    subject, referral = taken(pathways)
    planned = pathways.post(pathways.system(), booking(pathways, subject)).body["id"]
    pathway = pathways.engine.load(PathwayId(subject.removeprefix("Patient/")))
    ids = {
        "Appointment": planned,
        "QuestionnaireResponse": pathway.screenings[0].screening_id,
        "Consent": f"{pathway.pathway_id}-care-team",
    }
    before = pathways.read(f"{name}/{ids.get(name, referral)}")
    answer = pathways.put(pathways.system(), {**before, **changes})
    assert answer.status in {409, 422}
    assert answer.places == places
    assert pathways.read(f"{name}/{before['id']}") == before


def test_the_record_of_an_ehr_has_no_commands(team_store: Store) -> None:
    world = World(team_store)
    token = world.token("user/*.cruds")
    sent = response(world, subject="Patient/p1")
    answer = Written(world.call("POST", "/fhir/QuestionnaireResponse", token, json=sent))
    assert (answer.status, origin(world, answer)) == (201, Origin.RECORD)
    assert answer.body["author"] == sent["author"]
