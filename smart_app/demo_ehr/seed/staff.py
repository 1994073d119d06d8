"""The fictitious health centre, its psychiatric partner, and the people who work there."""

from collections.abc import Iterator
from dataclasses import dataclass

from sesame_fhir.fhir.canonical import FINESS, IDNAT_PS, IDNAT_STRUCTURE, ORDINAL_SPECIALITY, PROFESSION, RPPS
from sesame_fhir.fhir.json_types import Json
from smart_app.demo_ehr.seed.terms import PROFESSION_CATEGORY, french_identifier, start

CENTRE_ID = "centre-demo"
PSYCHIATRY_ID = "psychiatrie-demo"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who signs in. ``rpps`` has a valid key and starts with 999, which no register gives; professionals only.

    ``profession`` is a TRE_G15 code, ``specialty`` a TRE_R38 code (physicians only). ``record``: opens records here;
    the others have an account of this software for what it opens beside it.
    """

    staff_id: str
    family: str
    given: str
    gender: str
    rpps: str | None
    profession: str | None
    job: str
    prefix: str | None = None
    specialty: str | None = None
    record: bool = True

    @property
    def display(self) -> str:
        """The name as colleagues write it."""
        return " ".join(part for part in (self.prefix, self.given, self.family) if part)


_PHYSICIAN = "10"
_NURSE = "60"
_GENERAL_PRACTICE = "SM54"
_PSYCHIATRY = "SM42"

STAFF = {
    colleague.staff_id: colleague
    for colleague in (
        Colleague(
            "gp-1",
            "VALFICTIF",
            "Hélène",
            "female",
            "99900000011",
            _PHYSICIAN,
            "médecin généraliste",
            "Dr",
            _GENERAL_PRACTICE,
        ),
        Colleague(
            "gp-2",
            "DEMOVALLON",
            "Karim",
            "male",
            "99900000029",
            _PHYSICIAN,
            "médecin généraliste",
            "Dr",
            _GENERAL_PRACTICE,
        ),
        Colleague("nurse-1", "ESSAILLON", "Noémie", "female", "99900000037", _NURSE, "infirmière SÉSAME"),
        Colleague(
            "psychiatrist-1",
            "EXEMPLAIRE",
            "Paul",
            "male",
            "99900000045",
            _PHYSICIAN,
            "psychiatre",
            "Dr",
            _PSYCHIATRY,
            record=False,
        ),
        Colleague("nurse-2", "MAQUETTIER", "Léo", "male", "99900000052", _NURSE, "infirmier SÉSAME"),
        Colleague(
            "psychiatrist-2",
            "PROTOTYPEAU",
            "Anaïs",
            "female",
            "99900000060",
            _PHYSICIAN,
            "psychiatre",
            "Dr",
            _PSYCHIATRY,
            record=False,
        ),
        Colleague("site-referent-1", "ÉBAUCHARD", "Luc", "male", None, None, "référent de site", record=False),
        Colleague("coordinator-1", "SPÉCIMENT", "Claire", "female", None, None, "coordinatrice SÉSAME", record=False),
        Colleague("coordinator-2", "ÉCHANTILLON", "Marc", "male", None, None, "coordinateur SÉSAME", record=False),
        Colleague("front-desk-1", "GABARIOT", "Sofia", "female", None, None, "secrétaire d'accueil", record=False),
        Colleague("admin-1", "FACTICELLI", "Nora", "female", None, None, "administratrice SÉSAME", record=False),
    )
}
"""Everybody by logical id."""


def organizations() -> Iterator[Json]:
    """The health centre where the GPs work, and the psychiatric service it works with."""
    yield _organization(CENTRE_ID, "Centre de santé de démonstration (fictif)", "990000010")
    yield _organization(PSYCHIATRY_ID, "Service de psychiatrie de démonstration (fictif)", "990000028")


def practitioners() -> Iterator[Json]:
    """Every colleague."""
    return (_practitioner(colleague) for colleague in STAFF.values())


def _organization(organization_id: str, name: str, finess: str) -> Json:
    return {
        **start("Organization", organization_id, "fr-core-organization-etablissement"),
        "identifier": [
            french_identifier("IDNST", IDNAT_STRUCTURE, f"1{finess}", "official"),
            french_identifier("FINEG", FINESS, finess),
        ],
        "active": True,
        "name": name,
    }


def _practitioner(colleague: Colleague) -> Json:
    name: Json = {"use": "official", "family": colleague.family, "given": [colleague.given], "text": colleague.display}
    if colleague.prefix is not None:
        name["suffix"] = [colleague.prefix.upper()]
    person: Json = {**start("Practitioner", colleague.staff_id, "fr-core-practitioner"), "active": True, "name": [name]}
    person["gender"] = colleague.gender
    if colleague.rpps is None or colleague.profession is None:
        return person
    identifiers = [
        french_identifier("IDNPS", IDNAT_PS, f"8{colleague.rpps}"),
        french_identifier("RPPS", RPPS, colleague.rpps),
    ]
    return {**person, "identifier": identifiers, "qualification": _qualifications(colleague, colleague.profession)}


def _qualifications(colleague: Colleague, profession: str) -> list[Json]:
    coded = [
        {"system": PROFESSION_CATEGORY, "code": "C"},
        {"system": PROFESSION, "code": profession},
    ]
    found: list[Json] = [{"code": {"coding": coded, "text": colleague.job}}]
    if colleague.specialty is not None:
        found.append(
            {"code": {"coding": [{"system": ORDINAL_SPECIALITY, "code": colleague.specialty}], "text": colleague.job}}
        )
    return found
