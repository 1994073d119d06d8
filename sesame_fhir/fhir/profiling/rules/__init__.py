"""The invariants of our profiles, by key, as plain functions of one resource; a test holds each to its FHIRPath.

As the reference validator decides: what an expression cannot tell (empty) does not hold.
"""

from collections.abc import Mapping

from sesame_fhir.fhir.profiling.model import Holds
from sesame_fhir.fhir.profiling.rules.billing import BILLING
from sesame_fhir.fhir.profiling.rules.care import CARE
from sesame_fhir.fhir.profiling.rules.messages import MESSAGES
from sesame_fhir.fhir.profiling.rules.people import PEOPLE
from sesame_fhir.fhir.profiling.rules.scores import SCORES

RULES: Mapping[str, Holds] = {**BILLING, **CARE, **MESSAGES, **PEOPLE, **SCORES}
