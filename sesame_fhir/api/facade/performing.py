"""One interaction performed, whichever way it was asked for: the table from what is asked to who answers it."""

from collections.abc import Callable

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade import reading, writing
from sesame_fhir.api.facade.addresses import Interaction, allowed_methods, interaction_of
from sesame_fhir.api.facade.exchange import Answer, Ask, Method
from sesame_fhir.api.facade.searching import search
from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.api.operations.registry import find_operation
from sesame_fhir.fhir.errors import MethodNotAllowed
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.search import ReferenceClause, ReferenceValue

Perform = Callable[[ApiDeps, Caller, Ask], Answer]


def perform(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """Answer an interaction or an operation.

    Raises:
        NotFound: there is nothing at this address.
        MethodNotAllowed: there is, not with this method.
        FhirError, ServiceError, Refused: whatever the interaction refuses; ``fhir.errors`` explains them all.
    """
    return _PERFORMED[asked(ask.method, ask.path)](deps, caller, ask)


def asked(method: Method, path: tuple[str, ...]) -> Interaction:
    """What an address means with a method.

    Raises:
        NotFound: there is nothing at this address.
        MethodNotAllowed: there is, not with this method.
    """
    interaction = interaction_of(method, path)
    if interaction is None:
        raise MethodNotAllowed if allowed_methods(path) else NotFound
    return interaction


def _operation(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    operation = find_operation(OPERATIONS, ask.path)
    if operation is None:
        raise NotFound
    return operation.run(deps, caller, ask)


def _search(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    return search(deps, caller, ask, ask.path[0])


def _compartment(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``GET Patient/[id]/[type]?…``: what is about the patient, as the ``patient`` parameter finds it."""
    _, patient, resource_type = ask.path[:3]
    return search(
        deps, caller, ask, resource_type, (ReferenceClause("patient", (ReferenceValue("Patient", patient),)),)
    )


_PERFORMED: dict[Interaction, Perform] = {
    "read": reading.read,
    "vread": reading.vread,
    "history-instance": reading.history,
    "search-type": _search,
    "search-compartment": _compartment,
    "create": writing.create,
    "update": writing.update,
    "operation": _operation,
}
