"""Whose a subscription is, and what of a change its owner is told: by the token of then, the registration of now."""

from typing import Any

import pytest

from sesame_fhir.api.subscriptions import accepting
from tests.contract.api.subscribing import Told, backport, tasks
from tests.support.subscriber import Subscriber

pytestmark = pytest.mark.network


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_what_a_refused_transaction_says_of_a_subscription_is_forgotten(
    told: Told, heard: Subscriber, method: str
) -> None:
    number = told.subscribed(tasks(heard))
    told.round()
    change: dict[str, Any] = {"request": {"method": method, "url": f"Subscription/{number}"}}
    if method == "PUT":
        change["resource"] = tasks(heard, id=number, status="off")
    wrong = {"resource": {"resourceType": "Task"}, "request": {"method": "POST", "url": "Task"}}
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": [change, wrong]}
    assert told.call("POST", "/fhir", told.system(), json=sent).status_code == 400
    told.task("t1")
    told.round()
    assert [one.resource["id"] for one in heard.received if one.body] == ["t1"]


@pytest.mark.parametrize(
    ("scope", "subject"), [("patient/*.cruds", "Patient/p2"), ("user/*.cruds", "Practitioner/of-another-site")]
)
def test_people_who_use_the_systems_app_have_nothing_of_its_subscriptions(
    told: Told, heard: Subscriber, scope: str, subject: str
) -> None:
    number = told.subscribed(backport(heard, "full-resource"))
    told.task("t1")
    told.round()
    person = told.token(scope, "p2", client_id="region", subject=subject)
    for operation in ("$events", "$status"):
        assert told.call("GET", f"/fhir/Subscription/{number}/{operation}", person).status_code == 403
    assert told.call("DELETE", f"/fhir/Subscription/{number}", person).status_code == 403
    assert told.subscribe(tasks(heard), person).status_code == 403


def test_a_resource_that_may_be_found_and_not_read_is_told_by_its_address(told: Told, heard: Subscriber) -> None:
    scope = "system/Subscription.cruds system/Task.s system/Task.r?status=completed"
    assert told.subscribe(backport(heard, "full-resource"), told.system(scope)).status_code == 201
    told.task("t1")
    told.round()
    (event,) = (one.resource for one in heard.received if one.numbers)
    assert "resource" not in event["entry"][1]


def test_a_system_whose_registration_says_less_hears_less(told: Told, heard: Subscriber) -> None:
    told.subscribed(tasks(heard))
    told.round()
    client = told.store.authorization.client("region")
    assert client is not None
    told.register(client, scopes=("system/Patient.rs",))
    told.task("t1")
    told.round()
    assert [one for one in heard.received if one.body] == []


def test_a_system_has_a_bounded_number_of_subscriptions(
    told: Told, heard: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "MOST_SUBSCRIPTIONS", 1)
    number = told.subscribed(tasks(heard))
    refused = told.subscribe(tasks(heard))
    assert (refused.status_code, refused.json["issue"][0]["code"]) == (422, "too-costly")
    again = told.call("PUT", f"/fhir/Subscription/{number}", told.system(), json=tasks(heard, id=number))
    assert again.status_code == 200
    assert told.call("DELETE", f"/fhir/Subscription/{number}", told.system()).status_code == 204
    assert told.subscribe(tasks(heard)).status_code == 201
