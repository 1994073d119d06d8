"""The compulsory health insurance (AMO) <-> Coverage, one per pathway.

R4 has a place for each part that is known: the codes of régime, caisse and centre are classes of the coverage (with
types of our own: an employer's group or plan is something else), care at 100 % is a share of 0 % for the patient. That
the patient pays a share which nobody wrote down is a share without its number, said to be unknown. No extension.
When nothing was recorded, and a claim needs its insurance, the Coverage says who pays and no more.
"""

from typing import Any

from mappings.code_systems import COVERAGE_CLASSES
from mappings.datatypes import coding, compact, concept, extension, head, patient_reference
from mappings.fields import FieldMap
from sesame_fhir.domain.events.billing import CoverageRecorded
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.canonical import DATA_ABSENT_REASON, UCUM
from sesame_fhir.fhir.json_types import Json

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_COPAY = "http://terminology.hl7.org/CodeSystem/coverage-copay-type"
SHARE = "copaypct"
"""Type of the patient's share, in percent."""
INSURER: Json = {"type": "Organization", "display": "Assurance maladie"}
"""Who pays: named, not numbered; which caisse it is, the classes of the Coverage say."""

FIELDS = (
    FieldMap(
        CoverageRecorded,
        mapped={
            "regime": "Coverage.class",
            "fund": "Coverage.class",
            "centre": "Coverage.class",
            "full": "Coverage.costToBeneficiary",
        },
    ),
)


def coverage_id(pathway_id: PathwayId) -> str:
    """Logical id: one Coverage per pathway, whose versions are its history."""
    return pathway_id


def coverage(pathway_id: PathwayId, data: CoverageRecorded | None) -> Json:
    """Build the Coverage; ``data`` None: nothing is known but who pays."""
    known = data or CoverageRecorded()
    codes = {"regime": known.regime, "fund": known.fund, "centre": known.centre}
    return compact(
        {
            **head("Coverage", coverage_id(pathway_id), "coverage"),
            "status": "active",
            "type": concept(coding(ACT_CODE, "PUBLICPOL", "public healthcare")),
            "beneficiary": patient_reference(pathway_id),
            "payor": [INSURER],
            "class": [
                {"type": concept(COVERAGE_CLASSES.coding(kind)), "value": code} for kind, code in codes.items() if code
            ],
            "costToBeneficiary": [] if known.full is None else [_share(full=known.full)],
        }
    )


def _share(*, full: bool) -> Json:
    unknown = {"_value": {"extension": [extension(DATA_ABSENT_REASON, "Code", "unknown")]}}
    number: dict[str, Any] = {"value": 0} if full else unknown
    return {
        "type": concept(coding(_COPAY, SHARE, "Copay Percentage")),
        "valueQuantity": {**number, "unit": "%", "system": UCUM, "code": "%"},
    }
