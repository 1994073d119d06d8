"""Subscriptions from end to end: created over FHIR, matched from the log, sent to a real listener over HTTP."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest

from sesame_fhir.api.subscriptions.canonical import FILTER, NOTIFICATION, OAUTH, SIGNING_KEY, TOPIC
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.xml import from_xml
from tests.contract.api.harness import BASE
from tests.contract.api.subscribing import KEY, Told, backport, tasks
from tests.support.subscriber import Subscriber, listening

pytestmark = pytest.mark.network


def pathways(heard: Subscriber, content: str = "id-only") -> dict[str, Any]:
    chosen = {"extension": [{"url": FILTER, "valueString": "EpisodeOfCare?patient=p1"}]}
    return backport(heard, content, criteria=TOPIC, _criteria=chosen)


EPISODE = {
    "resourceType": "EpisodeOfCare",
    "id": "e1",
    "status": "active",
    "patient": {"reference": "Patient/p1"},
}


def test_a_classic_subscription_gets_each_resource_in_its_order(told: Told, heard: Subscriber) -> None:
    number = told.subscribed(tasks(heard))
    told.round()
    assert [one.body for one in heard.received] == [b""]
    assert told.status(number) == "active"
    told.task("t1")
    told.task("t2")
    told.task("t3", status="completed")
    told.round()
    assert [one.resource["id"] for one in heard.received[1:]] == ["t1", "t2"]
    assert heard.received[1].headers["Content-Type"] == "application/fhir+json; charset=utf-8"


def test_each_notification_is_signed(told: Told, heard: Subscriber) -> None:
    told.subscribed(tasks(heard))
    told.task("t1")
    told.round()
    for one in heard.received:
        said = dict(part.split("=") for part in one.headers["X-Sesame-Signature"].split(","))
        signed = hmac.new(KEY.encode(), said["t"].encode() + b"." + one.body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(said["v1"], signed)


def test_without_payload_only_the_fact_is_told(told: Told, heard: Subscriber) -> None:
    told.subscribed(tasks(heard, payload=None))
    told.task("t1")
    told.round()
    assert [one.body for one in heard.received] == [b"", b""]


def test_xml_for_whom_prefers_it(told: Told, heard: Subscriber) -> None:
    told.subscribed(tasks(heard, payload="application/fhir+xml"))
    told.task("t1")
    told.round()
    assert from_xml(heard.received[1].body)["id"] == "t1"


def test_a_topic_with_ids_only(told: Told, heard: Subscriber) -> None:
    number = told.subscribed(pathways(heard))
    told.put(EPISODE)
    told.put({**EPISODE, "id": "e2", "patient": {"reference": "Patient/p2"}})
    told.round()
    handshake, event = (one.resource for one in heard.received)
    assert validate(handshake) == validate(event) == []
    status = event["entry"][0]["resource"]["parameter"]
    assert {"name": "type", "valueCode": "event-notification"} in status
    assert {"name": "topic", "valueCanonical": TOPIC} in status
    assert event["meta"]["profile"] == [NOTIFICATION]
    assert [entry["fullUrl"] for entry in event["entry"]][1:] == [f"{BASE}/EpisodeOfCare/e1"]
    assert "resource" not in event["entry"][1]
    assert heard.received[1].numbers == ["1"]
    assert told.status(number) == "active"


def test_empty_and_full_contents(told: Told, heard: Subscriber) -> None:
    told.subscribed(backport(heard, "empty"))
    told.subscribed(backport(heard, "full-resource"))
    told.task("t1")
    told.round()
    bundles = [one.resource for one in heard.received if one.numbers]
    assert sorted(len(one["entry"]) for one in bundles) == [1, 2]
    full = next(one for one in bundles if len(one["entry"]) == 2)
    assert full["entry"][1]["resource"]["id"] == "t1"


def test_a_failing_subscriber_keeps_its_order_and_loses_nothing(told: Told, heard: Subscriber) -> None:
    told.subscribed(tasks(heard))
    told.round()
    heard.answers = [503]
    told.task("t1")
    told.task("t2")
    told.round()
    assert [one.resource["id"] for one in heard.received[1:]] == ["t1"]
    told.clock.move(minutes=1)
    told.round()
    assert [one.resource["id"] for one in heard.received[1:]] == ["t1", "t1", "t2"]


def test_one_broken_subscriber_does_not_hold_back_another(told: Told, heard: Subscriber) -> None:
    told.subscribed(tasks(heard))
    with listening() as other:
        client = told.store.authorization.client("other")
        assert client is not None
        told.register(client, notify_origins=(other.origin,))
        resource = tasks(other)
        assert told.subscribe(resource, told.system(client_id="other")).status_code == 201
        heard.answers = [500, 500]
        told.task("t1")
        told.round()
        assert [one.resource["id"] for one in other.received[1:]] == ["t1"]


def test_a_hopeless_subscriber_is_in_error_until_it_is_woken(told: Told, heard: Subscriber) -> None:
    number = told.subscribed(tasks(heard))
    told.round()
    told.task("t1")
    heard.answers = [500] * 3
    told.round()
    told.clock.move(days=3)
    told.round()
    assert told.status(number) == "error"
    stored = told.call("GET", f"/fhir/Subscription/{number}", told.system()).json
    assert stored is not None
    assert stored["error"] == "refused"
    heard.answers = []
    told.clock.move(days=1)
    again = tasks(heard, id=number)
    assert told.call("PUT", f"/fhir/Subscription/{number}", told.system(), json=again).status_code == 200
    told.round()
    assert [one.resource["id"] for one in heard.received if one.body][-1] == "t1"
    assert told.status(number) == "active"


def test_a_redirect_is_not_followed(told: Told, heard: Subscriber) -> None:
    heard.answers = [302]
    number = told.subscribed(tasks(heard))
    told.round()
    assert [one.path for one in heard.received] == ["/hook"]
    assert told.status(number) == "requested"


def test_a_token_of_the_subscriber(told: Told, heard: Subscriber) -> None:
    parts = [
        {"url": "tokenEndpoint", "valueUrl": f"{heard.origin}/token"},
        {"url": "clientId", "valueString": "sesame"},
        {"url": "clientSecret", "valueString": "s"},
    ]
    resource = tasks(heard)
    resource["channel"]["extension"] = [{"url": OAUTH, "extension": parts}]
    told.subscribed(resource)
    told.task("t1")
    told.round()
    asked, handshake, event = heard.received
    assert asked.path == "/token"
    assert asked.headers["Authorization"].startswith("Basic ")
    assert {one.headers["Authorization"] for one in (handshake, event)} == {"Bearer token-1"}


def test_secrets_are_never_given_back(told: Told, heard: Subscriber) -> None:
    resource = tasks(heard)
    resource["channel"]["header"] = ["Authorization: Bearer abcdef"]
    answer = told.subscribe(resource)
    number = answer.json["id"]
    read = told.call("GET", f"/fhir/Subscription/{number}", told.system())
    for said in (answer.text, read.text):
        assert KEY not in said
        assert "abcdef" not in said
    kept = {**answer.json, "reason": "Autre"}
    assert told.call("PUT", f"/fhir/Subscription/{number}", told.system(), json=kept).status_code == 200
    told.round()
    assert heard.received[0].headers["Authorization"] == "Bearer abcdef"


def test_the_end_of_a_subscription(told: Told, heard: Subscriber) -> None:
    end = (told.clock.now() + timedelta(hours=1)).isoformat()
    number = told.subscribed(tasks(heard, end=end))
    told.round()
    told.clock.move(hours=2)
    told.task("t1")
    told.round()
    assert len(heard.received) == 1
    deleted = told.subscribed(tasks(heard))
    told.round()
    assert told.call("DELETE", f"/fhir/Subscription/{deleted}", told.system()).status_code == 204
    told.task("t2")
    told.round()
    assert [one for one in heard.received if one.body] == []
    assert told.status(number) in {"active", "off"}


def test_a_system_hears_of_its_sites_only(told: Told, heard: Subscriber) -> None:
    told.subscribed(tasks(heard))
    client = told.store.authorization.client("region")
    assert client is not None
    told.register(client, sites=(SiteId("elsewhere"),))
    told.task("t1")
    told.round()
    assert [one for one in heard.received if one.body] == []


def test_a_system_that_is_no_longer_registered_hears_nothing(told: Told, heard: Subscriber) -> None:
    told.subscribed(tasks(heard))
    told.round()
    client = told.store.authorization.client("region")
    assert client is not None
    told.task("t1")
    told.service().match()
    told.register(client, active=False)
    told.round()
    assert [one for one in heard.received if one.body] == []


def test_status_and_missed_events_can_be_asked_for(told: Told, heard: Subscriber) -> None:
    number = told.subscribed(backport(heard, "full-resource"))
    told.task("t1")
    told.task("t2")
    told.round()
    status = told.call("GET", f"/fhir/Subscription/{number}/$status", told.system())
    events = told.call("GET", f"/fhir/Subscription/{number}/$events?eventsSinceNumber=2", told.system())
    said = read_json(status.data)["entry"][0]["resource"]["parameter"]
    assert {"name": "events-since-subscription-start", "valueString": "2"} in said
    assert [entry["resource"]["id"] for entry in read_json(events.data)["entry"][1:]] == ["t2"]
    assert told.call("GET", f"/fhir/Subscription/{number}/$status", told.system(client_id="other")).status_code == 404


def without_protection(heard: Subscriber) -> dict[str, Any]:
    resource = tasks(heard)
    del resource["channel"]["extension"]
    return resource


def with_channel(heard: Subscriber, **changes: Any) -> dict[str, Any]:
    resource = tasks(heard)
    resource["channel"].update(changes)
    return resource


REFUSED = {
    "unknown parameter": lambda heard: tasks(heard, criteria="Task?colour=red"),
    "unknown type": lambda heard: tasks(heard, criteria="Taskk?status=active"),
    "chain": lambda heard: tasks(heard, criteria="Task?patient.gender=male"),
    "include": lambda heard: tasks(heard, criteria="Task?_include=Flag:patient"),
    "sorted": lambda heard: tasks(heard, criteria="Task?_sort=modified"),
    "topic about something else": lambda heard: tasks(
        heard, criteria=TOPIC, _criteria={"extension": [{"url": FILTER, "valueString": "Task?status=requested"}]}
    ),
    "another channel": lambda heard: with_channel(heard, type="email", endpoint="mailto:a@example.org"),
    "another host": lambda heard: with_channel(heard, endpoint="https://evil.example/hook"),
    "a host in disguise": lambda heard: with_channel(heard, endpoint=f"{heard.origin}@evil.example/hook"),
    "metadata address": lambda heard: with_channel(heard, endpoint="http://169.254.169.254/latest"),
    "a file": lambda heard: with_channel(heard, endpoint="file:///etc/passwd"),
    "another payload": lambda heard: with_channel(heard, payload="text/plain"),
    "broken header": lambda heard: with_channel(heard, header=["Bearer x"]),
    "header with a line end": lambda heard: with_channel(heard, header=["X: a\nHost: b"]),
    "reserved header": lambda heard: with_channel(heard, header=["Host: b"]),
    "short key": lambda heard: with_channel(heard, extension=[{"url": SIGNING_KEY, "valueString": "short"}]),
    "incomplete oauth": lambda heard: with_channel(
        heard, extension=[{"url": OAUTH, "extension": [{"url": "clientId", "valueString": "x"}]}]
    ),
    "unprotected": without_protection,
    "over already": lambda heard: tasks(heard, end="2020-01-01T00:00:00Z"),
    "unknown content": lambda heard: backport(heard, "everything"),
}


@pytest.mark.parametrize("made", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_supported_or_not_safe_is_refused(told: Told, heard: Subscriber, made: Any) -> None:
    answer = told.subscribe(made(heard))
    assert answer.status_code in {400, 422}
    assert all(issue["diagnostics"] for issue in answer.json["issue"])
    assert told.store.subscriptions.all() == ()


def test_only_systems_subscribe_and_each_to_what_it_may_search(told: Told, heard: Subscriber) -> None:
    assert told.subscribe(tasks(heard), told.system("system/Subscription.cruds")).status_code == 422
    assert told.subscribe(tasks(heard), told.system("system/Task.rs")).status_code == 403
    full = told.subscribe(tasks(heard), told.system("system/Subscription.c system/Task.s"))
    assert full.status_code == 422
    number = told.subscribed(tasks(heard))
    theirs = tasks(heard, id=number)
    other = told.system(client_id="other")
    assert told.call("PUT", f"/fhir/Subscription/{number}", other, json=theirs).status_code == 403
    assert told.call("DELETE", f"/fhir/Subscription/{number}", other).status_code == 403
