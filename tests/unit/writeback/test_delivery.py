"""The outbox's decisions: order, what waits for what, when to try again, and that nothing is given up in silence."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from sesame_fhir.domain.ids import EhrId, PathwayId
from sesame_fhir.services.delivery import (
    DeliveryError,
    DeliveryService,
    RetryPolicy,
    Written,
    abandoned,
    what_was_written,
)
from sesame_fhir.services.records import Delivery, DeliveryReport, OutboxItem, OutboxTarget
from tests.support.fakes import HandClock
from tests.unit.writeback.outbox_double import (
    START,
    MemoryOutbox,
    MemoryResources,
    ScriptedWriter,
    item,
)

QR, OBS, REQUEST, TASK = (
    "QuestionnaireResponse/p1-1",
    "Observation/p1-2",
    "ServiceRequest/p1-3",
    "Task/p1-4",
)
P1 = PathwayId("p1")


def referral(pathway: str = "p1", first: int = 1) -> list[OutboxItem]:
    """The four resources of a referral, stored in the reverse of the order in which they must be sent."""
    ids = [f"{pathway}-{first + n}" for n in range(4)]
    return [
        item("Task", first + 3, f"ServiceRequest/{ids[2]}", pathway=pathway),
        item("ServiceRequest", first + 2, f"Observation/{ids[1]}", f"QuestionnaireResponse/{ids[0]}", pathway=pathway),
        item("Observation", first + 1, f"QuestionnaireResponse/{ids[0]}", pathway=pathway),
        item("QuestionnaireResponse", first, pathway=pathway),
    ]


def service(outbox: MemoryOutbox, writer: ScriptedWriter, clock: HandClock, jitter: float = 1.0) -> DeliveryService:
    bodies: dict[str, bytes | None] = {
        f"{i.target.resource_type}/{i.target.resource_id}": json.dumps(
            {"resourceType": i.target.resource_type}
        ).encode()
        for i in outbox.items.values()
    }
    return DeliveryService(outbox, MemoryResources(bodies), writer, clock, RetryPolicy(lambda: jitter))


def answering(status: Delivery, error: str, retry_at: datetime | None = None) -> Callable[[OutboxItem], DeliveryReport]:
    return lambda _: DeliveryReport(status, None, error, retry_at)


def statuses(outbox: MemoryOutbox) -> list[Delivery]:
    return [outbox.items[n].status for n in sorted(outbox.items)]


def test_sends_in_dependency_order_and_tells_the_writer_where_the_referenced_ones_are() -> None:
    outbox, writer = MemoryOutbox.of(*referral()), ScriptedWriter()
    done = service(outbox, writer, HandClock(START)).deliver_pathway(P1)
    assert [reference for reference, _ in writer.calls] == [QR, OBS, REQUEST, TASK]
    assert writer.calls[3][1] == {
        QR: "QuestionnaireResponse/ehr-1",
        OBS: "Observation/ehr-2",
        REQUEST: "ServiceRequest/ehr-3",
    }
    assert statuses(outbox) == [Delivery.SENT] * 4
    assert (done.claimed, done.by_status) == (4, {Delivery.SENT: 4})


def test_a_broken_item_holds_back_what_refers_to_it_and_nothing_else() -> None:
    outbox = MemoryOutbox.of(*referral(), *referral("p2", 11))
    writer, clock = ScriptedWriter(), HandClock(START)
    writer.scripts["Observation"] = lambda i: (
        DeliveryReport(Delivery.PENDING, error=DeliveryError.RECORD_FAILED)
        if i.pathway_id == P1
        else DeliveryReport(Delivery.SENT, "Observation/ok")
    )
    service(outbox, writer, clock).deliver_due(clock.now())
    assert [r for r, _ in writer.calls if r.split("/")[1].startswith("p1")] == [QR, OBS]
    assert statuses(outbox) == [Delivery.SENT, *[Delivery.PENDING] * 3, *[Delivery.SENT] * 4]
    assert outbox.items[3].error == outbox.items[4].error == DeliveryError.WAITING_FOR_DEPENDENCY
    # They come due together with what they wait for, so the next round sends all three.
    assert outbox.items[2].next_attempt_at <= outbox.items[3].next_attempt_at <= outbox.items[4].next_attempt_at
    writer.scripts.clear()
    clock.move(minutes=1)
    service(outbox, writer, clock).deliver_due(clock.now())
    assert statuses(outbox) == [Delivery.SENT] * 8


def test_a_failed_update_does_not_hold_back_what_refers_to_the_version_already_there() -> None:
    first = item("Observation", 1, location="Observation/9", sent_version=1, wanted_version=2)
    outbox = MemoryOutbox.of(first, item("ServiceRequest", 2, "Observation/p1-1"))
    writer = ScriptedWriter({"Observation": answering(Delivery.PENDING, DeliveryError.RECORD_FAILED)})
    service(outbox, writer, HandClock(START)).deliver_pathway(P1)
    assert statuses(outbox) == [Delivery.PENDING, Delivery.SENT]
    assert writer.calls[1][1] == {"Observation/p1-1": "Observation/9"}
    assert outbox.items[1].location == "Observation/9"


@pytest.mark.parametrize("form", [Delivery.DOCUMENT, Delivery.TEXT])
def test_a_dependency_in_another_form_does_not_hold_back(form: Delivery) -> None:
    outbox = MemoryOutbox.of(*referral())
    writer = ScriptedWriter({"QuestionnaireResponse": answering(form, DeliveryError.TYPE_NOT_SUPPORTED)})
    service(outbox, writer, HandClock(START)).deliver_pathway(P1)
    assert statuses(outbox) == [form, Delivery.SENT, Delivery.SENT, Delivery.SENT]


def test_without_authority_everything_sleeps_until_a_launch_wakes_it() -> None:
    outbox, clock = MemoryOutbox.of(*referral()), HandClock(START)
    writer = ScriptedWriter({"QuestionnaireResponse": answering(Delivery.NEEDS_LAUNCH, DeliveryError.NO_LAUNCH)})
    delivery = service(outbox, writer, clock)
    delivery.deliver_pathway(P1)
    assert statuses(outbox) == [Delivery.NEEDS_LAUNCH] * 4
    clock.move(days=3)
    assert delivery.deliver_due(clock.now()).claimed == 0
    assert outbox.wake(EhrId("ehr"), "Patient/pat-1", clock.now(), abandoned(clock.now())) == 4
    writer.scripts.clear()
    delivery.deliver_due(clock.now())
    assert statuses(outbox) == [Delivery.SENT] * 4


@pytest.mark.parametrize(
    ("attempts", "jitter", "seconds"),
    [
        (0, 1.0, 5),
        (0, 0.0, 2.5),
        (1, 1.0, 10),
        (3, 0.5, 30),
        (7, 1.0, 640),
        (8, 1.0, 900),
        (8, 0.0, 450),
        (10_000, 1.0, 900),
    ],
)
def test_backoff_doubles_up_to_the_cap(attempts: int, jitter: float, seconds: float) -> None:
    policy = RetryPolicy(lambda: jitter)
    assert policy.next_attempt(attempts, START) == START + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (START + timedelta(seconds=90), START + timedelta(seconds=90)),
        (START + timedelta(minutes=40), START + timedelta(minutes=40)),
        (START + timedelta(days=365), START + timedelta(hours=1)),
        (START - timedelta(hours=1), START),
    ],
)
def test_retry_after_is_honoured_within_reason(asked: datetime, expected: datetime) -> None:
    assert RetryPolicy(lambda: 0.0).next_attempt(0, START, asked) == expected


def test_retry_after_reaches_the_outbox() -> None:
    asked = START + timedelta(minutes=7)
    outbox = MemoryOutbox.of(item("Task", 1))
    writer = ScriptedWriter({"Task": answering(Delivery.PENDING, DeliveryError.THROTTLED, asked)})
    service(outbox, writer, HandClock(START)).deliver_pathway(P1)
    assert outbox.items[1].next_attempt_at == asked


@pytest.mark.parametrize("error", [DeliveryError.RECORD_UNREACHABLE, DeliveryError.THROTTLED])
def test_an_ehr_that_does_not_answer_is_left_alone_for_the_round_and_the_others_are_served(error: str) -> None:
    elsewhere = OutboxTarget("Task", "p2-9", EhrId("other-ehr"), "Patient/pat-1")
    down = [item("Observation", n) for n in range(1, 9)]
    outbox = MemoryOutbox.of(*down, item("Task", 9, pathway="p2", target=elsewhere))
    asked = START + timedelta(minutes=3)
    writer = ScriptedWriter({"Observation": answering(Delivery.PENDING, error, asked)})
    service(outbox, writer, HandClock(START)).deliver_due(START)
    assert [call for call, _ in writer.calls] == ["Observation/p1-1", "Task/p2-9"]
    assert statuses(outbox) == [*[Delivery.PENDING] * 8, Delivery.SENT]
    assert {(i.error, i.next_attempt_at) for i in outbox.items.values() if i.item_id < 9} == {(error, asked)}


def test_a_pathway_in_two_records_keeps_their_references_apart() -> None:
    """The patient changed practice: the same resource is in both records, under different ids."""
    old, new = EhrId("ehr"), EhrId("new-ehr")
    response = item("QuestionnaireResponse", 1, location="QuestionnaireResponse/old", status=Delivery.SENT)
    outbox = MemoryOutbox.of(
        response,
        replace(response, item_id=2, target=replace(response.target, ehr_id=new), location="QuestionnaireResponse/new"),
        *(
            item("Observation", n, target=OutboxTarget("Observation", "p1-3", ehr, "Patient/x", (QR,)))
            for n, ehr in ((3, old), (4, new))
        ),
    )
    writer = ScriptedWriter()
    service(outbox, writer, HandClock(START)).deliver_pathway(P1)
    assert [known[QR] for _, known in writer.calls] == ["QuestionnaireResponse/old", "QuestionnaireResponse/new"]


def test_never_gives_up() -> None:
    outbox, clock = MemoryOutbox.of(item("Task", 1)), HandClock(START)
    writer = ScriptedWriter({"Task": answering(Delivery.PENDING, DeliveryError.RECORD_UNREACHABLE)})
    delivery = service(outbox, writer, clock)
    for _ in range(200):
        delivery.deliver_due(clock.now())
        clock.move(minutes=15)
    assert len(writer.calls) == 200
    assert outbox.items[1].error == DeliveryError.RECORD_UNREACHABLE
    assert outbox.backlog() == {"pending": 1}


def test_a_fault_of_ours_is_contained_and_logged_without_content() -> None:
    def broken(_: OutboxItem) -> DeliveryReport:
        raise RuntimeError("marker-DUPONT")

    outbox = MemoryOutbox.of(item("Observation", 1), item("Task", 2))
    with capture_logs() as logged:
        service(outbox, ScriptedWriter({"Observation": broken}), HandClock(START)).deliver_pathway(P1)
    assert statuses(outbox) == [Delivery.PENDING, Delivery.SENT]
    assert outbox.items[1].error == DeliveryError.INTERNAL
    assert [(entry["event"], entry.get("error_type")) for entry in logged] == [
        ("unexpected-error", "RuntimeError"),
        ("delivery-failed", None),
    ]
    assert "marker-DUPONT" not in str(logged)


@pytest.mark.parametrize("body", [None, "absent", b"not json"])
def test_an_unpublished_or_unreadable_body_stays_visible(body: bytes | str | None) -> None:
    outbox, writer = MemoryOutbox.of(item("Task", 1)), ScriptedWriter()
    bodies = {} if isinstance(body, str) else {"Task/p1-1": body}
    DeliveryService(
        outbox, MemoryResources(bodies), writer, HandClock(START), RetryPolicy(lambda: 0.0)
    ).deliver_pathway(P1)
    assert writer.calls == []
    assert statuses(outbox) == [Delivery.PENDING]
    assert outbox.items[1].error in (DeliveryError.NOT_PUBLISHED, DeliveryError.INTERNAL)


def test_the_time_budget_leaves_the_rest_due_at_once() -> None:
    outbox, clock = MemoryOutbox.of(item("Observation", 1), item("Observation", 2)), HandClock(START)

    def slow(sent: OutboxItem) -> DeliveryReport:
        clock.move(seconds=9)
        return DeliveryReport(Delivery.SENT, f"Observation/{sent.item_id}")

    delivery = service(outbox, ScriptedWriter({"Observation": slow}), clock)
    delivery.deliver_pathway(P1)
    assert statuses(outbox) == [Delivery.SENT, Delivery.PENDING]
    assert outbox.items[2].error == DeliveryError.OUT_OF_TIME
    delivery.deliver_due(clock.now())
    assert statuses(outbox) == [Delivery.SENT, Delivery.SENT]


def test_an_item_leased_by_a_dead_sender_comes_back() -> None:
    outbox, writer, clock = MemoryOutbox.of(item("Task", 1)), ScriptedWriter(), HandClock(START)
    outbox.claim(clock.now(), 120, 10)
    delivery = service(outbox, writer, clock)
    assert delivery.deliver_due(clock.now()).claimed == 0
    clock.move(seconds=121)
    delivery.deliver_due(clock.now())
    assert statuses(outbox) == [Delivery.SENT]


@pytest.mark.parametrize(
    ("status", "sent_version", "expected"),
    [
        (Delivery.SENT, 2, Written.WRITTEN),
        (Delivery.DOCUMENT, 0, Written.IN_DOCUMENT),
        (Delivery.TEXT, 0, Written.TO_PASTE),
        (Delivery.PENDING, 0, Written.WAITING),
        (Delivery.PENDING, 1, Written.UPDATE_WAITING),
        (Delivery.NEEDS_LAUNCH, 0, Written.WAITING_FOR_LAUNCH),
    ],
)
def test_what_was_written_gives_one_code_per_state(status: Delivery, sent_version: int, expected: Written) -> None:
    (line,) = what_was_written([item("Task", 1, status=status, sent_version=sent_version, error="code")])
    assert (line.resource_type, line.resource_id, line.written, line.error) == ("Task", "p1-1", expected, "code")
    assert (line.next_attempt_at is not None) == (status is Delivery.PENDING)


def test_what_was_written_keeps_the_sending_order() -> None:
    lines = what_was_written(replace(i, status=Delivery.SENT) for i in referral())
    assert [line.resource_type for line in lines] == ["QuestionnaireResponse", "Observation", "ServiceRequest", "Task"]


def test_a_slow_sender_leaves_what_another_has_taken_over() -> None:
    """The first item takes twenty seconds; meanwhile a relaunch frees the rest, and another process takes it."""
    outbox, clock = MemoryOutbox.of(*referral()), HandClock(START)
    heir = ScriptedWriter()

    def hangs(sent: OutboxItem) -> DeliveryReport:
        clock.move(seconds=20)
        assert outbox.wake(EhrId("ehr"), "Patient/pat-1", clock.now(), abandoned(clock.now())) == 4
        service(outbox, heir, clock).deliver_pathway(P1)
        return DeliveryReport(Delivery.SENT, f"QuestionnaireResponse/ehr-{sent.item_id}")

    slow = ScriptedWriter({"QuestionnaireResponse": hangs})
    service(outbox, slow, clock).deliver_due(START)
    assert [reference for reference, _ in slow.calls] == [QR]
    assert [reference for reference, _ in heir.calls] == [QR, OBS, REQUEST, TASK]
    assert statuses(outbox) == [Delivery.SENT] * 4


def test_no_item_of_a_slow_but_living_sender_is_sent_twice() -> None:
    outbox, clock = MemoryOutbox.of(*referral()), HandClock(START)
    heir = ScriptedWriter()

    def slowly(sent: OutboxItem) -> DeliveryReport:
        clock.move(seconds=8)
        outbox.wake(EhrId("ehr"), "Patient/pat-1", clock.now(), abandoned(clock.now()))
        service(outbox, heir, clock).deliver_due(clock.now())
        return DeliveryReport(Delivery.SENT, f"{sent.target.resource_type}/ehr-{sent.item_id}")

    slow = ScriptedWriter(dict.fromkeys(("QuestionnaireResponse", "Observation", "ServiceRequest", "Task"), slowly))
    service(outbox, slow, clock).deliver_due(START)
    assert [reference for reference, _ in slow.calls][:2] == [QR, OBS]
    clock.move(hours=1)
    service(outbox, heir, clock).deliver_due(clock.now())
    assert statuses(outbox) == [Delivery.SENT] * 4
    assert sorted(reference for reference, _ in [*slow.calls, *heir.calls]) == sorted([QR, OBS, REQUEST, TASK])
