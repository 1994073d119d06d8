"""French texts of the indicators' pages; templates translate them. Names and definitions are the indicators' own."""

from sesame_fhir.domain.indicators.breakdown import By
from smart_app.team.indicators.asked import AskedProblem, Preset

PRESETS: dict[Preset, str] = {
    Preset.THIS_MONTH: "Ce mois",
    Preset.LAST_MONTH: "Mois dernier",
    Preset.LAST_MONTHS: "3 derniers mois",
    Preset.YEAR: "Année",
    Preset.ALL: "Depuis le début",
    Preset.DAYS: "Deux dates",
}

PROBLEMS: dict[AskedProblem, str] = {
    AskedProblem.DAY_UNREADABLE: "Une date n'a pas été comprise : écrivez-la comme 22/11/2026.",
    AskedProblem.DAY_IN_FUTURE: "Une date est dans le futur : choisissez aujourd'hui ou un jour passé.",
    AskedProblem.DAYS_REVERSED: "La période finit avant de commencer : inversez les deux dates.",
    AskedProblem.PERIOD_UNKNOWN: "Cette période n'existe pas : choisissez-en une dans la liste.",
    AskedProblem.SITE_UNKNOWN: "Ce site n'est pas un des vôtres : choisissez-en un dans la liste.",
    AskedProblem.NURSE_UNKNOWN: "Aucun parcours de vos sites n'est suivi par cette personne : choisissez-en une autre.",
}

BREAKDOWNS: dict[By, str] = {By.MONTH: "Par mois", By.SITE: "Par site", By.NURSE: "Par infirmière"}
COLUMNS: dict[By, str] = {By.MONTH: "Mois", By.SITE: "Site", By.NURSE: "Infirmière"}
NOBODY = "Sans infirmière"
"""The nurse of those who have none yet."""
WHOLE = "Ensemble"
"""The row of a file that is not broken down."""
MASKED = "masqué"
"""A value that is small, or that would give a smaller one away."""
