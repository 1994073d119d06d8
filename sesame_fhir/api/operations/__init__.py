"""Operations of the facade, one module each: functions ``(deps, caller, ask) -> Answer``, and the table of them all."""

from sesame_fhir.api.operations.code_systems import CODE_SYSTEM_OPERATIONS
from sesame_fhir.api.operations.concept_maps import CONCEPT_MAP_OPERATIONS
from sesame_fhir.api.operations.everything import EVERYTHING_OPERATIONS
from sesame_fhir.api.operations.extracting import EXTRACT_OPERATIONS
from sesame_fhir.api.operations.forms import PACKAGE_OPERATIONS
from sesame_fhir.api.operations.matching import MATCH_OPERATIONS
from sesame_fhir.api.operations.measuring import MEASURE_OPERATIONS
from sesame_fhir.api.operations.populating import POPULATE_OPERATIONS
from sesame_fhir.api.operations.registry import Operation
from sesame_fhir.api.operations.subscriptions import SUBSCRIPTION_OPERATIONS
from sesame_fhir.api.operations.summarizing import SUMMARY_OPERATIONS
from sesame_fhir.api.operations.validating import VALIDATE_OPERATIONS
from sesame_fhir.api.operations.value_sets import VALUE_SET_OPERATIONS

OPERATIONS: tuple[Operation, ...] = (
    *VALIDATE_OPERATIONS,
    *POPULATE_OPERATIONS,
    *PACKAGE_OPERATIONS,
    *EXTRACT_OPERATIONS,
    *EVERYTHING_OPERATIONS,
    *MATCH_OPERATIONS,
    *SUMMARY_OPERATIONS,
    *SUBSCRIPTION_OPERATIONS,
    *MEASURE_OPERATIONS,
    *CODE_SYSTEM_OPERATIONS,
    *VALUE_SET_OPERATIONS,
    *CONCEPT_MAP_OPERATIONS,
)
