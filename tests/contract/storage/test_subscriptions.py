"""Subscriptions: the log is read once and without a gap, queues keep their order, claims are leases."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sesame_fhir.services.records import Origin, ResourceChange, ResourceWrite
from sesame_fhir.services.subscriptions import Content, Event, NotifyError, Status, Subscription
from sesame_fhir.storage import Store, open_store
from tests.support.databases import VAULT_KEY
from tests.support.story import SITE

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
FLAGS = Subscription(
    subscription_id="s1",
    client_id="region",
    subject="region",
    scope="system/*.rs",
    patient=None,
    criteria="Flag?status=active",
    topic=None,
    content=Content.FULL,
    mime_type="application/fhir+json",
    endpoint="https://region.example/hook",
    headers=("Authorization: Bearer x",),
    created_at=NOW,
    ends_at=None,
)


def write(store: Store, resource_id: str, kind: str = "Flag") -> None:
    body = {"resourceType": kind, "id": resource_id}
    store.resources.update(ResourceWrite(kind, resource_id, body, (), SITE, Origin.RECORD), NOW)


def queued(store: Store) -> list[str]:
    """Match everything new for s1 and tell what was queued."""
    start, end, changes = store.subscriptions.changes(100)
    assert store.subscriptions.enqueue(start, end, [("s1", change) for change in changes])
    return [f"{one.resource_type}/{one.resource_id}/{one.version}" for one in changes]


def listening(store: Store) -> None:
    store.subscriptions.save(FLAGS)
    store.subscriptions.set_status("s1", Status.ACTIVE)


def test_a_subscription_comes_back_as_it_was_kept(store: Store) -> None:
    store.subscriptions.save(FLAGS)
    kept = store.subscriptions.by_id("s1")
    assert kept is not None
    assert replace(kept, next_attempt_at=None) == FLAGS
    assert store.subscriptions.all("region") == (kept,)
    assert store.subscriptions.all("other") == ()
    assert store.subscriptions.by_id("s2") is None


def test_secrets_of_a_subscription_do_not_rest_in_clear(store: Store) -> None:
    store.subscriptions.save(FLAGS)
    sealed = store._database.read(lambda session: session.rows("SELECT described FROM subscription"))
    assert b"Bearer" not in bytes(sealed[0][0])


def test_what_happened_before_is_not_heard(store: Store) -> None:
    write(store, "f1")
    listening(store)
    write(store, "f2")
    assert queued(store) == ["Flag/f2/1"]


def test_only_current_versions_of_types_that_somebody_hears_of(store: Store) -> None:
    listening(store)
    write(store, "f1")
    write(store, "p1", "Patient")
    write(store, "f1")
    write(store, "f2")
    store.resources.apply((), (ResourceChange("Flag", "f2", None),), LATER)
    assert queued(store) == ["Flag/f1/2"]
    assert queued(store) == []


def test_nobody_listening_moves_nothing(store: Store) -> None:
    write(store, "f1")
    start, end, changes = store.subscriptions.changes(100)
    assert (end - start, changes) == (0, ())


def test_the_log_is_moved_once(store: Store) -> None:
    listening(store)
    write(store, "f1")
    start, end, changes = store.subscriptions.changes(100)
    found = [("s1", change) for change in changes]
    assert store.subscriptions.enqueue(start, end, found)
    assert not store.subscriptions.enqueue(start, end, found)
    assert [event.number for event in store.subscriptions.events("s1", 1, 9)] == [1]


def test_the_same_version_is_the_same_event(store: Store) -> None:
    listening(store)
    write(store, "f1")
    start, end, (change,) = store.subscriptions.changes(100)
    assert store.subscriptions.enqueue(start, end, [("s1", change), ("s1", change), ("gone", change)])
    assert [event.number for event in store.subscriptions.events("s1", 1, 9)] == [1]


def test_events_are_claimed_in_order_by_one_sender(store: Store) -> None:
    listening(store)
    for name in ("f1", "f2", "f3"):
        write(store, name)
    queued(store)
    claim = store.subscriptions.claim(NOW, 60, 2)
    assert claim is not None
    assert [(event.number, event.resource_id) for event in claim.events] == [(1, "f1"), (2, "f2")]
    assert store.subscriptions.claim(NOW, 60, 2) is None
    store.subscriptions.delivered(claim, 1, Status.ACTIVE)
    store.subscriptions.release(claim)
    again = store.subscriptions.claim(NOW, 60, 2)
    assert again is not None
    assert [event.number for event in again.events] == [2, 3]
    assert again.subscription.sent == 1


def test_a_dead_sender_s_claim_ends(store: Store) -> None:
    listening(store)
    write(store, "f1")
    queued(store)
    assert store.subscriptions.claim(NOW, 60, 2) is not None
    taken_over = store.subscriptions.claim(NOW + timedelta(seconds=61), 60, 2)
    assert taken_over is not None
    assert [event.number for event in taken_over.events] == [1]


def test_a_handshake_comes_first(store: Store) -> None:
    store.subscriptions.save(FLAGS)
    claim = store.subscriptions.claim(NOW, 60, 2)
    assert claim is not None
    assert (claim.subscription.status, claim.events) == (Status.REQUESTED, ())
    store.subscriptions.delivered(claim, 0, Status.ACTIVE)
    store.subscriptions.release(claim)
    assert store.subscriptions.claim(NOW, 60, 2) is None


def test_a_failure_waits_and_keeps_the_order(store: Store) -> None:
    listening(store)
    write(store, "f1")
    queued(store)
    claim = store.subscriptions.claim(NOW, 60, 2)
    assert claim is not None
    store.subscriptions.failed(claim, NotifyError.REFUSED, LATER, NOW, give_up=False)
    store.subscriptions.release(claim)
    assert store.subscriptions.claim(NOW, 60, 2) is None
    later = store.subscriptions.claim(LATER, 60, 2)
    assert later is not None
    now = later.subscription
    assert (now.attempts, now.error, now.failing_since) == (1, NotifyError.REFUSED, NOW)
    assert [event.number for event in later.events] == [1]


def test_a_hopeless_subscriber_stops_until_it_is_woken(store: Store) -> None:
    listening(store)
    write(store, "f1")
    queued(store)
    claim = store.subscriptions.claim(NOW, 60, 2)
    assert claim is not None
    store.subscriptions.failed(claim, NotifyError.UNREACHABLE, LATER, NOW, give_up=True)
    store.subscriptions.release(claim)
    write(store, "f2")
    assert queued(store) == ["Flag/f2/1"]
    assert store.subscriptions.claim(LATER, 60, 2) is None
    store.subscriptions.set_status("s1", Status.ACTIVE)
    woken = store.subscriptions.claim(NOW, 60, 2)
    assert woken is not None
    assert [event.number for event in woken.events] == [1, 2]


@pytest.mark.parametrize("changed", [Status.OFF, Status.REQUESTED])
@pytest.mark.parametrize("arrived", [True, False])
def test_what_somebody_decides_during_a_delivery_stands(store: Store, changed: Status, *, arrived: bool) -> None:
    """Stopped by the operator, or described anew by its owner: neither is undone by what was under way."""
    listening(store)
    write(store, "f1")
    queued(store)
    claim = store.subscriptions.claim(NOW, 60, 2)
    assert claim is not None
    store.subscriptions.set_status("s1", changed)
    if arrived:
        store.subscriptions.delivered(claim, 1, Status.ACTIVE)
    else:
        store.subscriptions.failed(claim, NotifyError.REFUSED, LATER, NOW, give_up=True)
    now = store.subscriptions.by_id("s1")
    assert now is not None
    assert (now.status, now.sent) == (changed, int(arrived))


def test_delivered_events_are_forgotten_in_time(store: Store) -> None:
    listening(store)
    write(store, "f1")
    write(store, "f2")
    queued(store)
    claim = store.subscriptions.claim(NOW, 60, 2)
    assert claim is not None
    store.subscriptions.delivered(claim, 1, Status.ACTIVE)
    assert store.subscriptions.forget(LATER) == 1
    assert store.subscriptions.events("s1", 1, 9) == (Event(2, "Flag", "f2", 1, NOW),)


@pytest.mark.network
def test_no_version_is_passed_while_it_is_on_its_way(postgresql_url: str) -> None:
    """Two writers at once: the key that was given first is committed last."""
    with open_store(postgresql_url, VAULT_KEY) as store:
        listening(store)
        write(store, "f1")
        started, finish = threading.Event(), threading.Event()

        def slow() -> None:
            def job(session: object) -> None:
                session.run(  # type: ignore[attr-defined]  # a session of the store
                    "INSERT INTO resource_version (resource_key, version, last_updated, body_key) "
                    "SELECT resource_key, 2, last_updated, body_key FROM resource WHERE fhir_id = 'f1'"
                )
                session.run("UPDATE resource SET version = 2 WHERE fhir_id = 'f1'")  # type: ignore[attr-defined]
                started.set()
                assert finish.wait(10)

            store._database.write(job)

        writer = threading.Thread(target=slow)
        writer.start()
        assert started.wait(10)
        write(store, "f2")
        seen: list[str] = []
        reader = threading.Thread(target=lambda: seen.extend(queued(store)))
        reader.start()
        reader.join(0.3)
        assert reader.is_alive()
        finish.set()
        writer.join()
        reader.join(10)
        assert seen == ["Flag/f1/2", "Flag/f2/1"]
