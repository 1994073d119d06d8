"""``$status`` and ``$events`` of a Subscription (R5 backport): how far its system is, and what it has missed."""

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.bundle_writing import bundle, search_entry
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.output import answer
from sesame_fhir.api.operations.parameters import Given, Parameter, read_parameters
from sesame_fhir.api.operations.registry import Operation
from sesame_fhir.api.subscriptions.bundles import notification, status_of
from sesame_fhir.api.subscriptions.hearing import shown_in_full
from sesame_fhir.fhir.errors import NotAllowed
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.subscriptions import Event, Subscription, SubscriptionStore

_ROOT = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition"
_RANGE = (Parameter("eventsSinceNumber", "integer"), Parameter("eventsUntilNumber", "integer"))


def _known(deps: ApiDeps, caller: Caller, ask: Ask) -> tuple[SubscriptionStore, Subscription]:
    """The caller's own subscription; another system's is not there."""
    if caller.access("Subscription", "r").limited or not caller.is_system:
        raise NotAllowed  # an app of the same client acts for one person: what the system hears is not theirs
    if deps.subscriptions is None:
        raise NotFound
    found = deps.subscriptions.by_id(ask.path[1])
    if found is None or found.client_id != caller.grant.client_id:
        raise NotFound
    return deps.subscriptions, found


def status(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$status``: a searchset with one SubscriptionStatus."""
    read_parameters((), ask.pairs, ask.body)
    _, found = _known(deps, caller, ask)
    address = f"{deps.base_url}/{'/'.join(ask.path)}"
    told = write_json(status_of(found, deps.base_url, "query-status"))
    return Answer(200, bundle("searchset", 1, [("self", address)], [search_entry(address, told)]))


def events(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$events``: the events of a range of numbers, queued and delivered ones that are kept, 1,000 at most."""
    given = read_parameters(_RANGE, ask.pairs, ask.body)
    store, found = _known(deps, caller, ask)
    first, last = _number(given, "eventsSinceNumber", 1), _number(given, "eventsUntilNumber", found.events)
    missed = store.events(found.subscription_id, first, last)

    def body(event: Event) -> bytes | None:
        if not shown_in_full(deps, found, event):
            return None
        stored = deps.resources.vread(event.resource_type, event.resource_id, event.version)
        return None if stored is None else stored.body

    return answer(notification(found, deps.base_url, "query-event", missed, body=body, at=deps.clock.now()))


def _number(given: Given, name: str, default: int) -> int:
    found = given.one(name)
    return default if found is None else int(found)


SUBSCRIPTION_OPERATIONS = (
    Operation("status", f"{_ROOT}/backport-subscription-status", ("instance",), ("Subscription",), status),
    Operation("events", f"{_ROOT}/backport-subscription-events", ("instance",), ("Subscription",), events, _RANGE),
)
