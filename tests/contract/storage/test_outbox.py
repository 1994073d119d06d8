"""The outbox: claimed by one sender, freed by time, due again when a newer version is wanted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sesame_fhir.domain.ids import EhrId, PathwayId
from sesame_fhir.services.records import Delivery, DeliveryReport, OutboxItem
from sesame_fhir.storage import Store
from tests.contract.storage.story import Script
from tests.support.story import AGREED, EHR, PATHWAY, START

LEASE = 60
SOON = START + timedelta(seconds=1)
SENT = DeliveryReport(Delivery.SENT, "Observation/77")


def after(**by: float) -> datetime:
    return SOON + timedelta(**by)


def claim(store: Store, at: datetime = SOON, limit: int = 10, pathway_id: PathwayId | None = None) -> list[OutboxItem]:
    return list(store.outbox.claim(at, LEASE, limit, pathway_id))


def only(store: Store, resource_type: str = "EpisodeOfCare") -> OutboxItem:
    (item,) = (i for i in store.outbox.of_pathway(PATHWAY) if i.target.resource_type == resource_type)
    return item


@pytest.fixture
def script(store: Store) -> Script:
    script = Script()
    store.pathways.commit(script.screened())
    return script


def test_targets_become_items_in_order(store: Store, script: Script) -> None:
    episode, observation = store.outbox.of_pathway(PATHWAY)
    assert (episode.target, observation.target) == script.commits[0].projections.outbox
    assert observation.target.depends_on == (f"EpisodeOfCare/{PATHWAY}",)
    assert (episode.wanted_version, episode.sent_version, episode.status) == (1, 0, Delivery.PENDING)
    assert (episode.attempts, episode.next_attempt_at, episode.location, episode.error) == (0, START, None, None)
    assert store.outbox.of_pathway(PathwayId("other")) == ()


@pytest.mark.usefixtures("script")
def test_a_claimed_item_has_one_sender_until_the_lease_ends(store: Store) -> None:
    first = claim(store)
    assert [i.target.resource_type for i in first] == ["EpisodeOfCare", "Observation"]
    assert claim(store, after(seconds=LEASE - 1)) == []
    assert claim(store, after(seconds=LEASE - 1), pathway_id=PATHWAY) == []
    assert [i.item_id for i in claim(store, after(seconds=LEASE))] == [i.item_id for i in first]


def test_senders_at_once_share_the_items(store: Store) -> None:
    for n in range(20):
        store.pathways.commit(Script(PathwayId(f"pathway-{n}"), patient=f"Patient/{n}").screened())
    with ThreadPoolExecutor(8) as pool:
        claimed = [item.item_id for items in pool.map(lambda _: claim(store, limit=7), range(12)) for item in items]
    assert len(claimed) == len(set(claimed))
    rest = claim(store, limit=100)
    assert len(claimed) + len(rest) == 40


@pytest.mark.usefixtures("script")
def test_limit_and_due_time(store: Store) -> None:
    assert claim(store, START - timedelta(seconds=1)) == []
    assert len(claim(store, limit=1)) == 1


@pytest.mark.usefixtures("script")
def test_sent_is_done(store: Store) -> None:
    item, _ = claim(store)
    store.outbox.report(item, SENT, SOON)
    done = only(store)
    assert (done.status, done.sent_version, done.location, done.attempts) == (Delivery.SENT, 1, "Observation/77", 1)
    assert item.item_id not in [i.item_id for i in claim(store, after(days=1))]


@pytest.mark.usefixtures("script")
def test_backoff(store: Store) -> None:
    item, _ = claim(store)
    retry_at = after(minutes=5)
    store.outbox.report(item, DeliveryReport(Delivery.PENDING, error="throttled", retry_at=retry_at), SOON)
    waiting = only(store)
    assert (waiting.status, waiting.attempts, waiting.error) == (Delivery.PENDING, 1, "throttled")
    assert waiting.next_attempt_at == retry_at
    assert item.item_id not in [i.item_id for i in claim(store, after(minutes=4))]
    # The patient is on the screen: send now, whatever the backoff.
    assert item.item_id in [i.item_id for i in claim(store, after(minutes=4), pathway_id=PATHWAY)]
    assert claim(store, after(minutes=4), pathway_id=PathwayId("other")) == []


@pytest.mark.parametrize(
    ("status", "sent_version"),
    [(Delivery.NEEDS_LAUNCH, 0), (Delivery.DOCUMENT, 1), (Delivery.TEXT, 0)],
)
@pytest.mark.usefixtures("script")
def test_other_ends_of_an_attempt(store: Store, status: Delivery, sent_version: int) -> None:
    item, _ = claim(store)
    store.outbox.report(item, DeliveryReport(status, error="no-launch"), SOON)
    ended = only(store)
    assert (ended.status, ended.sent_version, ended.error) == (status, sent_version, "no-launch")
    assert item.item_id not in [i.item_id for i in claim(store, after(days=1), pathway_id=PATHWAY)]


@pytest.mark.parametrize(
    ("ehr_id", "patient", "woken"),
    [(EHR, "Patient/p1", 1), (EhrId("other"), "Patient/p1", 0), (EHR, "Patient/p2", 0)],
)
@pytest.mark.parametrize("waiting", [Delivery.NEEDS_LAUNCH, Delivery.TEXT])
@pytest.mark.usefixtures("script")
def test_a_launch_wakes_what_another_launch_may_send(
    store: Store, ehr_id: EhrId, patient: str, woken: int, waiting: Delivery
) -> None:
    item, other = claim(store)
    store.outbox.report(item, DeliveryReport(waiting, error="out-of-scope"), SOON)
    store.outbox.report(other, SENT, SOON)
    assert store.outbox.wake(ehr_id, patient, after(hours=1), after(hours=2)) == woken
    assert len(claim(store, after(hours=1))) == woken
    assert only(store, "Observation").status is Delivery.SENT


@pytest.mark.parametrize(
    ("ehr_id", "patient", "age", "freed"),
    [
        (EHR, "Patient/p1", 14, 0),
        (EHR, "Patient/p1", 15, 2),
        (EHR, "Patient/p1", LEASE, 0),
        (EhrId("other"), "Patient/p1", 30, 0),
        (EHR, "Patient/p2", 30, 0),
    ],
)
@pytest.mark.usefixtures("script")
def test_a_launch_frees_what_a_dead_sender_holds(
    store: Store, ehr_id: EhrId, patient: str, age: int, freed: int
) -> None:
    claim(store)
    now = after(seconds=age)
    assert store.outbox.wake(ehr_id, patient, now, now + timedelta(seconds=LEASE - 15)) == freed
    assert len(claim(store, now)) == (2 if age == LEASE else freed)


@pytest.mark.usefixtures("script")
def test_a_claim_is_renewed_while_it_is_ones_own(store: Store) -> None:
    first, second = claim(store)
    renewed = store.outbox.renew(first, after(seconds=50), LEASE)
    assert renewed is not None
    assert [i.item_id for i in claim(store, after(seconds=LEASE))] == [second.item_id]
    assert store.outbox.renew(second, after(seconds=LEASE), LEASE) is None
    assert store.outbox.renew(first, after(seconds=LEASE), LEASE) is None
    assert store.outbox.renew(renewed, after(seconds=LEASE), LEASE) is not None


@pytest.mark.usefixtures("script")
def test_a_sender_taken_for_dead_goes_on_to_nothing(store: Store) -> None:
    first, second = claim(store)
    now = after(seconds=20)
    assert store.outbox.wake(EHR, "Patient/p1", now, now + timedelta(seconds=LEASE - 15)) == 2
    heirs = claim(store, now)
    assert [heir.item_id for heir in heirs] == [first.item_id, second.item_id]
    # What it has not begun is not its to send; its failure is not the heir's; its success counts and ends no claim.
    assert store.outbox.renew(second, now, LEASE) is None
    store.outbox.report(second, DeliveryReport(Delivery.TEXT, error="x"), now)
    store.outbox.report(first, SENT, now)
    assert claim(store, now) == []
    assert (only(store).status, only(store).location) == (Delivery.SENT, "Observation/77")
    assert (only(store, "Observation").status, only(store, "Observation").error) == (Delivery.PENDING, None)
    assert store.outbox.renew(heirs[1], now, LEASE) is not None
    # The heir's own attempt on what was already there changes nothing.
    store.outbox.report(heirs[0], DeliveryReport(Delivery.PENDING, error="timeout", retry_at=after(hours=1)), now)
    assert only(store).status is Delivery.SENT


def test_a_newer_version_is_pending_again(store: Store, script: Script) -> None:
    for item in claim(store):
        store.outbox.report(item, SENT, SOON)
    store.pathways.commit(script.referred())
    episode, observation = only(store), only(store, "Observation")
    assert (episode.wanted_version, episode.sent_version, episode.status) == (2, 1, Delivery.PENDING)
    assert (episode.location, episode.attempts) == ("Observation/77", 0)
    assert (observation.wanted_version, observation.status) == (1, Delivery.SENT)
    assert [i.item_id for i in claim(store, after(hours=3))] == [episode.item_id]


def test_a_version_that_grew_during_the_attempt_stays_pending(store: Store, script: Script) -> None:
    item, _ = claim(store)
    store.pathways.commit(script.referred())
    store.outbox.report(item, SENT, after(seconds=5))
    grown = only(store)
    assert (grown.wanted_version, grown.sent_version, grown.status) == (2, 1, Delivery.PENDING)
    assert (grown.location, grown.next_attempt_at) == ("Observation/77", after(seconds=5))


@pytest.mark.usefixtures("script")
def test_a_late_failure_does_not_undo_a_delivery(store: Store) -> None:
    slow, _ = claim(store)
    quick = claim(store, after(seconds=LEASE))[0]
    store.outbox.report(quick, SENT, after(seconds=LEASE))
    store.outbox.report(
        slow, DeliveryReport(Delivery.PENDING, error="timeout", retry_at=after(hours=1)), after(hours=1)
    )
    assert only(store).status is Delivery.SENT


@pytest.mark.usefixtures("script")
def test_a_report_on_a_forgotten_item_changes_nothing(store: Store) -> None:
    item, _ = claim(store)
    store.outbox.report(replace(item, item_id=9_999), SENT, SOON)
    assert only(store).status is Delivery.PENDING


@pytest.mark.usefixtures("script")
def test_backlog(store: Store) -> None:
    assert store.outbox.backlog() == {"pending": 2, "sent": 0, "needs-launch": 0, "document": 0, "text": 0}
    store.outbox.report(claim(store)[0], SENT, SOON)
    assert store.outbox.backlog() == {"pending": 1, "sent": 1, "needs-launch": 0, "document": 0, "text": 0}


def test_a_correction_wants_the_same_item(store: Store, script: Script) -> None:
    store.pathways.commit(script.corrected("11"))
    observation = only(store, "Observation")
    assert observation.target.resource_id == script.pathway.screenings[0].screening_id
    assert observation.wanted_version == 2
    assert len(store.outbox.of_pathway(PATHWAY)) == 2


def test_a_document_is_sent_again_by_one_item_whenever_the_pathway_changes(store: Store, script: Script) -> None:
    for item in claim(store):
        store.outbox.report(item, DeliveryReport(Delivery.DOCUMENT, "DocumentReference/9", "type-not-supported"), SOON)
    store.pathways.commit(script.step(AGREED, at=after(minutes=1)))
    (again,) = claim(store, after(minutes=1))
    assert (again.location, again.wanted_version, again.sent_version) == ("DocumentReference/9", 1, 1)
    store.outbox.report(again, DeliveryReport(Delivery.DOCUMENT, "DocumentReference/9"), after(minutes=1))
    assert claim(store, after(days=1)) == []
