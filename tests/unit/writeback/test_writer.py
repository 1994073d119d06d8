"""How the writer meets every manner an EHR may have, over HTTP: nothing lost, nothing twice, never an exception."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from sesame_fhir.services.delivery import DeliveryError
from sesame_fhir.services.records import Delivery, DeliveryReport
from tests.support.story import NURSE
from tests.unit.writeback.fake_ehr import FakeEhr, Misbehaviour
from tests.unit.writeback.outbox_double import START
from tests.unit.writeback.record import StaticSupport, desk, published
from tests.unit.writeback.steps import OBSERVATION, corrected, send, written

pytestmark = pytest.mark.network

HTML = {"Content-Type": "text/html"}
PAGE = b"<html><body>marker-PORTAL</body></html>"


def test_the_record_gets_the_resource_in_its_own_terms(ehr: FakeEhr) -> None:
    report = send(desk(ehr.base))
    assert report == DeliveryReport(Delivery.SENT, "Observation/ehr-2")
    (stored,) = ehr.current("Observation")
    assert stored["subject"] == {"reference": "Patient/p1"}
    assert stored["encounter"] == {"reference": "Encounter/e1"}
    assert stored["performer"][0]["reference"] == "Practitioner/gp1"
    assert stored["valueQuantity"]["value"] == 6
    assert ehr.log == ["POST Observation"]


@pytest.mark.parametrize("location", ["absolute", "relative", "none"])
@pytest.mark.parametrize("bodies", [True, False])
@pytest.mark.parametrize("conditional", [True, False])
@pytest.mark.parametrize("already_there", [False, True])
def test_every_manner_of_answering_a_create_ends_with_one_resource(
    ehr: FakeEhr, location: str, *, bodies: bool, conditional: bool, already_there: bool
) -> None:
    ehr.location, ehr.bodies, ehr.conditional_create = location, bodies, conditional
    at = desk(ehr.base, StaticSupport(conditional=conditional))
    for _ in range(2 if already_there else 1):
        assert send(at) == DeliveryReport(Delivery.SENT, "Observation/ehr-2")
    assert len(ehr.current("Observation")) == 1
    assert len(ehr.stored["Observation"]["ehr-2"]) == 1, "the same content is not written again"


@dataclass(frozen=True)
class Case:
    """First answer to the create, and the first report it must give; the second attempt meets a sane server."""

    order: Misbehaviour
    status: Delivery
    error: DeliveryError
    retry_seconds: float | None = None


PENDING, SLEEP, DOCUMENT = Delivery.PENDING, Delivery.NEEDS_LAUNCH, Delivery.DOCUMENT
CASES = {
    "401": Case(Misbehaviour(401), SLEEP, DeliveryError.TOKEN_REFUSED),
    "400": Case(Misbehaviour(400), DOCUMENT, DeliveryError.REFUSED_BY_RECORD),
    "403": Case(Misbehaviour(403), DOCUMENT, DeliveryError.FORBIDDEN),
    "404 type": Case(Misbehaviour(404), DOCUMENT, DeliveryError.TYPE_NOT_SUPPORTED),
    "405": Case(Misbehaviour(405), DOCUMENT, DeliveryError.TYPE_NOT_SUPPORTED),
    "409": Case(Misbehaviour(409), PENDING, DeliveryError.CONFLICT),
    "412 several": Case(Misbehaviour(412), PENDING, DeliveryError.SEVERAL_IN_RECORD),
    "413": Case(Misbehaviour(413), DOCUMENT, DeliveryError.REFUSED_BY_RECORD),
    "422": Case(Misbehaviour(422), DOCUMENT, DeliveryError.REFUSED_BY_RECORD),
    "429": Case(Misbehaviour(429), PENDING, DeliveryError.THROTTLED),
    "429 in seconds": Case(Misbehaviour(429, {"Retry-After": "120"}), PENDING, DeliveryError.THROTTLED, 120),
    "429 by date": Case(
        Misbehaviour(429, {"Retry-After": "Sun, 22 Nov 2026 09:05:00 GMT"}), PENDING, DeliveryError.THROTTLED, 300
    ),
    "500": Case(Misbehaviour(500), PENDING, DeliveryError.RECORD_FAILED),
    "500 after the write": Case(Misbehaviour(500, after_write=True), PENDING, DeliveryError.RECORD_FAILED),
    "501": Case(Misbehaviour(501), DOCUMENT, DeliveryError.TYPE_NOT_SUPPORTED),
    "503 with a page": Case(
        Misbehaviour(503, HTML | {"Retry-After": "30"}, PAGE), PENDING, DeliveryError.RECORD_FAILED, 30
    ),
    "200 with a page": Case(Misbehaviour(200, HTML, PAGE), PENDING, DeliveryError.NOT_FHIR),
    "201 with a page after the write": Case(
        Misbehaviour(201, HTML, PAGE, after_write=True), PENDING, DeliveryError.NOT_FHIR
    ),
    "302 to a login page": Case(
        Misbehaviour(302, {"Location": "https://login.invalid/"}), PENDING, DeliveryError.NOT_FHIR
    ),
    "not JSON": Case(Misbehaviour(200, {}, b"{"), PENDING, DeliveryError.NOT_FHIR),
    "dropped before the write": Case(Misbehaviour(drop=True), PENDING, DeliveryError.RECORD_UNREACHABLE),
    "dropped after the write": Case(
        Misbehaviour(drop=True, after_write=True), PENDING, DeliveryError.RECORD_UNREACHABLE
    ),
    "too late": Case(Misbehaviour(200, delay=0.6), PENDING, DeliveryError.RECORD_UNREACHABLE),
    "too late, after the write": Case(
        Misbehaviour(200, delay=0.6, after_write=True), PENDING, DeliveryError.RECORD_UNREACHABLE
    ),
}


@pytest.mark.parametrize("conditional", [True, False], ids=["conditional", "search"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_fault_is_coded_and_the_next_attempt_leaves_one_resource(
    ehr: FakeEhr, case: Case, *, conditional: bool
) -> None:
    ehr.conditional_create = conditional
    ehr.misbehave("POST Observation", case.order)
    at = desk(ehr.base, StaticSupport(conditional=conditional), timeout=0.3)
    report = send(at)
    assert (report.status, report.error) == (case.status, case.error)
    if case.retry_seconds is not None:
        assert report.retry_at == START + timedelta(seconds=case.retry_seconds)
    assert (report.location or "").partition("/")[0] == ("DocumentReference" if report.status is DOCUMENT else "")
    assert "marker" not in repr(report)
    assert send(at).status is Delivery.SENT
    assert len(ehr.current("Observation")) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_patient_who_left_the_record_waits_for_a_launch(ehr: FakeEhr, status: int) -> None:
    ehr.stored["Patient"].clear()
    ehr.misbehave("POST Observation", Misbehaviour(status))
    assert send(desk(ehr.base)) == DeliveryReport(SLEEP, error=DeliveryError.PATIENT_GONE)


def test_without_a_launch_nothing_is_tried(ehr: FakeEhr) -> None:
    assert send(desk(None)) == DeliveryReport(SLEEP, error=DeliveryError.NO_LAUNCH)
    assert ehr.log == []


def test_a_rejected_token_is_refreshed_once(ehr: FakeEhr) -> None:
    ehr.tokens = {"fresh"}
    at = desk(ehr.base)
    at.authorities.tokens.refreshes = ["fresh"]
    assert send(at).status is Delivery.SENT
    assert at.authorities.tokens.renewals == 1


def test_a_refreshed_token_that_is_rejected_too_waits_for_a_launch(ehr: FakeEhr) -> None:
    ehr.tokens = set()
    at = desk(ehr.base)
    at.authorities.tokens.refreshes = ["stale", "never used"]
    assert send(at) == DeliveryReport(SLEEP, error=DeliveryError.TOKEN_REFUSED)
    assert at.authorities.tokens.renewals == 1


def test_several_of_ours_in_the_record_is_said_and_not_made_worse(ehr: FakeEhr) -> None:
    for record_id in ("x1", "x2"):
        ehr.seed({**published()[OBSERVATION], "id": record_id})
    for conditional in (True, False):
        at = desk(ehr.base, StaticSupport(conditional=conditional))
        assert send(at) == DeliveryReport(PENDING, error=DeliveryError.SEVERAL_IN_RECORD)
    assert len(ehr.current("Observation")) == 2


@pytest.mark.parametrize("conditional", [True, False])
@pytest.mark.parametrize("others", [1, 2])
def test_an_ehr_that_ignores_the_identifier_never_makes_us_overwrite_another_resource(
    ehr: FakeEhr, others: int, *, conditional: bool
) -> None:
    """A lenient server answers a search that it does not understand with everything it has."""
    ehr.searches = False
    foreign = [{"resourceType": "Observation", "id": f"lab-{n}", "status": "final"} for n in range(others)]
    for resource in foreign:
        ehr.seed(resource)
    report = send(desk(ehr.base, StaticSupport(conditional=conditional)))
    assert report.status is not Delivery.SENT
    assert [{k: v for k, v in r.items() if k != "meta"} for r in ehr.current("Observation")] == foreign


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType":"Bundle","entry":null}',
        b'{"resourceType":"Bundle","entry":[null,1,{"resource":7},{"resource":{"resourceType":"Observation"}}]}',
        b'{"resourceType":"Bundle","entry":{"resource":1}}',
        b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","id":"../../x"}}]}',
    ],
)
def test_odd_search_results_find_nothing(ehr: FakeEhr, body: bytes) -> None:
    ehr.misbehave("GET Observation", Misbehaviour(200, body=body))
    assert send(desk(ehr.base, StaticSupport(conditional=False))).location == "Observation/ehr-2"


def test_a_search_that_answers_with_something_else_is_tried_again(ehr: FakeEhr) -> None:
    ehr.misbehave("GET Observation", Misbehaviour(200, body=b'{"resourceType":"OperationOutcome"}'))
    report = send(desk(ehr.base, StaticSupport(conditional=False)))
    assert report == DeliveryReport(PENDING, error=DeliveryError.NOT_FHIR)


def test_a_create_that_names_nothing_and_cannot_be_found_is_tried_again(ehr: FakeEhr) -> None:
    ehr.misbehave("POST Observation", Misbehaviour(201))
    assert send(desk(ehr.base)) == DeliveryReport(PENDING, error=DeliveryError.RECORD_FAILED)
    assert send(desk(ehr.base)).status is Delivery.SENT


def test_what_the_search_finds_and_the_store_has_lost_is_tried_again(ehr: FakeEhr) -> None:
    ehr.seed({**published()[OBSERVATION], "id": "x1"})
    ehr.misbehave("GET Observation", Misbehaviour(404))
    assert send(desk(ehr.base)) == DeliveryReport(PENDING, error=DeliveryError.CONFLICT)


@pytest.mark.parametrize("location", ["Observation/../Patient/p1", "https://evil.invalid/x", "Patient/p1", ""])
def test_an_odd_location_is_not_believed(ehr: FakeEhr, location: str) -> None:
    order = Misbehaviour(201, {"Location": location}, after_write=True)
    ehr.misbehave("POST Observation", order)
    assert send(desk(ehr.base)).location == "Observation/ehr-2"


# -- corrections -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("etags", [True, False])
@pytest.mark.parametrize("known", [True, False], ids=["location known", "location lost"])
def test_a_correction_amends_the_same_resource(ehr: FakeEhr, *, etags: bool, known: bool) -> None:
    ehr.etags = etags
    item = written(ehr)
    report = send(corrected(ehr), item if known else replace(item, location=None))
    assert report == DeliveryReport(Delivery.SENT, "Observation/ehr-2")
    (stored,) = ehr.current("Observation")
    assert (stored["status"], stored["valueQuantity"]["value"], stored["meta"]["versionId"]) == ("amended", 4, "2")


@pytest.mark.parametrize("status", [409, 412])
def test_a_lost_race_is_read_again(ehr: FakeEhr, status: int) -> None:
    item = written(ehr)
    ehr.misbehave("PUT Observation", Misbehaviour(status), Misbehaviour(status))
    assert send(corrected(ehr), item).status is Delivery.SENT
    assert len(ehr.stored["Observation"]["ehr-2"]) == 2


def test_a_race_always_lost_is_put_off(ehr: FakeEhr) -> None:
    item = written(ehr)
    ehr.misbehave("PUT Observation", *[Misbehaviour(412)] * 3)
    assert send(corrected(ehr), item) == DeliveryReport(PENDING, error=DeliveryError.CONFLICT)


@pytest.mark.parametrize("request_gone", ["GET Observation", "PUT Observation"])
@pytest.mark.parametrize("status", [404, 410])
def test_a_resource_deleted_from_the_record_is_created_again(ehr: FakeEhr, request_gone: str, status: int) -> None:
    item = written(ehr)
    if request_gone.startswith("GET"):
        ehr.stored["Observation"].clear()
        ehr.seed({"resourceType": "Basic", "id": "keeps-ids-fresh"})
    else:
        ehr.misbehave(request_gone, Misbehaviour(status))
        ehr.stored["Observation"]["ehr-2"][-1].pop("identifier")
    report = send(corrected(ehr), item)
    assert report.status is Delivery.SENT
    ours = [r for r in ehr.current("Observation") if "identifier" in r]
    assert [r["status"] for r in ours] == ["amended"]


def test_a_correction_keeps_the_consultation_that_the_record_knows(ehr: FakeEhr) -> None:
    item = written(ehr)
    ehr.stored["Observation"]["ehr-2"][-1]["encounter"] = {"reference": "Encounter/first"}
    send(corrected(ehr), item)
    assert ehr.current("Observation")[0]["encounter"] == {"reference": "Encounter/first"}


def test_a_dropped_connection_during_a_correction_changes_nothing_twice(ehr: FakeEhr) -> None:
    item = written(ehr)
    ehr.misbehave("PUT Observation", Misbehaviour(drop=True, after_write=True))
    at = corrected(ehr)
    assert send(at, item).error == DeliveryError.RECORD_UNREACHABLE
    assert send(at, item).status is Delivery.SENT
    assert len(ehr.stored["Observation"]["ehr-2"]) == 2


# -- who is named ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("in_record", "expected"),
    [
        ([], None),
        (["gp-9"], "Practitioner/gp-9"),
        (["gp-9", "gp-10"], None),
    ],
)
def test_another_persons_launch_never_lends_its_reference(
    ehr: FakeEhr, in_record: list[str], expected: str | None
) -> None:
    for record_id in in_record:
        rpps = {"system": "https://rpps.esante.gouv.fr", "value": "10003461034"}
        ehr.seed({"resourceType": "Practitioner", "id": record_id, "identifier": [rpps]})
    at = desk(ehr.base)
    at.authorities.actor, at.authorities.practitioner = NURSE, "Practitioner/nurse"
    assert send(at).status is Delivery.SENT
    performer = ehr.current("Observation")[0]["performer"][0]
    assert (performer.get("reference"), performer["display"]) == (expected, "Dr Camille Fictif")


@pytest.mark.parametrize(("status", "outcome"), [(403, Delivery.SENT), (404, Delivery.SENT), (500, PENDING)])
def test_a_directory_that_refuses_is_no_fault_and_one_that_fails_is(
    ehr: FakeEhr, status: int, outcome: Delivery
) -> None:
    ehr.misbehave("GET Practitioner", Misbehaviour(status))
    at = desk(ehr.base)
    at.authorities.actor = NURSE
    assert send(at).status is outcome
