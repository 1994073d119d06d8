"""French texts of the case review; templates translate them. A test keeps each table complete."""

from smart_app.team.field_texts import FIELDS
from smart_app.team.review.groups import Group

GROUPS: dict[Group, str] = {
    Group.BY_HAND: "À discuter, demandé par l'équipe",
    Group.SUICIDE_RISK: "Item 9 à prendre en compte",
    Group.WORSENING: "Aggravation",
    Group.NO_IMPROVEMENT: "Pas d'amélioration",
    Group.REVIEW_DUE: "À revoir, comme convenu",
}

REVIEW_FIELDS: dict[str, str] = {
    **FIELDS,
    "medication": "Médicament",
    "monitoring": "Surveillance",
    "therapy": "Psychothérapie",
    "orientation": "Orientation",
    "weeks": "Nombre de semaines",
    "weeks-monitoring": "Rythme de la surveillance",
    "weeks-see-again": "Revoir dans",
    "drug-1": "Médicament",
    "dose-1": "Dose",
    "drug-2": "Second médicament",
    "dose-2": "Dose du second médicament",
    "text-medication": "Précision sur le médicament",
    "text-monitoring": "Surveillance",
    "text-therapy": "Psychothérapie",
    "text-orientation": "Orientation",
    "text-no-change": "Pas de changement",
    "text-see-again": "Revoir le cas",
    "site": "Site",
    "participants": "Participants",
    "others": "Autres participants",
    "cases": "Cas discutés",
}
"""Name of a field, or detail of a reason -> what it is called on the page."""
