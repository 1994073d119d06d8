"""PatientTraits <-> Patient, with the French identity rules.

Source: FR Core 2.2.0 (fr-core-patient, fr-core-patient-ins). A Patient with an INS follows the conventions of the INS
profile (typed identifier, use official, one given name and the birth list); it claims fr-core-patient only, because
the INS profile also demands the birth place, which the pathway does not hold.
"""

from collections.abc import Sequence
from datetime import date

from mappings.claimed import claimed
from mappings.datatypes import compact, extension, patient_reference
from mappings.fields import FieldMap
from sesame_fhir.domain.events import PatientTraits, Sex
from sesame_fhir.domain.identifiers import Ins, InsNature, InvalidIdentifier
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.json_types import Json

BIRTH_GIVEN_NAMES = f"{canonical.FR_CORE}/StructureDefinition/fr-core-patient-birth-list-given-name"

INS_SYSTEMS = {
    InsNature.NIR: canonical.INS_NIR,
    InsNature.NIA: canonical.INS_NIA,
    InsNature.TEST: canonical.INS_NIR_TEST,
    InsNature.DEMO: canonical.INS_NIR_DEMO,
}
_NATURES = {system: nature for nature, system in INS_SYSTEMS.items()}
_RELIABILITY = f"{canonical.FR_CORE}/StructureDefinition/fr-core-identity-reliability"
_FULL_DATE = 10

QUALIFIED = frozenset({"VALI", "QUAL"})
"""Identity statuses under which a real INS may be used: VALI in FR Core 2.2.0, QUAL in its announced successor."""

FIELDS = (
    FieldMap(
        PatientTraits,
        mapped={
            "family": "Patient.name.family",
            "given": "Patient.name.given",
            "birth_date": "Patient.birthDate",
            "sex": "Patient.gender",
            "ins": "Patient.identifier",
            "phone": "Patient.telecom",
        },
    ),
)


def patient(traits: PatientTraits, resource_id: str, links: Sequence[Json] = (), *, active: bool = True) -> Json:
    """Build the Patient, which claims our profile where FR Core allows what is known of the person.

    ``links`` lead to the same person's other pathways (``links_of``); ``active`` False once another one goes on.
    """
    return compact(
        {
            "resourceType": "Patient",
            "id": resource_id,
            "meta": claimed("Patient", "pathway") if _conforms(traits) else None,
            "identifier": [_ins(traits.ins)] if traits.ins else None,
            "active": active,
            "name": [_name(traits)],
            "telecom": [{"system": "phone", "value": traits.phone}] if traits.phone else None,
            "gender": traits.sex.value,
            "birthDate": traits.birth_date.isoformat() if traits.birth_date else None,
            "link": list(links),
        }
    )


def links_of(
    previous: PathwayId | None, absorbed: Sequence[PathwayId], merged_into: PathwayId | None
) -> tuple[Json, ...]:
    """Links to the same patient's other pathways: the one left before, those absorbed, the one that goes on."""
    kinds = (
        ("seealso", () if previous is None else (previous,)),
        ("replaces", absorbed),
        ("replaced-by", () if merged_into is None else (merged_into,)),
    )
    return tuple({"other": patient_reference(other), "type": kind} for kind, others in kinds for other in others)


def traits_of(resource: Json) -> PatientTraits:
    """Read the traits from an EHR's Patient: official name first, a valid official INS only, a full birth date only."""
    name = _chosen_name(resource)
    born = str(resource.get("birthDate", ""))
    gender = str(resource.get("gender", ""))
    statuses = _identity_statuses(resource)
    return PatientTraits(
        family=str(name.get("family", "")),
        given=_given(name),
        birth_date=_day(born),
        sex=Sex(gender) if gender in set(Sex) else Sex.UNKNOWN,
        ins=next(
            (i for entry in resource.get("identifier", ()) if (i := _read_ins(entry, statuses)) is not None), None
        ),
        phone=next(
            (str(t["value"]) for t in resource.get("telecom", ()) if t.get("system") == "phone" and t.get("value")),
            None,
        ),
    )


def _conforms(traits: PatientTraits) -> bool:
    """FR Core knows male, female and unknown; our profile asks for the family name."""
    return bool(traits.family) and traits.sex is not Sex.OTHER


def _ins(ins: Ins) -> Json:
    kind = {"coding": [{"system": canonical.FR_CORE_IDENTIFIER_TYPE, "code": ins.nature.value}]}
    return {"use": "official", "type": kind, "system": INS_SYSTEMS[ins.nature], "value": ins.value}


def _name(traits: PatientTraits) -> Json:
    if traits.ins is None:
        return compact({"family": traits.family, "given": [traits.given] if traits.given else None})
    return compact(
        {
            "use": "official",
            "extension": [extension(BIRTH_GIVEN_NAMES, "String", traits.given)] if traits.given else None,
            "family": traits.family,
            "given": [traits.given] if traits.given else None,
        }
    )


def _chosen_name(resource: Json) -> Json:
    names: list[Json] = [n for n in resource.get("name", ()) if n.get("use") not in {"old", "nickname", "anonymous"}]
    ranked = sorted(names, key=lambda n: n.get("use") != "official")
    return ranked[0] if ranked else {}


def _given(name: Json) -> str:
    listed = next((e.get("valueString") for e in name.get("extension", ()) if e.get("url") == BIRTH_GIVEN_NAMES), None)
    return str(listed or " ".join(name.get("given", ())))


def _identity_statuses(resource: Json) -> frozenset[str]:
    """Statuses the source gives (none, most often: the extension is optional)."""
    return frozenset(
        str(part.get("valueCoding", {}).get("code"))
        for found in resource.get("extension", ())
        if found.get("url") == _RELIABILITY
        for part in found.get("extension", ())
        if part.get("url") == "identityStatus"
    )


def _day(text: str) -> date | None:
    """A month or a year alone is not a birth date: the age it gives may be wrong by a year."""
    if len(text) != _FULL_DATE:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def ins_of(identifier: Json) -> Ins | None:
    """The INS that names a patient in a reference; None when it is not a valid one."""
    return _read_ins(identifier, frozenset())


def _read_ins(entry: Json, statuses: frozenset[str]) -> Ins | None:
    """A real matricule needs a qualified identity; test and demo matricules identify nobody."""
    nature = _NATURES.get(str(entry.get("system", "")))
    if nature is None or entry.get("use") == "old":
        return None
    real = nature in {InsNature.NIR, InsNature.NIA}
    if real and (entry.get("use") != "official" or not statuses <= QUALIFIED):
        return None
    try:
        return Ins.parse(str(entry.get("value", "")), nature)
    except InvalidIdentifier:
        return None
