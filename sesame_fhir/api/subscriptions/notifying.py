"""Sends notifications over HTTP: no redirect followed, bounded in time, signed or with a token, never a word logged."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import requests

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.subscriptions.bundles import Kind, notification
from sesame_fhir.api.subscriptions.hearing import owner, shown_in_full
from sesame_fhir.api.subscriptions.signing import HEADER, signature
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.fhir.xml import to_xml
from sesame_fhir.services.subscriptions import Content, Event, NotifyError, Subscription, TokenSource

_XML = "application/fhir+xml"
_EARLY_SECONDS = 30


@dataclass(slots=True)
class HttpNotifier:
    """Implements ``services.subscriptions.Notifier``; tokens of subscribers are kept while they last."""

    deps: ApiDeps
    timeout: float
    _tokens: dict[tuple[str, TokenSource], tuple[str, float]] = field(default_factory=dict)

    def handshake(self, subscription: Subscription) -> NotifyError | None:
        """A handshake Bundle; a classic subscription gets an empty request: R4 knows no handshake, but a dead end."""
        if (error := self._off(subscription)) is not None:
            return error
        if self._classic(subscription):
            return self._post(subscription, b"")
        return self._post(subscription, self._bundle(subscription, "handshake"))

    def notify(self, subscription: Subscription, event: Event) -> NotifyError | None:
        """One event, as the subscription wants it."""
        if (error := self._off(subscription)) is not None:
            return error
        if self._classic(subscription):
            body = self._body(subscription, event) or b""
            return self._post(subscription, self._written(subscription, body) if body else b"")
        return self._post(subscription, self._bundle(subscription, "event-notification", event))

    def _bundle(self, subscription: Subscription, kind: Kind, *events: Event) -> bytes:
        base_url, now = self.deps.base_url, self.deps.clock.now()
        told = notification(
            subscription, base_url, kind, events, body=lambda event: self._body(subscription, event), at=now
        )
        return self._written(subscription, write_json(told))

    def _off(self, subscription: Subscription) -> NotifyError | None:
        """The system is not registered any more, or the resource is not there (yet, when it is new)."""
        stored = self.deps.resources.read("Subscription", subscription.subscription_id)
        gone = stored is None or stored.deleted or owner(self.deps, subscription) is None
        return NotifyError.NOT_ALLOWED if gone else None

    def _classic(self, subscription: Subscription) -> bool:
        return not subscription.backport

    def _body(self, subscription: Subscription, event: Event) -> bytes | None:
        if subscription.content is not Content.FULL or not shown_in_full(self.deps, subscription, event):
            return None
        stored = self.deps.resources.vread(event.resource_type, event.resource_id, event.version)
        return None if stored is None else stored.body

    def _written(self, subscription: Subscription, content: bytes) -> bytes:
        return to_xml(content) if subscription.mime_type == _XML else content

    def _post(self, subscription: Subscription, body: bytes) -> NotifyError | None:
        headers = {name.strip(): value.strip() for name, _, value in (h.partition(":") for h in subscription.headers)}
        if body:
            headers["Content-Type"] = f"{subscription.mime_type}; charset=utf-8"
        if subscription.signing_key is not None:
            headers[HEADER] = signature(subscription.signing_key, int(self.deps.clock.now().timestamp()), body)
        if subscription.oauth is not None:
            token = self._token(subscription.subscription_id, subscription.oauth)
            if token is None:
                return NotifyError.NO_TOKEN
            headers["Authorization"] = f"Bearer {token}"
        answer = self._send(subscription.endpoint, headers, body)
        if answer is None:
            return NotifyError.UNREACHABLE
        if answer == HTTPStatus.UNAUTHORIZED and subscription.oauth is not None:
            self._tokens.pop((subscription.subscription_id, subscription.oauth), None)
        return None if HTTPStatus.OK <= answer < HTTPStatus.MULTIPLE_CHOICES else NotifyError.REFUSED

    def _send(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        try:
            with requests.post(
                url, data=body, headers=dict(headers), timeout=self.timeout, allow_redirects=False, stream=True
            ) as answer:
                return answer.status_code
        except requests.RequestException:
            return None

    def _token(self, subscription_id: str, source: TokenSource) -> str | None:
        kept = self._tokens.get((subscription_id, source))
        if kept is not None and kept[1] > time.monotonic():
            return kept[0]
        asked = {"grant_type": "client_credentials", **({"scope": source.scope} if source.scope else {})}
        try:
            answer = requests.post(
                source.token_endpoint,
                data=asked,
                auth=(source.client_id, source.client_secret),
                timeout=self.timeout,
                allow_redirects=False,
            )
            said = answer.json()
            token, lifetime = str(said["access_token"]), float(said.get("expires_in", 60))
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return None
        self._tokens[subscription_id, source] = token, time.monotonic() + lifetime - _EARLY_SECONDS
        return token
