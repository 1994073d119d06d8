"""French wording of dates, ages and FHIR status codes on the demo EHR's pages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sesame_fhir.domain.eligibility import age_on

SEXES = {"female": "Femme", "male": "Homme", "other": "Autre", "unknown": "Sexe inconnu"}
"""Administrative gender."""

STATUSES = {
    "accepted": "accepté",
    "active": "actif",
    "amended": "modifié",
    "cancelled": "annulé",
    "completed": "terminé",
    "current": "en vigueur",
    "draft": "brouillon",
    "entered-in-error": "saisi par erreur",
    "final": "définitif",
    "finished": "terminé",
    "in-progress": "en cours",
    "on-hold": "suspendu",
    "preliminary": "provisoire",
    "rejected": "refusé",
    "requested": "demandé",
    "revoked": "révoqué",
    "superseded": "remplacé",
}
"""Resource statuses, agreeing with the word « statut »; a code that is not here is shown as it is."""


def day(value: date) -> str:
    """07/12/1984."""
    return f"{value:%d/%m/%Y}"


def fhir_day(value: str) -> str:
    """A FHIR date or dateTime as a French day; a partial date (1984, 1984-12) stays as written."""
    try:
        return day(datetime.fromisoformat(value).date())
    except ValueError:
        return value


def clock_time(value: datetime, zone: ZoneInfo) -> str:
    """8 h 30 in the practice's zone."""
    local = value.astimezone(zone)
    return f"{local.hour} h {local.minute:02d}"


def moment(value: datetime, zone: ZoneInfo) -> str:
    """07/12/2026 à 8 h 30."""
    return f"{day(value.astimezone(zone).date())} à {clock_time(value, zone)}"


def age(birth_date: str, today: date) -> str:
    """42 ans; empty when the birth date is not a full one."""
    try:
        years = age_on(date.fromisoformat(birth_date), today)
    except ValueError:
        return ""
    return f"{years} ans"
