"""The only door to ``fhir.resources``: a typed view of a resource, for people exploring and for tests.

Never on a request's path: it costs about a hundred times the strict schema, it is R4B (4.3.0) and not R4, loses
decimal text and does not check required codes (see docs). What it is good for: completion in an editor, and a second
opinion on the structure in tests.
"""

from fhir.resources.R4B import get_fhir_model_class
from fhir_core.fhirabstractmodel import FHIRAbstractModel

from sesame_fhir.fhir.json_types import Json


def typed(resource: Json) -> FHIRAbstractModel:
    """The R4B model of a resource.

    Raises:
        KeyError: no ``resourceType``.
        ValueError: R4B has no such type, or the model refuses the content (``pydantic.ValidationError``).
    """
    return get_fhir_model_class(resource["resourceType"]).model_validate(resource)
