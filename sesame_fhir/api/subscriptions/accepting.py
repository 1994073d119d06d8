"""A Subscription that comes in: what of it is supported, allowed and safe, and what of it may be shown again."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.subscriptions.canonical import CONTENT, FILTER, OAUTH, SECRETS, SIGNING_KEY, TOPIC, TOPIC_TYPE
from sesame_fhir.fhir.dates import date_range
from sesame_fhir.fhir.errors import InvalidSearch, NotAllowed, UnprocessableResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, error
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.fhir.walk import child, objects, text
from sesame_fhir.services.search import ChainClause, HasClause
from sesame_fhir.services.subscriptions import Content, Status, Subscription, TokenSource
from sesame_fhir.services.unit import Unit

MIME_TYPES = ("application/fhir+json", "application/fhir+xml")
_HEADER = re.compile(r"(?P<name>[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}): ?(?P<value>[\x20-\x7e]{1,4000})")
_RESERVED = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "x-sesame-signature"}
)
_SHORTEST_KEY = 32
_MOST_HEADERS = 10
MOST_SUBSCRIPTIONS = 100
"""Of one system: each is asked about every change."""


def accept(deps: ApiDeps, caller: Caller, resource: Json, subscription_id: str) -> tuple[Json, Subscription]:
    """The resource to store (status requested, without its secrets) and the subscription it describes.

    Raises:
        NotAllowed: not a registered system's token, somebody else's subscription, or no right to search the type.
        UnprocessableResource: every thing that is not supported or not safe.
    """
    if not caller.is_system or deps.subscriptions is None:
        raise NotAllowed
    known = deps.subscriptions.by_id(subscription_id)
    if known is not None and known.client_id != caller.grant.client_id:
        raise NotAllowed
    if known is None and sum(one.status is not Status.OFF for one in _of(deps, caller)) >= MOST_SUBSCRIPTIONS:
        text = f"Au plus {MOST_SUBSCRIPTIONS} abonnements par système : en supprimer d'abord."
        raise UnprocessableResource(error(IssueType.TOO_COSTLY, text, "Subscription"))
    reader = _Reader(deps, caller, resource, known)
    found = reader.read(subscription_id)
    if reader.issues:
        raise UnprocessableResource(*reader.issues)
    return public(resource, found.status), found


def _of(deps: ApiDeps, caller: Caller) -> tuple[Subscription, ...]:
    return () if deps.subscriptions is None else deps.subscriptions.all(caller.grant.client_id)


def subscribe(deps: ApiDeps, unit: Unit, caller: Caller, resource: Json, subscription_id: str) -> Json:
    """Keep the subscription that a resource describes, with the unit; returns the resource to store.

    A new one is kept before the resource is: nothing is sent to its endpoint until the resource is there
    (``notifying``). A changed one follows the resource. Raises as ``accept``.
    """
    stored, subscription = accept(deps, caller, resource, subscription_id)
    store = deps.subscriptions
    if store is not None:
        acts = unit.first if store.by_id(subscription_id) is None else unit.then
        acts.append(lambda: store.save(subscription))
    return stored


def unsubscribe(deps: ApiDeps, unit: Unit, caller: Caller, subscription_id: str) -> None:
    """End a subscription once its resource is deleted.

    Raises:
        NotAllowed: it is another system's.
    """
    store = deps.subscriptions
    known = store.by_id(subscription_id) if store is not None else None
    if known is None or store is None:
        return
    if not caller.is_system or known.client_id != caller.grant.client_id:
        raise NotAllowed
    unit.then.append(lambda: store.set_status(subscription_id, Status.OFF))


def public(resource: Json, status: Status) -> Json:
    """The resource as it may be shown: no header, no key, the server's own status."""
    channel = {name: value for name, value in child(resource, "channel").items() if name not in ("header", "_header")}
    kept = [one for one in objects(channel, "extension") if one.get("url") not in SECRETS]
    channel.pop("extension", None)
    if kept:
        channel["extension"] = kept
    shown = {name: value for name, value in resource.items() if name != "error"}
    return {**shown, "status": status.value, "channel": channel}


def _extension(node: Json, url: str) -> Json | None:
    return next((one for one in objects(node, "extension") if one.get("url") == url), None)


class _Reader:
    """Reads one Subscription, and collects what stands against it."""

    def __init__(self, deps: ApiDeps, caller: Caller, resource: Json, known: Subscription | None) -> None:
        self._deps, self._caller, self._resource = deps, caller, resource
        self._channel = child(resource, "channel")
        # Secrets are never given back: an update that names none of them means those of before.
        said = "header" in self._channel or any(_extension(self._channel, url) for url in SECRETS)
        self._before = None if said else known
        self.issues: list[Issue] = []

    def read(self, subscription_id: str) -> Subscription:
        """The subscription; of no use when there are issues."""
        grant, off = self._caller.grant, self._resource.get("status") == Status.OFF.value
        topic, criteria = self._criteria()
        content, mime_type = self._content(topic)
        return Subscription(
            subscription_id=subscription_id,
            client_id=grant.client_id,
            subject=grant.subject,
            scope=grant.scope,
            patient=self._caller.patient,
            criteria=criteria,
            topic=topic,
            content=content,
            mime_type=mime_type,
            endpoint=self._endpoint(text(self._channel, "endpoint"), "Subscription.channel.endpoint"),
            headers=tuple(self._headers()),
            created_at=self._deps.clock.now(),
            ends_at=self._end(),
            status=Status.OFF if off else Status.REQUESTED,
            backport=topic is not None or _extension(child(self._channel, "_payload"), CONTENT) is not None,
            **self._protection(),
        )

    def _refuse(self, code: IssueType, told: str, expression: str) -> None:
        self.issues.append(error(code, told, expression))

    def _criteria(self) -> tuple[str | None, str]:
        if text(self._channel, "type") != "rest-hook":
            self._refuse(
                IssueType.NOT_SUPPORTED, "Seul le canal rest-hook est pris en charge.", "Subscription.channel.type"
            )
        written, topic = text(self._resource, "criteria"), None
        if written == TOPIC:
            topic = TOPIC
            filtered = _extension(child(self._resource, "_criteria"), FILTER)
            written = text(filtered or {}, "valueString") or TOPIC_TYPE
            if written.partition("?")[0] != TOPIC_TYPE:
                told = f"Le filtre de ce sujet porte sur {TOPIC_TYPE}."
                self._refuse(IssueType.VALUE, told, "Subscription.criteria")
        self._check_criteria(written)
        return topic, written

    def _check_criteria(self, written: str) -> None:
        resource_type, _, query = written.partition("?")
        where = "Subscription.criteria"
        try:
            self._caller.access(resource_type, "s")
            pairs = parse_qsl(query, keep_blank_values=True)
            parsed = parse_search(
                resource_type, pairs, now=self._deps.clock.now(), strict=True, base=self._deps.base_url
            )
        except InvalidSearch as refused:
            self.issues += [error(one.code, one.diagnostics, where) for one in refused.issues]
            return
        except NotAllowed:
            self._refuse(IssueType.FORBIDDEN, "Ces droits ne permettent pas de chercher ce type de ressource.", where)
            return
        names = {name.partition(":")[0] for name, _ in pairs}
        linked = any(isinstance(clause, ChainClause | HasClause) for clause in parsed.query.clauses)
        if linked or parsed.includes or names & {"_sort", "_count", "_summary", "_elements", "_total", "_cursor"}:
            told = "Critères simples seulement : ni chaîne, ni _has, ni _include, ni tri, ni mise en page."
            self._refuse(IssueType.NOT_SUPPORTED, told, where)

    def _content(self, topic: str | None) -> tuple[Content, str]:
        """Classic: the resource when a payload type is named, else an empty request. Backport: as it says."""
        mime_type = text(self._channel, "payload")
        if mime_type and mime_type.partition(";")[0] not in MIME_TYPES:
            told = f"Contenu attendu : {' ou '.join(MIME_TYPES)}."
            self._refuse(IssueType.NOT_SUPPORTED, told, "Subscription.channel.payload")
        asked = _extension(child(self._channel, "_payload"), CONTENT)
        content = Content.FULL if mime_type else Content.EMPTY
        if asked is not None or topic is not None:
            code = text(asked or {}, "valueCode") or Content.ID_ONLY.value
            if code not in set(Content):
                told = "payload-content : empty, id-only ou full-resource."
                self._refuse(IssueType.CODE_INVALID, told, "Subscription.channel.payload.extension")
                return content, mime_type
            content, mime_type = Content(code), mime_type or MIME_TYPES[0]
        if content is Content.FULL:
            self._check_readable()
        return content, mime_type.partition(";")[0]

    def _check_readable(self) -> None:
        resource_type = TOPIC_TYPE if text(self._resource, "criteria") == TOPIC else text(self._resource, "criteria")
        try:
            self._caller.access(resource_type.partition("?")[0], "r")
        except NotAllowed:
            told = "Ces droits ne permettent pas de lire ce type de ressource : demander id-only."
            self._refuse(IssueType.FORBIDDEN, told, "Subscription.channel.payload")

    def _endpoint(self, url: str, where: str) -> str:
        """One of the origins that the system is registered with: nobody makes us call somebody else."""
        client = self._deps.authorization.client(self._caller.grant.client_id)
        allowed = client.notify_origins if client is not None else ()
        try:
            parts = urlsplit(url)
            origin = f"{parts.scheme}://{parts.netloc}"
        except ValueError:
            origin = ""
        if origin not in allowed or "@" in origin:
            told = "Adresse hors de celles qui sont enregistrées pour ce système : prévenir l'administrateur."
            self._refuse(IssueType.SECURITY, told, where)
        return url

    def _headers(self) -> Iterator[str]:
        if self._before is not None:
            yield from self._before.headers
            return
        where = "Subscription.channel.header"
        given = self._channel.get("header", ())
        if len(given) > _MOST_HEADERS:
            self._refuse(IssueType.TOO_COSTLY, f"Au plus {_MOST_HEADERS} en-têtes.", where)
        for place, line in enumerate(given):
            found = _HEADER.fullmatch(line)
            if found is None or found["name"].lower() in _RESERVED:
                self._refuse(IssueType.VALUE, "En-tête attendu sous la forme « Nom: valeur ».", f"{where}[{place}]")
            else:
                yield line

    def _protection(self) -> dict[str, Any]:
        """A notification is signed, or carries a token: a subscriber must be able to tell it from anybody's request."""
        if self._before is not None:
            return {"signing_key": self._before.signing_key, "oauth": self._before.oauth}
        key, oauth = _extension(self._channel, SIGNING_KEY), _extension(self._channel, OAUTH)
        signing_key = text(key or {}, "valueString") or None
        if signing_key is not None and len(signing_key) < _SHORTEST_KEY:
            told = f"Clé de signature d'au moins {_SHORTEST_KEY} caractères."
            self._refuse(IssueType.VALUE, told, "Subscription.channel.extension")
        names = {str(line).partition(":")[0].lower() for line in self._channel.get("header", ())}
        if signing_key is None and oauth is None and "authorization" not in names:
            told = "Protéger les envois : clé de signature, OAuth, ou en-tête Authorization."
            self._refuse(IssueType.SECURITY, told, "Subscription.channel")
        return {"signing_key": signing_key, "oauth": None if oauth is None else self._token_source(oauth)}

    def _token_source(self, oauth: Json) -> TokenSource | None:
        said = {str(one.get("url")): one for one in objects(oauth, "extension")}
        where = "Subscription.channel.extension"
        endpoint = text(said.get("tokenEndpoint", {}), "valueUrl")
        client_id, secret = (text(said.get(name, {}), "valueString") for name in ("clientId", "clientSecret"))
        if not (endpoint and client_id and secret):
            self._refuse(IssueType.REQUIRED, "OAuth : tokenEndpoint, clientId et clientSecret.", where)
            return None
        self._endpoint(endpoint, where)
        return TokenSource(endpoint, client_id, secret, text(said.get("scope", {}), "valueString") or None)

    def _end(self) -> datetime | None:
        written = text(self._resource, "end")
        span = date_range(written) if written else None
        if span is None:
            return None
        if span[0] <= self._deps.clock.now():
            self._refuse(IssueType.VALUE, "La fin est déjà passée.", "Subscription.end")
        return span[0]
