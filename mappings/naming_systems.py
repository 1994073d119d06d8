"""NamingSystems: the systems of the identifiers that we give, by kind of thing (``canonical.identifier_system``)."""

from mappings.code_systems import PUBLISHED, PUBLISHER
from sesame_fhir.fhir.canonical import identifier_system
from sesame_fhir.fhir.json_types import Json

KINDS: dict[str, str] = {
    "actor": "Professionnel sans numéro RPPS connu",
    "answer": "Réponse à une demande de paiement, numérotée par l'assurance maladie",
    "batch": "Lot de demandes de paiement",
    "care-plan": "Plan de soins d'un parcours",
    "care-team": "Équipe de soins d'un parcours",
    "claim": "Demande de paiement d'une séquence",
    "claim-response": "Réponse à une demande de paiement",
    "consent": "Choix d'un patient, par objet",
    "contact": "Contact ou rendez-vous de l'infirmière",
    "coverage": "Assurance d'un patient",
    "document": "Document d'un parcours",
    "exit": "Sortie d'un parcours",
    "goal": "Objectif du plan de soins",
    "message": "Message dans l'équipe de soins",
    "notice": "Notice d'information remise au patient, par version",
    "pathway": "Parcours d'un patient",
    "payment": "Paiement, numéroté par l'assurance maladie",
    "problem": "Problème provisoire d'un parcours",
    "progress": "Repère d'évolution d'un parcours",
    "recommendation": "Recommandation d'une revue de cas",
    "referral": "Adressage",
    "review": "Revue de cas",
    "safety-acknowledgement": "Prise en compte d'une alerte de sécurité",
    "screening": "Réponses à un questionnaire, et leur score",
    "sequence": "Séquence de trois mois",
    "settlement": "Part d'un paiement, par site",
    "site": "Site du parcours",
    "staff-role": "Rôle d'un membre de l'équipe dans un site",
    "summary": "Synthèse d'un parcours",
    "total": "Total d'un instrument sous licence",
}
"""Kind -> what is identified."""


def naming_system(kind: str) -> Json:
    """Build the NamingSystem of one kind. Raises KeyError for a kind that is not published."""
    return {
        "resourceType": "NamingSystem",
        "id": f"sesame-identifier-{kind}",
        "language": "fr",
        "name": "SesameIdentifier" + "".join(part.capitalize() for part in kind.split("-")),
        "status": "active",
        "kind": "identifier",
        "date": PUBLISHED,
        "publisher": PUBLISHER,
        "responsible": PUBLISHER,
        "description": KINDS[kind] + ".",
        "jurisdiction": [{"coding": [{"system": "urn:iso:std:iso:3166", "code": "FR"}]}],
        "usage": "Unique dans une installation ; stable d'une version de la ressource à l'autre.",
        "uniqueId": [{"type": "uri", "value": identifier_system(kind), "preferred": True}],
    }
