"""Patient and author as the record names them, with their French identifiers checked.

INS (reference: FR Core 2.2.0, fr-core-patient-ins): a matricule travels only with a qualified identity. A real one is
taken when the resource claims that profile, or carries the status QUAL of the coming code system, and no status says
the contrary; the state that only says "validated" is not enough by itself. Test and demo matricules qualify nothing
and are taken as they are. A wrong key means no INS, and a note.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.events import PatientTraits, Sex
from sesame_fhir.domain.identifiers import Ins, InsNature, InvalidIdentifier, Rpps
from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.snapshot import Note, NoteCode
from smart_app.ehr.searching import list_of_objects, object_of

_NATURES = {
    canonical.INS_NIR: InsNature.NIR,
    canonical.INS_NIA: InsNature.NIA,
    canonical.INS_NIR_TEST: InsNature.TEST,
    canonical.INS_NIR_DEMO: InsNature.DEMO,
}
_SYNTHETIC = frozenset({InsNature.TEST, InsNature.DEMO})
_INS_PROFILE = f"{canonical.FR_CORE}/StructureDefinition/fr-core-patient-ins"
_RELIABILITY = f"{canonical.FR_CORE}/StructureDefinition/fr-core-identity-reliability"
_PROFESSIONS = (
    ((canonical.PROFESSION, "10"), Role.GP),
    ((canonical.PROFESSION, "60"), Role.NURSE),
    ((canonical.PROFESSION, "69"), Role.NURSE),
)
_PSYCHIATRY = frozenset((canonical.ORDINAL_SPECIALITY, code) for code in ("SM42", "SM43", "SM92", "SM93"))
_IDNAT_RPPS_PREFIX = "8"
_ISO_DAY_LENGTH = 10


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """Codes of the identity status, configurable because the national table is about to change."""

    qualified: frozenset[str] = frozenset({"QUAL"})
    compatible: frozenset[str] = frozenset({"QUAL", "VALI"})


def patient_traits(patient: Json, rules: IdentityRules) -> tuple[PatientTraits, tuple[Note, ...]]:
    """Read a Patient; what cannot be trusted is left out, with a note."""
    ins, notes = _ins(patient, rules)
    name = _best_name(patient)
    traits = PatientTraits(
        family=_text(name.get("family")) or _text(name.get("text")),
        given=" ".join(_texts(name.get("given"))[:1]),
        birth_date=_day(patient.get("birthDate")),
        sex=_sex(patient.get("gender")),
        ins=ins,
        phone=_phone(patient),
    )
    return traits, notes


def author(practitioner: Json, fallback: Actor, reference: str, ehr_id: str) -> tuple[Actor, tuple[Note, ...]]:
    """Read the Practitioner who launched; the RPPS is the stable id where there is one."""
    rpps, notes = _rpps(practitioner)
    name = _best_name(practitioner)
    parts = [*_texts(name.get("prefix"))[:1], *_texts(name.get("given"))[:1], _text(name.get("family"))]
    shown = " ".join(part for part in parts if part) or _text(name.get("text")) or fallback.name
    actor_id = rpps.value if rpps else f"{ehr_id}|{reference}"
    return Actor(actor_id, role_of(practitioner) or fallback.role, shown, rpps), notes


def role_of(practitioner: Json) -> Role | None:
    """Role by profession and ordinal speciality (national tables TRE_G15 and TRE_R38); None when they do not say."""
    codes = {
        (_text(coding.get("system")), _text(coding.get("code")))
        for qualification in list_of_objects(practitioner.get("qualification"))
        for coding in list_of_objects(object_of(qualification.get("code")).get("coding"))
    }
    found = next((role for wanted, role in _PROFESSIONS if wanted in codes), None)
    return Role.PSYCHIATRIST if found is Role.GP and codes & _PSYCHIATRY else found


def _ins(patient: Json, rules: IdentityRules) -> tuple[Ins | None, tuple[Note, ...]]:
    found: set[Ins] = set()
    notes: list[Note] = []
    for identifier in list_of_objects(patient.get("identifier")):
        nature = _NATURES.get(_text(identifier.get("system")))
        if nature is None or identifier.get("use", "official") != "official":
            continue
        if nature not in _SYNTHETIC and not _qualified(patient, rules):
            notes.append(Note(NoteCode.INS_NOT_QUALIFIED))
            continue
        try:
            found.add(Ins.parse(_text(identifier.get("value")), nature))
        except InvalidIdentifier as wrong:
            notes.append(Note(NoteCode.INS_INVALID, wrong.problem))
    if len(found) > 1:
        return None, (*notes, Note(NoteCode.INS_AMBIGUOUS))
    return next(iter(found), None), tuple(notes)


def _qualified(patient: Json, rules: IdentityRules) -> bool:
    statuses = set(_identity_statuses(patient))
    claims = {p.partition("|")[0] for p in _texts(object_of(patient.get("meta")).get("profile"))}
    return statuses <= rules.compatible and (_INS_PROFILE in claims or bool(statuses & rules.qualified))


def _identity_statuses(patient: Json) -> Iterator[str]:
    for extension in list_of_objects(patient.get("extension")):
        if extension.get("url") == _RELIABILITY:
            for part in list_of_objects(extension.get("extension")):
                if part.get("url") == "identityStatus":
                    yield _text(object_of(part.get("valueCoding")).get("code"))


def _rpps(practitioner: Json) -> tuple[Rpps | None, tuple[Note, ...]]:
    """From the RPPS system, or from the national id (IDNPS), where an RPPS is preceded by the digit 8."""
    notes: list[Note] = []
    for identifier in list_of_objects(practitioner.get("identifier")):
        system, value = identifier.get("system"), _text(identifier.get("value"))
        if system == canonical.IDNAT_PS and value.startswith(_IDNAT_RPPS_PREFIX):
            value = value[len(_IDNAT_RPPS_PREFIX) :]
        elif system != canonical.RPPS:
            continue
        try:
            return Rpps.parse(value), ()
        except InvalidIdentifier as wrong:
            notes.append(Note(NoteCode.RPPS_INVALID, wrong.problem))
    return None, tuple(notes)


def _best_name(resource: Json) -> Json:
    names = list_of_objects(resource.get("name"))
    order = {"official": 0, "usual": 1, "": 2}
    current = [n for n in names if n.get("use") not in ("old", "anonymous")]
    return min(current, key=lambda n: order.get(_text(n.get("use")), 3), default={})


def _phone(patient: Json) -> str | None:
    """Mobile first: the nurse calls the patient."""
    phones = [
        t for t in list_of_objects(patient.get("telecom")) if t.get("system") == "phone" and t.get("use") != "old"
    ]
    phones.sort(key=lambda t: t.get("use") != "mobile")
    return next((_text(t.get("value")) for t in phones if _text(t.get("value"))), None)


def _day(value: object) -> date | None:
    """A whole date only: an age cannot be told from a year."""
    if not isinstance(value, str) or len(value) != _ISO_DAY_LENGTH:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _sex(value: object) -> Sex:
    return next((sex for sex in Sex if sex.value == value), Sex.UNKNOWN)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
