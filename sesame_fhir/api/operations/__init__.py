"""Operations of the facade, one module each: functions ``(deps, caller, ask) -> Answer``, and the table of them all."""

from sesame_fhir.api.operations.registry import Operation

OPERATIONS: tuple[Operation, ...] = ()
