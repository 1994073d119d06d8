"""AUDIT-C, French.

Source: public-domain instrument (WHO AUDIT, items 1 to 3); questions as quoted in the project's domain page; LOINC
panel 72109-2, total 75626-2, items 68518-0, 68519-8, 68520-6. Positive at 4 or more for men, 3 or more for women:
the threshold depends on sex, so the bands here stop at the total's range and ``domain.scoring`` decides.
"""

from sesame_fhir.domain.instruments.model import Answer, Band, Instrument, InstrumentId, Item

_HOW_OFTEN = (
    Answer("LA6270-8", "Jamais", 0, "Never"),
    Answer("LA18926-8", "Une fois par mois ou moins", 1, "Monthly or less"),
    Answer("LA18927-6", "2 à 4 fois par mois", 2, "2-4 times a month"),
    Answer("LA18928-4", "2 à 3 fois par semaine", 3, "2-3 times a week"),
    Answer("LA18929-2", "4 fois par semaine ou plus", 4, "4 or more times a week"),
)
_HOW_MANY = (
    Answer("LA15694-5", "1 ou 2", 0, "1 or 2"),
    Answer("LA15695-2", "3 ou 4", 1, "3 or 4"),
    Answer("LA18930-0", "5 ou 6", 2, "5 or 6"),
    Answer("LA18931-8", "7 à 9", 3, "7 to 9"),
    Answer("LA18932-6", "10 ou plus", 4, "10 or more"),
)
_SIX_OR_MORE = (
    Answer("LA6270-8", "Jamais", 0, "Never"),
    Answer("LA18933-4", "Moins d'une fois par mois", 1, "Less than monthly"),
    Answer("LA18876-5", "Une fois par mois", 2, "Monthly"),
    Answer("LA18891-4", "Une fois par semaine", 3, "Weekly"),
    Answer("LA18934-2", "Chaque jour ou presque", 4, "Daily or almost daily"),
)

AUDIT_C = Instrument(
    id=InstrumentId.AUDIT_C,
    title="AUDIT-C",
    version="1.0.0",
    instruction="Votre consommation d'alcool au cours des 12 derniers mois",
    items=(
        Item("68518-0", "68518-0", "Combien de fois vous arrive-t-il de consommer de l'alcool ?", _HOW_OFTEN),
        Item(
            "68519-8",
            "68519-8",
            "Combien de verres standards buvez-vous au cours d'une journée ordinaire où vous buvez de l'alcool ?",
            _HOW_MANY,
        ),
        Item(
            "68520-6",
            "68520-6",
            "Au cours d'une même occasion, combien de fois vous arrive-t-il de boire six verres standards ou plus ?",
            _SIX_OR_MORE,
        ),
    ),
    bands=(
        Band("low", 0, 2, "Sous les seuils de repérage"),
        Band("threshold-women", 3, 3, "Seuil de repérage atteint chez la femme"),
        Band("threshold-all", 4, 12, "Seuil de repérage atteint"),
    ),
    panel_loinc="72109-2",
    total_loinc="75626-2",
    copyright="Domaine public (OMS, Alcohol Use Disorders Identification Test).",
)
