"""The whole write-back with the real store and launches: authority, scopes, statement, and a sender that is killed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sesame_fhir.services.delivery import LEASE_SECONDS, DeliveryError, abandoned, what_was_written
from sesame_fhir.services.records import Delivery
from smart_app.ehr import capability as statements
from tests.support.story import BINDING, EHR, PATHWAY
from tests.unit.writeback.deployment import SCOPES, Deployment, deliver_once, deployment
from tests.unit.writeback.fake_ehr import FakeEhr, Misbehaviour, running
from tests.unit.writeback.outbox_double import START
from tests.unit.writeback.record import CORRECTED, REFERRED

pytestmark = pytest.mark.network

WRITTEN = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task")
ALL_SENT = dict.fromkeys(WRITTEN, Delivery.SENT)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def ehr() -> Iterator[FakeEhr]:
    with running(FakeEhr()) as server:
        server.seed({"resourceType": "Patient", "id": "p1"})
        statements._CACHE.forget(server.base)  # another test's server may have had this port
        yield server


@pytest.fixture
def sesame(tmp_path: Path, ehr: FakeEhr) -> Iterator[Deployment]:
    made = deployment(tmp_path, ehr.base)
    with made.store:
        made.commit(REFERRED)
        yield made


def statuses(sesame: Deployment) -> dict[str, Delivery]:
    return {kind: item.status for kind, item in sesame.items().items()}


def test_a_referral_is_written_once_with_the_records_references(sesame: Deployment, ehr: FakeEhr) -> None:
    sesame.launch()
    sesame.delivery.deliver_pathway(PATHWAY)
    sesame.delivery.deliver_pathway(PATHWAY)
    assert statuses(sesame) == ALL_SENT
    (response,), (total,), (request,), (task,) = (ehr.current(kind) for kind in WRITTEN)
    assert total["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{response['id']}"}]
    assert request["reasonReference"] == [{"reference": f"Observation/{total['id']}"}]
    assert task["focus"] == {"reference": f"ServiceRequest/{request['id']}"}
    assert task["for"] == {"reference": BINDING.patient}


def test_a_correction_updates_and_marks_amended(sesame: Deployment, ehr: FakeEhr) -> None:
    sesame.launch()
    sesame.delivery.deliver_pathway(PATHWAY)
    sesame.commit(CORRECTED, known=len(REFERRED))
    assert {line.written.value for line in what_was_written(sesame.items().values())} == {"update-waiting", "written"}
    sesame.delivery.deliver_pathway(PATHWAY)
    assert statuses(sesame) == ALL_SENT
    assert [len(ehr.current(kind)) for kind in WRITTEN] == [1, 1, 1, 1]
    assert [ehr.current(kind)[0]["status"] for kind in WRITTEN[:2]] == ["amended", "amended"]


def test_without_a_launch_it_sleeps_until_the_next_one(sesame: Deployment, ehr: FakeEhr) -> None:
    sesame.delivery.deliver_pathway(PATHWAY)
    assert statuses(sesame) == dict.fromkeys(WRITTEN, Delivery.NEEDS_LAUNCH)
    assert ehr.log == []
    sesame.clock.move(days=2)
    sesame.launch()
    assert sesame.store.outbox.wake(EHR, BINDING.patient, sesame.clock.now(), abandoned(sesame.clock.now())) == 4
    sesame.delivery.deliver_due(sesame.clock.now())
    assert statuses(sesame) == ALL_SENT


@pytest.mark.parametrize(
    ("launch", "error"),
    [
        ({"token": "revoked"}, DeliveryError.TOKEN_REFUSED),
        ({"expires_at": START - timedelta(seconds=1)}, DeliveryError.NO_LAUNCH),
        ({"token_expires_at": START - timedelta(seconds=1)}, DeliveryError.NO_LAUNCH),
        ({"patient": "Patient/other"}, DeliveryError.NO_LAUNCH),
    ],
    ids=["token revoked", "launch over", "token expired", "another patient's launch"],
)
def test_no_usable_authority_waits_for_a_launch(
    sesame: Deployment, ehr: FakeEhr, launch: dict[str, object], error: DeliveryError
) -> None:
    sesame.launch(**launch)  # type: ignore[arg-type]
    sesame.delivery.deliver_pathway(PATHWAY)
    assert statuses(sesame) == dict.fromkeys(WRITTEN, Delivery.NEEDS_LAUNCH)
    assert sesame.items()["QuestionnaireResponse"].error == error
    assert all(ehr.current(kind) == [] for kind in WRITTEN)


@pytest.mark.parametrize(
    ("refresh_token", "status", "error"),
    [
        ("refresh", Delivery.PENDING, DeliveryError.RECORD_UNREACHABLE),
        (None, Delivery.NEEDS_LAUNCH, DeliveryError.TOKEN_REFUSED),
    ],
)
def test_a_refresh_that_fails_for_now_is_tried_again_and_an_impossible_one_is_not(
    sesame: Deployment, refresh_token: str | None, status: Delivery, error: DeliveryError
) -> None:
    expired = START - timedelta(seconds=1)
    sesame.launch(scopes=f"{SCOPES} offline_access", refresh_token=refresh_token, token_expires_at=expired)
    sesame.delivery.deliver_pathway(PATHWAY)
    first = sesame.items()["QuestionnaireResponse"]
    assert (first.status, first.error) == (status, error)


NO_QR = ("Observation", "ServiceRequest", "Task", "DocumentReference")


@pytest.mark.parametrize(
    ("offered", "scopes", "expected"),
    [
        (NO_QR, SCOPES, {**ALL_SENT, "QuestionnaireResponse": Delivery.DOCUMENT}),
        (("DocumentReference",), SCOPES, dict.fromkeys(WRITTEN, Delivery.DOCUMENT)),
        ((), SCOPES, dict.fromkeys(WRITTEN, Delivery.TEXT)),
        (WRITTEN, SCOPES.replace("Task.crus", "Task.rs"), {**ALL_SENT, "Task": Delivery.TEXT}),
        ((*WRITTEN, "DocumentReference"), "patient/*.rs", dict.fromkeys(WRITTEN, Delivery.TEXT)),
        (WRITTEN, "patient/*.read patient/*.write", ALL_SENT),
        (None, SCOPES, ALL_SENT),
    ],
    ids=["no responses", "documents only", "nothing", "scope missing", "read-only", "version 1", "no statement"],
)
def test_the_form_follows_the_statement_and_the_scopes(
    sesame: Deployment, ehr: FakeEhr, offered: tuple[str, ...] | None, scopes: str, expected: dict[str, Delivery]
) -> None:
    ehr.offered = offered
    sesame.launch(scopes=scopes)
    sesame.delivery.deliver_pathway(PATHWAY)
    assert statuses(sesame) == expected
    assert len(ehr.current("DocumentReference")) == (Delivery.DOCUMENT in expected.values())
    for versions in ehr.stored["DocumentReference"].values():
        assert len(versions) == 1, "one document, written once, carries all that the record lacks"


def test_a_statement_that_cannot_be_had_now_is_asked_again(sesame: Deployment, ehr: FakeEhr) -> None:
    ehr.misbehave("GET metadata", Misbehaviour(503))
    sesame.launch()
    sesame.delivery.deliver_pathway(PATHWAY)
    sesame.clock.move(minutes=1)
    sesame.delivery.deliver_due(sesame.clock.now())
    assert statuses(sesame) == ALL_SENT


@pytest.mark.parametrize("stage", ["POST QuestionnaireResponse", "POST Task"])
def test_a_sender_killed_between_the_records_answer_and_our_report(
    tmp_path: Path, ehr: FakeEhr, sesame: Deployment, stage: str
) -> None:
    """Kill -9 while the EHR has written and we have not noted it: the next sender goes on, nothing is there twice."""
    sesame.launch()
    ehr.misbehave(stage, Misbehaviour(201, after_write=True, delay=20))
    command = [sys.executable, "-m", "tests.unit.writeback.deployment", str(tmp_path), ehr.base, "0"]
    killed = subprocess.Popen(command, cwd=ROOT)
    give_up = time.monotonic() + 120
    while stage not in ehr.log and time.monotonic() < give_up:
        assert killed.poll() is None, "the sender ended before it could be killed"
        time.sleep(0.02)
    assert stage in ehr.log, "the sender never came so far"
    killed.kill()
    killed.wait()
    assert statuses(sesame) != ALL_SENT
    assert sesame.delivery.deliver_due(sesame.clock.now()).claimed == 0, "the dead sender's lease still holds"
    deliver_once(tmp_path, ehr.base, LEASE_SECONDS + 1)
    assert statuses(sesame) == ALL_SENT
    assert [len(ehr.current(kind)) for kind in WRITTEN] == [1, 1, 1, 1]
