"""Coverage -> the patient's compulsory health insurance as recorded: régime, caisse, centre, care at 100 % or not.

What a Coverage of ours has no place for in the pathway is refused rather than lost, but for elements of their own
(period, subscriber), which are kept beside it.
"""

from mappings.code_systems import COVERAGE_CLASSES
from mappings.coverage import SHARE
from mappings.incoming.elements import absent, claims, codings, contradictory, names
from sesame_fhir.domain.events.billing import CoverageRecorded
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects

PROFILE = own("StructureDefinition", "sesame-coverage")


def is_ours(resource: Json) -> bool:
    """True for an insurance that says régime, caisse or centre by our codes, or follows our profile."""
    types = [child(one, "type") for one in objects(resource, "class")]
    return names(COVERAGE_CLASSES, types) or claims(resource, PROFILE)


def recorded(resource: Json) -> CoverageRecorded:
    """What the resource says of the insurance; digits are the domain's to judge.

    Raises:
        UnprocessableResource: nothing is said, twice the same code, another class or another share than ours.
    """
    found: dict[str, str] = {}
    for place, one in enumerate(objects(resource, "class")):
        code = _class_of(one)
        if code is None or code in found:
            text = "Dire une fois au plus le régime, la caisse et le centre, par un code de sesame-coverage-class."
            raise contradictory(text, f"Coverage.class[{place}]")
        found[code] = str(one.get("value", ""))
    full = _full(resource)
    if not found and full is None:
        raise absent("Coverage.class", "Dire au moins le régime, la caisse, le centre ou la part du patient.")
    return CoverageRecorded(found.get("regime"), found.get("fund"), found.get("centre"), full)


def _class_of(described: Json) -> str | None:
    known = {str(c.get("code")) for c in codings(child(described, "type")) if c.get("system") == COVERAGE_CLASSES.url}
    return known.pop() if len(known) == 1 and known <= COVERAGE_CLASSES.concepts.keys() else None


def _full(resource: Json) -> bool | None:
    """Care at 100 % is a share of 0 % for the patient; a share without its number is one that nobody knows."""
    shares = objects(resource, "costToBeneficiary")
    if not shares:
        return None
    quantity = child(shares[0], "valueQuantity")
    in_percent = quantity.get("code") == "%" and SHARE in {c.get("code") for c in codings(child(shares[0], "type"))}
    if len(shares) > 1 or not in_percent or quantity.get("value", 0) != 0:
        text = "La part du patient se dit en pourcentage (copaypct) : 0 % pour des soins pris en charge à 100 %, sinon"
        raise contradictory(f"{text} sans nombre.", "Coverage.costToBeneficiary")
    return "value" in quantity
