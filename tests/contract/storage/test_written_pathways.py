"""Pathways written through the facade, on both databases: a visit is one transaction, and comes out of its events."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mappings.datatypes import instant
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.storage import Store
from tests.contract.api.ehr_writes import THEIRS, agreement, booking, response, taken, visit
from tests.contract.api.pathways import PathwayWorld, Written, by, enrol, recorded_by
from tests.contract.storage.projection_dump import dump
from tests.support.story import NURSE

PHQ, HELD, NEXT, AGREED = ("urn:uuid:00000000-0000-4000-8000-00000000000" + n for n in "1234")


@pytest.fixture
def world(store: Store) -> PathwayWorld:
    enrol(store)
    made = PathwayWorld(store)
    made.put_record({"resourceType": "Patient", "id": "px", "name": [{"family": "FICTIVE"}], "birthDate": "1984-12-07"})
    return made


def whole_visit(world: PathwayWorld, subject: str, planned: str) -> dict[str, Any]:
    """What was answered, the contact in which it was, the patient's word, and the next contact; in no good order."""
    entries = {
        NEXT: booking(world, subject, days=15, extension=[THEIRS]),
        PHQ: response(world, subject=subject, encounter={"reference": HELD}, author=by(NURSE), extension=[THEIRS]),
        HELD: visit(world, subject, appointment=[{"reference": planned}], extension=[THEIRS]),
        AGREED: agreement(subject, "survey"),
    }
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": name, "resource": body, "request": {"method": "POST", "url": body["resourceType"]}}
            for name, body in entries.items()
        ],
    }


def send(world: PathwayWorld, bundle: dict[str, Any]) -> Written:
    return Written(world.call("POST", "/fhir", world.system(), json=bundle))


def ready(world: PathwayWorld) -> tuple[str, str]:
    """A patient taken by the nurse, whose contact is due today: the patient, the appointment."""
    subject, _referral = taken(world)
    planned = world.post(world.system(), booking(world, subject))
    world.clock.move(days=7)
    return subject, f"Appointment/{planned.body['id']}"


def test_a_visit_is_written_whole(world: PathwayWorld) -> None:
    subject, planned = ready(world)
    answer = send(world, whole_visit(world, subject, planned))
    assert answer.status == 200, answer.body
    placed = [entry["response"]["location"].split("/fhir/")[1].split("/_history")[0] for entry in answer.body["entry"]]
    assert placed[2] == planned.replace("Appointment", "Encounter")
    pathway = world.engine.load(PathwayId(subject.removeprefix("Patient/")))
    (held,), (coming,) = pathway.held_contacts, pathway.planned_contacts
    assert placed == [
        f"Appointment/{coming.contact_id}",
        f"QuestionnaireResponse/{pathway.screenings[-1].screening_id}",
        f"Encounter/{held.contact_id}",
        f"Consent/{pathway.pathway_id}-survey",
    ]
    assert held.screenings == (pathway.screenings[-1].screening_id,)
    for name in (placed[1], f"Observation/{held.screenings[0]}"):
        assert world.read(name)["encounter"] == {"reference": placed[2]}


@pytest.mark.parametrize("place", range(4))
def test_a_visit_with_one_refusal_is_not_written_at_all(world: PathwayWorld, place: int) -> None:
    subject, planned = ready(world)
    bundle = whole_visit(world, subject, planned)
    wrong: list[dict[str, Any]] = [
        {"start": instant(world.clock.now() - timedelta(days=2))},
        {"author": {"type": "Practitioner", "display": "?"}},
        {"length": {"value": 0, "system": "http://unitsofmeasure.org", "code": "min"}},
        {"patient": {"reference": "Patient/nobody"}},
    ]
    bundle["entry"][place]["resource"].update(wrong[place])
    before, audited = dump(world.store), len(world.store.audit.entries(1000))
    answer = send(world, bundle)
    assert answer.status == 422, answer.body
    assert all(where.startswith(f"Bundle.entry[{place}]") for where in answer.places)
    assert dump(world.store) == before
    actions = [entry.action for entry in world.store.audit.entries(1000)][
        : len(world.store.audit.entries(1000)) - audited
    ]
    assert not {"plan-contact", "hold-contact", "record-screening", "record-consent"} & set(actions)


def test_what_was_kept_comes_out_of_the_events_again(world: PathwayWorld) -> None:
    subject, planned = ready(world)
    held = send(world, whole_visit(world, subject, planned)).body["entry"][2]["response"]["location"]
    name = held.split("/fhir/")[1].split("/_history")[0]
    encounter = world.read(name)
    longer = {
        **encounter,
        "period": {"start": encounter["period"]["start"]},
        "length": {**encounter["length"], "value": 30},
    }
    assert world.put(world.system(), recorded_by(longer, NURSE)).status == 200
    texts = [json.dumps(world.read(one)) for one in (name, planned)]
    assert "Salle 2" in texts[0]
    before = dump(world.store)
    assert rebuild(world.store.pathways, world.engine.projector, lambda _done: None) == 1
    assert dump(world.store) == before


def overtake(monkeypatch: pytest.MonkeyPatch, world: PathwayWorld, first: Callable[[], Written]) -> None:
    """Let another request through between the decision of the next one and its writing."""
    apply = world.store.resources.apply

    def overtaken(*asked: Any) -> Any:
        monkeypatch.undo()
        assert first().status in {200, 201}
        return apply(*asked)

    monkeypatch.setattr(world.store.resources, "apply", overtaken)


def test_the_same_request_twice_at_once_acts_once(world: PathwayWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    subject, _planned = ready(world)
    body = booking(world, subject, identifier=[{"system": "https://example.org/rdv", "value": "44"}])
    overtake(monkeypatch, world, lambda: world.post(world.system(), body))
    answer = world.post(world.system(), body)
    assert answer.status == 200, answer.body
    pathway = world.engine.load(PathwayId(subject.removeprefix("Patient/")))
    assert [c.contact_id for c in pathway.planned_contacts if c.contact_id == answer.body["id"]] == [answer.body["id"]]
    assert len(pathway.planned_contacts) == 2


def test_a_version_that_has_just_gone_is_not_written_over(world: PathwayWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    _subject, planned = ready(world)
    start = instant(world.clock.now() + timedelta(days=1))
    moved = recorded_by({**world.read(planned), "start": start, "end": start}, NURSE)
    other = {**moved, "start": instant(world.clock.now() + timedelta(days=2))}
    seen = {"If-Match": 'W/"1"'}
    overtake(monkeypatch, world, lambda: world.put(world.system(), {**other, "end": other["start"]}, **seen))
    assert world.put(world.system(), moved, **seen).status == 412
    assert world.read(planned)["start"] == other["start"]
