"""Systems and small builders shared by the demo record's resources."""

from mappings.datatypes import reference
from sesame_fhir.fhir.canonical import FR_CORE_IDENTIFIER_TYPE, NOS, V2_0203, fr_core_profile
from sesame_fhir.fhir.json_types import Json

EHR_IDENTIFIERS = "https://dossier-demo.example/identifiants"
"""Root of the identifiers that this fictitious practice gives (``.example`` belongs to nobody: RFC 2606)."""

ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PROFESSION_CATEGORY = f"{NOS}/TRE_R09-CategorieProfessionnelle/FHIR/TRE-R09-CategorieProfessionnelle"
COMMUNE = f"{NOS}/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM"
ATC = "http://www.whocc.no/atc"

TEST_DATA = {"system": ACT_REASON, "code": "HTEST"}
"""HL7's mark of test health data. The demo record's own resources carry it, what the app sends does not."""


def start(resource_type: str, resource_id: str, profile: str | None = None) -> Json:
    """The beginning of a resource: type, id, test mark, and the FR Core profile it follows, if any."""
    meta: Json = {"tag": [TEST_DATA]}
    if profile is not None:
        meta["profile"] = [fr_core_profile(profile)]
    return {"resourceType": resource_type, "id": resource_id, "meta": meta}


def french_identifier(type_code: str, system: str, value: str, use: str | None = None) -> Json:
    """An identifier typed with FR Core's code system; ``use`` official is reserved to the INS."""
    identifier: Json = {
        "type": {"coding": [{"system": FR_CORE_IDENTIFIER_TYPE, "code": type_code}]},
        "system": system,
        "value": value,
    }
    return identifier if use is None else {"use": use, **identifier}


def internal_patient_number(value: str) -> Json:
    """The practice's own patient number (IPP)."""
    return {
        "use": "usual",
        "type": {"coding": [{"system": V2_0203, "code": "PI"}]},
        "system": f"{EHR_IDENTIFIERS}/ipp",
        "value": value,
    }


def named(resource_type: str, resource_id: str, display: str) -> Json:
    """A literal reference with the name that a reader would recognise."""
    return {**reference(resource_type, resource_id), "display": display}
