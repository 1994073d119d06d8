"""French texts of consents and exits; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain.consents import Effect
from sesame_fhir.domain.events import ConsentPurpose, ExitReason

EFFECTS: dict[Effect, str] = {
    Effect.PATHWAY_TO_BE_ENDED: "Le suivi SÉSAME doit se terminer : enregistrer la sortie.",
    Effect.SHARING_STOPS: "L'équipe de soins ne partage plus rien de nouveau, le dossier du médecin n'en reçoit plus.",
    Effect.OUT_OF_EVALUATION: "Aucune donnée de ce patient ne part pour l'évaluation nationale.",
    Effect.OUT_OF_RESEARCH: "Aucune donnée de ce patient ne sert à la recherche.",
    Effect.NO_SURVEY: "Le patient ne reçoit pas l'enquête de satisfaction.",
}

ASK: dict[ConsentPurpose, str] = {
    ConsentPurpose.CARE_TEAM: "Information et accord pour le suivi et le partage entre médecin, infirmière et "
    "psychiatre.",
    ConsentPurpose.EVALUATION: "Information, puis opposition possible : les données vont à la Cnam seule.",
    ConsentPurpose.RESEARCH: "Accord explicite, distinct des autres.",
    ConsentPurpose.SURVEY: "Accord pour être recontacté à la sortie.",
}

NEEDS_NOTE = frozenset({ExitReason.OTHER})
"""Exits for which the rules ask for words."""
