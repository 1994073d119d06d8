"""Whether a subscription hears of a change: within its criteria, and within what its owner may read now."""

from dataclasses import replace
from urllib.parse import parse_qsl

from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.scopes import Interaction, access, grantable
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.search import IdClause, SearchQuery
from sesame_fhir.services.subscriptions import Change, Content, Event, Subscription


def hears(deps: ApiDeps, subscription: Subscription, change: Change | Event) -> bool:
    """True when the changed resource, as it is now, answers the criteria and may be searched by the owner."""
    return _allowed(deps, subscription, change, "s")


def owner(deps: ApiDeps, subscription: Subscription) -> OAuthClient | None:
    """The system that subscribed; None once it is not active any more."""
    client = deps.authorization.client(subscription.client_id)
    return client if client is not None and client.active else None


def shown_in_full(deps: ApiDeps, subscription: Subscription, event: Event) -> bool:
    """True when the resource itself may be sent: criteria and rights are looked at again when it is."""
    return subscription.content is Content.FULL and _allowed(deps, subscription, event, "s", "r")


def _allowed(deps: ApiDeps, subscription: Subscription, change: Change | Event, *interactions: Interaction) -> bool:
    """True when the owner may do all of these with the resource, by the token of then and the registration of now."""
    client = owner(deps, subscription)
    if client is None:
        return False
    asked = _query(deps, subscription.criteria)
    query = replace(asked, clauses=(*asked.clauses, IdClause((change.resource_id,))), count=0)
    scope = grantable(subscription.scope, client.scopes, frozenset({"system"}))
    for interaction in interactions:
        allowed = access(scope, subscription.resource_type, interaction)
        if allowed is None:
            return False
        query = narrowed(query, allowed, subscription.patient)
    return deps.resources.search(replace(query, sites=frozenset(client.sites) or None)).total != 0


def _query(deps: ApiDeps, criteria: str) -> SearchQuery:
    resource_type, _, query = criteria.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return parse_search(resource_type, pairs, now=deps.clock.now(), base=deps.base_url).query
