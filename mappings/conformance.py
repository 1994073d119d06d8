"""Every published conformance resource of ``profiles/``, as this server serves it and answers questions about codes."""

from functools import cache

from mappings.profiles import FOLDER
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiles import ProfileCheck
from sesame_fhir.fhir.profiling import compile_profiles
from sesame_fhir.fhir.profiling.model import Codes
from sesame_fhir.fhir.profiling.rules import RULES
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.terminology import Terminology

SERVED = (
    *("CodeSystem", "ConceptMap", "Measure", "OperationDefinition", "Questionnaire"),
    *("SearchParameter", "StructureDefinition", "ValueSet"),
)
"""Types that are served as resources; the CapabilityStatement is made from the running server."""


@cache
def load_conformance() -> tuple[Json, ...]:
    """Every resource of ``SERVED``, by type and id; examples lie in folders of their own and are none of them."""
    found = [read_json(path.read_bytes()) for kind in SERVED for path in sorted(FOLDER.glob(f"{kind}-*.json"))]
    return tuple(one for one in found if one.get("url"))


@cache
def load_terminology() -> Terminology:
    """Our CodeSystems, ValueSets and ConceptMaps."""
    return Terminology(load_conformance())


@cache
def load_profile_checks() -> dict[str, ProfileCheck]:
    """What each of our profiles asks, by its URL."""
    definitions = [one for one in load_conformance() if one["resourceType"] == "StructureDefinition"]
    return compile_profiles(definitions, _codes, RULES)


def _codes(canonical: str) -> Codes | None:
    terminology = load_terminology()
    value_set = terminology.value_set(canonical)
    return None if value_set is None else frozenset((one.system, one.code) for one in terminology.expand(value_set))
