"""Dates and names as a French reader expects them, without a locale installed on the machine."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import Sex

PARIS = ZoneInfo("Europe/Paris")
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

ROLES: dict[Role, str] = {
    Role.GP: "médecin généraliste",
    Role.NURSE: "infirmier·ère",
    Role.PSYCHIATRIST: "psychiatre",
    Role.COORDINATOR: "coordination",
    Role.PATIENT: "patient",
    Role.SYSTEM: "logiciel",
}
SEXES: dict[Sex, str] = {
    Sex.MALE: "Homme",
    Sex.FEMALE: "Femme",
    Sex.OTHER: "Autre",
    Sex.UNKNOWN: "Sexe non renseigné",
}


def day(value: date) -> str:
    """1er mars 2026."""
    return f"{'1er' if value.day == 1 else value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """22 novembre 2026 à 10 h 05, Paris time."""
    local = value.astimezone(PARIS)
    return f"{day(local.date())} à {local.hour} h {local.minute:02d}"
