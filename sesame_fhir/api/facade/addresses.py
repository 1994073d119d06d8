"""What an address below the base URL means with a method: one reading for HTTP and for the entries of a Bundle."""

from typing import Literal

from sesame_fhir.api.facade.exchange import Method
from sesame_fhir.api.facade.interactions import INTERACTIONS, MADE_ELSEWHERE, Offered
from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.api.operations.registry import find_operation
from sesame_fhir.fhir.errors import MethodNotAllowed
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.search_parameters import APART, parameters_of
from sesame_fhir.services.errors import NotFound

Interaction = Offered | Literal["bundle", "search-compartment", "operation"]
"""What an address and a method mean; ``bundle`` is a batch or a transaction."""

EVERY_TYPE = "*"
"""In the place of a type: all types of the compartment."""

_AT_TYPE: dict[Method, Offered] = {"GET": "search-type", "POST": "create"}
_CONDITIONAL: dict[Method, Offered] = {"PUT": "update", "PATCH": "patch", "DELETE": "delete"}
"""At a type that can be searched, on the one resource that matches."""
_AT_INSTANCE: dict[Method, Offered] = {"GET": "read", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_IN_COMPARTMENT: dict[tuple[str, ...], dict[Method, Interaction]] = {
    (): {"GET": "search-compartment"},
    ("_search",): {"POST": "search-compartment"},
}
_METHODS: dict[str, Method] = {"GET": "GET", "POST": "POST"}
_READ_ONLY_ADDRESSES = frozenset(
    {("metadata",), ("openapi.json",), (".well-known", "smart-configuration"), (".well-known", "openid-configuration")}
)


def allowed_methods(path: tuple[str, ...]) -> tuple[str, ...]:
    """HTTP methods of an address below the base URL; empty when there is nothing there. HEAD goes with GET."""
    return ("GET",) if path in _READ_ONLY_ADDRESSES else tuple(_meanings(path))


def asked(method: Method, path: tuple[str, ...]) -> Interaction:
    """What an address means with a method.

    Raises:
        NotFound: there is nothing at this address.
        MethodNotAllowed: there is, not with this method.
    """
    interaction = interaction_of(method, path)
    if interaction is None:
        raise _not_with_this_method(path) if allowed_methods(path) else NotFound
    return interaction


def _not_with_this_method(path: tuple[str, ...]) -> MethodNotAllowed:
    instead = MADE_ELSEWHERE.get(path[0]) if path else None
    return MethodNotAllowed(*([error(IssueType.NOT_SUPPORTED, instead)] if instead else ()))


def interaction_of(method: Method, path: tuple[str, ...]) -> Interaction | None:
    """What is asked for; None when the address does not exist or not with this method (see ``allowed_methods``)."""
    return _meanings(path).get("GET" if method == "HEAD" else method)


def _meanings(path: tuple[str, ...]) -> dict[Method, Interaction]:
    if path and path[-1].startswith("$"):
        operation = find_operation(OPERATIONS, path)
        return {} if operation is None else {_METHODS[name]: "operation" for name in operation.methods}
    if path[:1] == ("Patient",) and any(one == EVERY_TYPE or in_compartment(one) for one in path[2:3]):
        return _IN_COMPARTMENT.get(path[3:], {})
    if not path:
        return {"POST": "bundle"}
    meant = _at(path[1:])
    if meant is _AT_TYPE and "search-type" in INTERACTIONS.get(path[0], ()):
        meant = _AT_TYPE | _CONDITIONAL
    return _offered(path[0], meant)


def _at(steps: tuple[str, ...]) -> dict[Method, Offered]:
    """What the addresses of a type mean."""
    found: dict[Method, Offered] = {}
    match steps:
        case ():
            found = _AT_TYPE
        case ("_search",):
            found = {"POST": "search-type"}
        case ("_history",):
            found = {"GET": "history-type"}
        case (_,):
            found = _AT_INSTANCE
        case (_, "_history"):
            found = {"GET": "history-instance"}
        case (_, "_history", _):
            found = {"GET": "vread"}
    return found


def _offered(resource_type: str, meant: dict[Method, Offered]) -> dict[Method, Interaction]:
    offered = INTERACTIONS.get(resource_type, ())
    return {method: interaction for method, interaction in meant.items() if interaction in offered}


def in_compartment(resource_type: str) -> bool:
    """True for what ``Patient/[id]/[type]`` finds: types that a patient's data are of."""
    found = "search-type" in INTERACTIONS.get(resource_type, ()) and resource_type not in APART
    return found and "patient" in parameters_of(resource_type)
