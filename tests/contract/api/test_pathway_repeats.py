"""What is written twice happens once, at the version that was seen; what nobody here reads is kept."""

from datetime import timedelta

from mappings.code_systems import CALL_RESULTS
from mappings.datatypes import concept, instant
from sesame_fhir.domain.ids import PathwayId
from tests.contract.api.ehr_writes import THEIRS, booking, request, response, screened, taken, visit
from tests.contract.api.pathways import PathwayWorld, Written, by, recorded_by
from tests.support.story import NURSE


def test_the_same_request_acts_once(pathways: PathwayWorld) -> None:
    identified = {
        **booking(pathways, taken(pathways)[0]),
        "identifier": [{"system": "https://example.org/rdv", "value": "42"}],
    }
    first, again = (pathways.post(pathways.system(), identified) for _ in range(2))
    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    other = pathways.post(pathways.system(), {**identified, "description": "Autre"})
    assert other.body["id"] != first.body["id"]


def test_if_none_exist_acts_once_and_finds_by_the_clients_identifier(pathways: PathwayWorld) -> None:
    subject, _referral = taken(pathways)
    known = {"If-None-Exist": "identifier=https://example.org/rdv|43"}
    body = {**booking(pathways, subject), "identifier": [{"system": "https://example.org/rdv", "value": "43"}]}
    first = pathways.post(pathways.system(), body, **known)
    again = pathways.post(pathways.system(), {**body, "description": "Autre"}, **known)
    assert (first.status, again.status, again.body["id"]) == (201, 200, first.body["id"])
    # A response has one identifier, ours: it is not found by the client's, and yet it is there once.
    unknown = {"If-None-Exist": "identifier=urn:x|1"}
    answers = [pathways.post(pathways.system(), response(pathways, subject=subject), **unknown) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 200]
    assert answers[0].body["id"] == answers[1].body["id"]


def test_a_call_sent_twice_is_one_call(pathways: PathwayWorld) -> None:
    subject = screened(pathways)
    task = pathways.read(f"Task/{pathways.post(pathways.system(), request(subject)).body['id']}")
    call = {**task, "businessStatus": concept(CALL_RESULTS.coding("no-answer")), "owner": by(NURSE)}
    assert [pathways.put(pathways.system(), call).status for _ in range(2)] == [200, 200]
    assert len(pathways.engine.load(PathwayId(subject.removeprefix("Patient/"))).calls) == 1


def test_there_and_back_are_two_corrections(pathways: PathwayWorld) -> None:
    first = pathways.post(pathways.system(), response(pathways, "100000000")).body
    other = response(pathways, "200000000", subject=first["subject"]["reference"])["item"]
    versions = [first["item"], other, first["item"], first["item"]]
    answers = [pathways.put(pathways.system(), {**first, "status": "amended", "item": item}) for item in versions]
    assert [answer.body["meta"]["versionId"] for answer in answers] == ["1", "2", "3", "3"]


def test_if_match(pathways: PathwayWorld) -> None:
    subject, _referral = taken(pathways)
    planned = pathways.post(pathways.system(), booking(pathways, subject)).body
    start = instant(pathways.clock.now() + timedelta(days=9))
    moved = recorded_by({**planned, "start": start, "end": start}, NURSE)
    assert pathways.put(pathways.system(), moved, **{"If-Match": 'W/"7"'}).status == 412
    assert pathways.put(pathways.system(), moved, **{"If-Match": 'W/"1"'}).status == 200
    assert pathways.put(pathways.system(), planned, **{"If-Match": 'W/"1"'}).status == 412


def test_what_nobody_here_reads_is_kept_through_later_commands(pathways: PathwayWorld) -> None:
    subject, _referral = taken(pathways)
    room = {"actor": {"reference": "Location/2", "display": "Salle 2"}, "status": "accepted"}
    sent = booking(pathways, subject, extension=[THEIRS], priority=2, meta={"tag": [{"system": "urn:x", "code": "y"}]})
    sent["participant"].append(room)
    made = pathways.post(pathways.system(), sent).body
    start = instant(pathways.clock.now() + timedelta(days=9))
    moved = pathways.put(pathways.system(), recorded_by({**made, "start": start, "end": start}, NURSE)).body
    pathways.clock.move(days=9)
    pathways.post(pathways.system(), visit(pathways, subject, appointment=[{"reference": f"Appointment/{made['id']}"}]))
    held = pathways.read(f"Appointment/{made['id']}")
    assert [made["status"], moved["status"], held["status"]] == ["booked", "booked", "fulfilled"]
    for version in (made, moved, held):
        assert version["extension"] == [THEIRS]
        assert (version["priority"], version["participant"][-1]) == (2, room)
        assert version["meta"]["tag"] == [{"system": "urn:x", "code": "y"}]
        assert sum("Patient/" in p["actor"].get("reference", "") for p in version["participant"]) == 1


def test_only_what_is_kept_changes_and_goes(pathways: PathwayWorld) -> None:
    made = pathways.post(pathways.system(), response(pathways, extension=[THEIRS])).body
    other = pathways.put(pathways.system(), {**made, "extension": [THEIRS, THEIRS | {"valueString": "Salle 3"}]})
    assert (other.status, len(other.body["extension"]), other.body["status"]) == (200, 2, "completed")
    without = pathways.put(pathways.system(), {k: v for k, v in made.items() if k != "extension"})
    assert (without.body["meta"]["versionId"], "extension" in without.body) == ("3", False)


def test_what_changes_the_meaning_is_refused(pathways: PathwayWorld) -> None:
    answer = pathways.post(pathways.system(), response(pathways, modifierExtension=[THEIRS]))
    assert (answer.status, answer.places) == (422, ["QuestionnaireResponse.modifierExtension"])


def test_too_much_to_keep_is_refused(pathways: PathwayWorld) -> None:
    answer = pathways.post(pathways.system(), response(pathways, extension=[THEIRS | {"valueString": "x" * 100_000}]))
    assert answer.reasons == ["text-too-long"]
    assert not list(pathways.store.pathways.pathway_ids())


def test_a_patch_is_a_command_too(pathways: PathwayWorld) -> None:
    subject, _referral = taken(pathways)
    made = pathways.post(pathways.system(), booking(pathways, subject, extension=[THEIRS])).body
    off = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason", "code": "pat"}]
    }
    patch = [
        {"op": "replace", "path": "/status", "value": "cancelled"},
        {"op": "add", "path": "/cancelationReason", "value": off},
        {"op": "add", "path": "/extension/-", "value": recorded_by({}, NURSE)["extension"][0]},
    ]
    headers = {"Content-Type": "application/json-patch+json"}
    address = f"/fhir/Appointment/{made['id']}"
    answer = Written(pathways.call("PATCH", address, pathways.system(), json=patch, headers=headers))
    assert answer.status == 200, answer.body
    assert (answer.body["status"], answer.body["extension"]) == ("cancelled", [THEIRS])
