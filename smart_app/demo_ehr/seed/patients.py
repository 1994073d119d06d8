"""Patients as FR Core asks for them: with a test INS where the identity is validated, without one where it is not."""

from mappings.datatypes import extension, reference
from mappings.patient import BIRTH_GIVEN_NAMES
from sesame_fhir.fhir.canonical import EXTENSION_ROOT, FR_CORE, INS_NIR_TEST
from sesame_fhir.fhir.json_types import Json
from smart_app.demo_ehr.seed.people import Person
from smart_app.demo_ehr.seed.staff import CENTRE_ID, STAFF
from smart_app.demo_ehr.seed.terms import COMMUNE, french_identifier, internal_patient_number, named, start

_FR_EXTENSION = f"{FR_CORE}/StructureDefinition"
_IDENTITY_STATUS = f"{FR_CORE}/CodeSystem/fr-core-cs-v2-0445"
_VALIDATION_MODE = f"{FR_CORE}/CodeSystem/fr-core-cs-mode-validation-identity"


def patient(person: Person) -> Json:
    """One Patient: fr-core-patient-ins with its traits, or plain fr-core-patient without INS."""
    profile = "fr-core-patient" if person.ins is None else "fr-core-patient-ins"
    home, mobile = person.phones
    return {
        **start("Patient", person.patient_id, profile),
        "extension": [_reliability(person), _birth_place(person)],
        "identifier": _identifiers(person),
        "active": True,
        "name": _names(person),
        "telecom": [
            {"system": "phone", "value": home, "use": "home"},
            {"system": "phone", "value": mobile, "use": "mobile"},
        ],
        "gender": person.sex,
        "birthDate": person.birth_date.isoformat(),
        "address": [_address(person)],
        "generalPractitioner": [named("Practitioner", person.gp_id, STAFF[person.gp_id].display)],
        "managingOrganization": reference("Organization", CENTRE_ID),
    }


def _identifiers(person: Person) -> list[Json]:
    own = internal_patient_number(f"DEMO-{person.number:05d}")
    if person.ins is None:
        return [own]
    return [french_identifier("INS-NIR-TEST", INS_NIR_TEST, person.ins.value, "official"), own]


def _reliability(person: Person) -> Json:
    status = "PROV" if person.ins is None else "VALI"
    parts: list[Json] = [{"url": "identityStatus", "valueCoding": {"system": _IDENTITY_STATUS, "code": status}}]
    if person.ins is not None:
        # CN: carte nationale d'identité, one of the modes that FR Core admits for an INS.
        parts.append({"url": "validationMode", "valueCoding": {"system": _VALIDATION_MODE, "code": "CN"}})
    return {"extension": parts, "url": f"{_FR_EXTENSION}/fr-core-identity-reliability"}


def _birth_place(person: Person) -> Json:
    code = {"system": COMMUNE, "code": person.birth_commune}
    return {
        "url": f"{EXTENSION_ROOT}/patient-birthPlace",
        "valueAddress": {
            "extension": [{"url": f"{_FR_EXTENSION}/fr-core-address-insee-code", "valueCoding": code}],
            "city": person.birth_city,
            "country": "FRA",
        },
    }


def _names(person: Person) -> list[Json]:
    official = {
        "extension": [extension(BIRTH_GIVEN_NAMES, "String", " ".join(person.given))],
        "use": "official",
        "family": person.family,
        "given": [person.given[0]],
    }
    if person.usual is None:
        return [official]
    return [official, {"use": "usual", "family": person.usual, "given": [person.given[0]]}]


def _address(person: Person) -> Json:
    return {
        "use": "home",
        "line": [f"{person.number} allée des Exemples"],
        "city": "Ville-Fictive",
        "postalCode": "95999",
        "country": "FRA",
    }
