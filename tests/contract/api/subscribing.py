"""A facade with subscriptions, systems that subscribe, and the subscriptions that they send."""

from typing import Any

from sesame_fhir.api.subscriptions.canonical import CONTENT, SIGNING_KEY
from sesame_fhir.api.subscriptions.hearing import hears
from sesame_fhir.api.subscriptions.notifying import HttpNotifier
from sesame_fhir.api.subscriptions.publishing import publish_status
from sesame_fhir.services.delivery import RetryPolicy
from sesame_fhir.services.subscriptions import SubscriptionService
from tests.contract.api.harness import World
from tests.support.subscriber import Subscriber

KEY = "k" * 32
ALL = "system/*.cruds"
NAMED = {"url": SIGNING_KEY, "valueString": KEY}


class Told(World):
    """A facade with subscriptions, and the background's work by hand."""

    def service(self) -> SubscriptionService:
        return SubscriptionService(
            self.store.subscriptions,
            lambda one, change: hears(self.deps, one, change),
            HttpNotifier(self.deps, 2),
            lambda one: publish_status(self.deps, one),
            self.clock,
            RetryPolicy(lambda: 0.0),
        )

    def round(self) -> None:
        """Match and deliver until nothing is due."""
        service = self.service()
        while service.round():
            pass

    def status(self, subscription_id: str) -> str:
        answer = self.call("GET", f"/fhir/Subscription/{subscription_id}", self.system())
        return str(answer.json["status"])  # type: ignore[index]

    def system(self, scope: str = ALL, client_id: str = "region") -> str:
        return self.token(scope, client_id=client_id, subject=client_id)

    def subscribe(self, resource: dict[str, Any], token: str | None = None) -> Any:
        return self.call("POST", "/fhir/Subscription", token or self.system(), json=resource)

    def subscribed(self, resource: dict[str, Any]) -> str:
        answer = self.subscribe(resource)
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    def task(self, name: str, status: str = "requested", patient: str = "p1") -> None:
        subject = {"reference": f"Patient/{patient}"}
        self.put({"resourceType": "Task", "id": name, "status": status, "intent": "order", "for": subject})


def tasks(heard: Subscriber, *, payload: str | None = "application/fhir+json", **changes: Any) -> dict[str, Any]:
    channel = {"type": "rest-hook", "endpoint": f"{heard.origin}/hook", "extension": [NAMED]}
    if payload is not None:
        channel["payload"] = payload
    resource = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Tâches",
        "criteria": "Task?status=requested",
        "channel": channel,
    }
    return {**resource, **changes}


def backport(heard: Subscriber, content: str, **changes: Any) -> dict[str, Any]:
    resource = tasks(heard, **changes)
    resource["channel"]["_payload"] = {"extension": [{"url": CONTENT, "valueCode": content}]}
    return resource
