"""French texts of the plan of care; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain.actors import Role

CONTACT_RHYTHMS: dict[int, str] = {7: "chaque semaine", 15: "tous les 15 jours", 30: "tous les mois"}
"""Days -> words, for the contacts."""

INSTRUMENT_RHYTHMS: dict[int, str] = {
    0: "à chaque contact",
    14: "toutes les 2 semaines",
    28: "toutes les 4 semaines",
    56: "toutes les 8 semaines",
}
"""Days -> words, for an instrument; 0 follows the contacts."""

MEMBERS: dict[Role, str] = {
    Role.GP: "Médecin traitant",
    Role.NURSE: "Infirmière SÉSAME",
    Role.PSYCHIATRIST: "Psychiatre",
}
"""Roles of the care team; anybody else is named with a function."""

FIRST_GOAL = "Se sentir mieux au quotidien, avec moins de symptômes dépressifs"
"""The first goal proposed, in words that a patient understands; written to the record as the nurse leaves it."""
