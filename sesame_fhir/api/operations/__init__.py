"""Operations of the facade, one module each: functions ``(deps, caller, ask) -> Answer``, and the table of them all."""

from sesame_fhir.api.operations.code_systems import CODE_SYSTEM_OPERATIONS
from sesame_fhir.api.operations.concept_maps import CONCEPT_MAP_OPERATIONS
from sesame_fhir.api.operations.registry import Operation
from sesame_fhir.api.operations.value_sets import VALUE_SET_OPERATIONS

OPERATIONS: tuple[Operation, ...] = (
    *CODE_SYSTEM_OPERATIONS,
    *VALUE_SET_OPERATIONS,
    *CONCEPT_MAP_OPERATIONS,
)
