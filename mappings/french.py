"""Dates and names as a French reader expects them, without a locale installed on the machine."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from mappings.displays import display
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import Sex
from sesame_fhir.domain.reasons import ReasonCode

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

MINUS = "\u2212"
"""What stands before a negative amount, on pages and on paper."""

ROLES: dict[Role, str] = {
    Role.GP: "médecin généraliste",
    Role.NURSE: "infirmier·ère",
    Role.PSYCHIATRIST: "psychiatre",
    Role.SITE_REFERENT: "référent·e de site",
    Role.FRONT_DESK: "accueil",
    Role.COORDINATOR: "coordination",
    Role.ADMINISTRATOR: "administration",
    Role.PATIENT: "patient",
    Role.SYSTEM: "logiciel",
}
SEXES = {sex: display(sex) for sex in Sex}

CRITERIA: dict[ReasonCode, str] = {
    ReasonCode.MINOR: "patient mineur",
    ReasonCode.AGE_UNKNOWN: "âge inconnu",
    ReasonCode.BELOW_THRESHOLD: "score sous le seuil",
    ReasonCode.NOT_SCREENED: "pas de dépistage",
    ReasonCode.PSYCHIATRIC_FOLLOW_UP: "suivi psychiatrique en cours",
    ReasonCode.FRENCH_NOT_MASTERED: "maîtrise du français insuffisante",
    ReasonCode.NOT_COMMON_MENTAL_DISORDER: "hors du champ des troubles psychiques courants",
    ReasonCode.CRITERION_UNKNOWN: "critère non renseigné",
}
"""Eligibility criteria as a letter names them once the GP has overridden them."""


def day(value: date) -> str:
    """1er mars 2026."""
    return f"{'1er' if value.day == 1 else value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """22 novembre 2026 à 10 h 05, Paris time."""
    local = value.astimezone(PARIS)
    return f"{day(local.date())} à {local.hour} h {local.minute:02d}"


def euros(amount: Decimal) -> str:
    """1 234,50 € or −1 234,50 €, with spaces that do not break."""
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",").replace("-", MINUS) + "\u00a0€"


def criteria(codes: Iterable[ReasonCode]) -> str:
    """Name overridden criteria. Raises KeyError for a reason that is not a criterion of eligibility."""
    return ", ".join(CRITERIA[code] for code in codes)
