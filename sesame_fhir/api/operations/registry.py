"""What an operation is: the one shape that routes, Bundles, CapabilityStatement, OpenAPI and tests are made from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.parameters import Parameter

Level = Literal["system", "type", "instance"]
Run = Callable[[ApiDeps, Caller, Ask], Answer]

R4_OPERATION = "http://hl7.org/fhir/OperationDefinition"
SDC_OPERATION = "http://hl7.org/fhir/uv/sdc/OperationDefinition"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``name`` has no ``$``; ``definition`` is the canonical of its OperationDefinition.

    ``types`` are those at whose addresses it is offered (none for the system level only). ``resource`` names the
    parameter whose resource may be POSTed as it is, without Parameters around it. GET is offered where
    ``affects_state`` is false.
    """

    name: str
    definition: str
    levels: tuple[Level, ...]
    types: tuple[str, ...]
    run: Run
    parameters: tuple[Parameter, ...] = ()
    resource: str | None = None
    affects_state: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        """HTTP methods of its address."""
        return ("POST",) if self.affects_state else ("GET", "POST")


def level_of(path: tuple[str, ...]) -> tuple[Level, str | None] | None:
    """Level and type of an operation's address, ``("Patient", "1", "$everything")``; None for any other address."""
    if not path or not path[-1].startswith("$"):
        return None
    match path[:-1]:
        case ():
            return "system", None
        case (resource_type,):
            return "type", resource_type
        case (resource_type, _):
            return "instance", resource_type
    return None


def find_operation(operations: Iterable[Operation], path: tuple[str, ...]) -> Operation | None:
    """The operation at an address, None when there is none."""
    place = level_of(path)
    if place is None:
        return None
    level, resource_type = place
    name = path[-1].removeprefix("$")
    return next(
        (
            one
            for one in operations
            if one.name == name and level in one.levels and (resource_type is None or resource_type in one.types)
        ),
        None,
    )
