"""One interaction performed, whichever way it was asked for: the table from what is asked to who answers it."""

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade import audit_events, histories, reading, writing
from sesame_fhir.api.facade.addresses import Interaction, asked
from sesame_fhir.api.facade.bundles import bundle
from sesame_fhir.api.facade.compartments import of_patient
from sesame_fhir.api.facade.exchange import Answer, Ask, Perform
from sesame_fhir.api.facade.searching import search
from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.api.operations.registry import find_operation
from sesame_fhir.services.errors import NotFound


def perform(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """Answer an interaction or an operation.

    Raises:
        NotFound: there is nothing at this address.
        MethodNotAllowed: there is, not with this method.
        FhirError, ServiceError, Refused: whatever the interaction refuses; ``fhir.errors`` explains them all.
    """
    interaction = asked(ask.method, ask.path)
    elsewhere = _OF_THE_LOG.get(interaction) if ask.path[:1] == (audit_events.TYPE,) else None
    return (elsewhere or _PERFORMED[interaction])(deps, caller, ask)


def _operation(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    operation = find_operation(OPERATIONS, ask.path)
    if operation is None:
        raise NotFound
    return operation.run(deps, caller, ask)


def _bundle(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    return bundle(deps, caller, ask, perform)


def _search(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    return search(deps, caller, ask, ask.path[0])


_PERFORMED: dict[Interaction, Perform] = {
    "read": reading.read,
    "vread": reading.vread,
    "history-instance": histories.of_instance,
    "history-type": histories.of_type,
    "search-type": _search,
    "search-compartment": of_patient,
    "create": writing.create,
    "update": writing.update,
    "patch": writing.patch,
    "delete": writing.delete,
    "bundle": _bundle,
    "operation": _operation,
}

_OF_THE_LOG: dict[Interaction, Perform] = {"read": audit_events.read, "search-type": audit_events.search}
"""Of the type that is not in the store of resources."""
