"""Whether a subscription hears of a change: within its criteria, and within what its owner may read now."""

from dataclasses import replace
from urllib.parse import parse_qsl

from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.scopes import access
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.search import IdClause, SearchQuery
from sesame_fhir.services.subscriptions import Change, Content, Event, Subscription


def hears(deps: ApiDeps, subscription: Subscription, change: Change | Event) -> bool:
    """True when the changed resource, as it is now, answers the criteria and may be searched by the owner."""
    client = owner(deps, subscription)
    allowed = access(subscription.scope, subscription.resource_type, "s")
    if client is None or allowed is None:
        return False
    asked = _query(deps, subscription.criteria)
    only = replace(asked, clauses=(*asked.clauses, IdClause((change.resource_id,))), count=0)
    within = narrowed(only, allowed, subscription.patient)
    sites = frozenset(client.sites) or None
    return deps.resources.search(replace(within, sites=sites)).total != 0


def owner(deps: ApiDeps, subscription: Subscription) -> OAuthClient | None:
    """The system that subscribed; None once it is not active any more."""
    client = deps.authorization.client(subscription.client_id)
    return client if client is not None and client.active else None


def shown_in_full(deps: ApiDeps, subscription: Subscription, event: Event) -> bool:
    """True when the resource itself may be sent: criteria and rights are looked at again when it is."""
    if subscription.content is not Content.FULL or access(subscription.scope, event.resource_type, "r") is None:
        return False
    return hears(deps, subscription, event)


def _query(deps: ApiDeps, criteria: str) -> SearchQuery:
    resource_type, _, query = criteria.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return parse_search(resource_type, pairs, now=deps.clock.now(), base=deps.base_url).query
