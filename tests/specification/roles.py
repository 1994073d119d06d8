"""Who may do what, and which patients are in whose reach."""

from sesame_fhir.domain.access import ACTIONS, LAUNCH, Scope, scope_refusals
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode as Why
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from tests.specification.course import OTHER_SITE
from tests.specification.model import Page, Table
from tests.specification.review import PUT
from tests.specification.situations import CARE, NOTHING, REFERRED, SCREENED
from tests.specification.words import ROLES, listed
from tests.support.story import COORDINATOR, GP, NURSE, PATHWAY, PSYCHIATRIST, SITE, SYSTEM

_GP, _NURSE, _PSY = (ROLES[role] for role in (Role.GP, Role.NURSE, Role.PSYCHIATRIST))
_CLINICIANS = f"{_GP}, {_NURSE}, {_PSY}"
_COUNTS = f"{_NURSE}, {_PSY}, référent de site, coordination"


def _allowed(action: str, _what: str) -> tuple[str, ...]:
    return (listed(ROLES[role] for role in Role if role in ACTIONS[action.strip("`")]),)


DOING = Table(
    "Ce que chacun peut faire",
    "Le nom entre accents graves est celui de la trace d'accès.",
    ("action", "en mots", "qui"),
    _allowed,
    (
        ("`record-screening`", "enregistrer un questionnaire", f"{_CLINICIANS}, patient, logiciel"),
        ("`correct-screening`", "corriger un questionnaire", _CLINICIANS),
        ("`acknowledge-safety`", "prendre acte de l'item 9", _CLINICIANS),
        ("`confirm-eligibility`", "vérifier les critères", _CLINICIANS),
        ("`refer`", "adresser", _CLINICIANS),
        ("`decline`", "ne pas adresser", _CLINICIANS),
        ("`withdraw`", "retirer un adressage", _CLINICIANS),
        ("`record-call`", "noter un appel", _NURSE),
        ("`accept-referral`", "accepter un adressage", _NURSE),
        ("`end-referral`", "mettre fin à un adressage", _NURSE),
        ("`record-total`", "noter un total lu sur papier", _CLINICIANS),
        ("`record-assessment`", "terminer l'évaluation initiale", _NURSE),
        ("`record-plan`", "écrire le plan de soins", _NURSE),
        ("`change-care-team`", "composer l'équipe de soins", _NURSE),
        ("`write-relapse-plan`", "écrire le plan de prévention des rechutes", _NURSE),
        ("`plan-contact`", "planifier un contact", _NURSE),
        ("`move-contact`", "déplacer un contact", _NURSE),
        ("`cancel-contact`", "annuler un contact", _NURSE),
        ("`hold-contact`", "noter un contact tenu", _NURSE),
        ("`miss-contact`", "noter un contact manqué", _NURSE),
        ("`correct-contact`", "corriger un contact", _NURSE),
        ("`change-phase`", "changer de phase", _NURSE),
        ("`mark-for-review`", "mettre un cas à la revue", _CLINICIANS),
        ("`unmark-for-review`", "retirer un cas de la revue", f"{_NURSE}, {_PSY}"),
        ("`review-case`", "signer une revue de cas", _PSY),
        ("`decide-recommendation`", "répondre à une recommandation", _GP),
        ("`send-message`", "écrire à l'équipe", _CLINICIANS),
        ("`read-message`", "lire un message", _CLINICIANS),
        ("`decide-renewal`", "décider de la séquence suivante", _NURSE),
        ("`start-sequence`", "commencer une séquence", f"{_NURSE}, logiciel"),
        ("`finish-sequence`", "finir une séquence à son terme", "logiciel"),
        ("`interrupt`", "suspendre le suivi", _NURSE),
        ("`resume`", "reprendre le suivi", _NURSE),
        ("`exit`", "faire sortir du parcours", _NURSE),
        ("`record-survey`", "noter l'enquête revenue", _NURSE),
        ("`transfer`", "transférer", _NURSE),
        ("`merge`", "réunir deux parcours", _NURSE),
        ("`record-consent`", "noter un consentement", _CLINICIANS),
        ("`record-ins`", "noter l'INS qui manquait", f"{_NURSE}, accueil, coordination"),
        ("`record-coverage`", "noter la couverture maladie", f"{_NURSE}, accueil, coordination, logiciel"),
        ("`bill-sequence`", "facturer une séquence", "coordination"),
        ("`answer-claim`", "noter la réponse du payeur", "coordination"),
        ("`pay-claim`", "noter un paiement", "coordination"),
        ("`cancel-claim`", "annuler une facture", "coordination"),
        ("`confirm-claim`", "maintenir une facture", "coordination"),
        ("`keep-elements`", "garder ce qu'un autre logiciel a écrit en plus", f"{_CLINICIANS}, logiciel"),
        ("`view-caseload`", "voir une file active", _CLINICIANS),
        ("`view-patient`", "voir un patient", _CLINICIANS),
        ("`view-review`", "voir la revue de cas", f"{_NURSE}, {_PSY}"),
        ("`view-agenda`", "voir l'agenda du jour", f"{_NURSE}, accueil"),
        ("`print-form`", "imprimer un questionnaire vierge", "accueil"),
        ("`view-indicators`", "voir les indicateurs", _COUNTS),
        ("`view-accounts`", "voir les comptes", "administration"),
        ("`change-accounts`", "changer les comptes", "administration"),
        ("`view-clients`", "voir les applications", "administration"),
        ("`change-clients`", "changer les applications", "administration"),
        ("`open-application`", "ouvrir une application sur un patient", _CLINICIANS),
        ("`break-glass`", "ouvrir un accès exceptionnel", _CLINICIANS),
        ("`export-caseload`", "exporter une file active", f"{_NURSE}, {_PSY}"),
        ("`export-indicators`", "exporter les indicateurs", _COUNTS),
        ("`print-document`", "imprimer un document", _CLINICIANS),
        ("`subscribe-calendar`", "s'abonner à son agenda", _NURSE),
        ("`log-review-session`", "noter une séance de revue", f"{_NURSE}, {_PSY}"),
        ("`view-billing`", "voir la facturation", "coordination"),
        ("`prepare-billing`", "préparer un lot, le figer, le rouvrir", "coordination"),
        ("`approve-billing`", "approuver un lot", "coordination"),
        ("`submit-billing`", "envoyer un lot", "coordination"),
        ("`export-billing`", "exporter un lot", "coordination"),
        ("`import-responses`", "importer les réponses du payeur", "coordination"),
        ("`reconcile-payments`", "rapprocher les paiements", "coordination"),
        ("`change-schemes`", "donner un barème", "coordination"),
    ),
    given=2,
)

PEOPLE: dict[str, Actor] = {
    "médecin qui a adressé": GP,
    "autre médecin": Actor("10000000041", Role.GP, "Dr Autre Fictif"),
    "infirmière": NURSE,
    "psychiatre de l'équipe": PSYCHIATRIST,
    "psychiatre hors équipe": Actor("10000000058", Role.PSYCHIATRIST, "Dr Hors Fictif"),
    "coordination": COORDINATOR,
    "accueil": Actor("accueil-1", Role.FRONT_DESK, "Alix Fictif"),
    "logiciel": SYSTEM,
}
SCOPES: dict[str, Scope] = {
    "son site": Scope(frozenset({SITE})),
    "un autre site": Scope(frozenset({OTHER_SITE})),
    "deux sites": Scope(frozenset({SITE, OTHER_SITE})),
    "aucun site": Scope(),
    "son logiciel, sur ce dossier": LAUNCH,
    "accès exceptionnel à ce patient": Scope(opened=frozenset({PATHWAY})),
}


def _reach(pathway: Pathway, person: str, scope: str) -> tuple[str, ...]:
    reasons = scope_refusals(pathway, PEOPLE[person], SCOPES[scope])
    return (" ".join(REASON_TEXTS[reason.code] for reason in reasons) or "oui",)


_NOT_OWN, _OUT, _NOT_PUT = (
    REASON_TEXTS[code] for code in (Why.NOT_OWN_PATIENT, Why.OUT_OF_SCOPE, Why.NOT_PUT_TO_REVIEW)
)
REACH = Table(
    "Quels patients pour qui",
    "Médecin : ses patients. Infirmière : ceux de ses sites. Psychiatre : les cas mis à la revue, ou dont il est de "
    "l'équipe. Les autres rôles n'ouvrent aucun dossier. Le logiciel du cabinet et l'accès exceptionnel ouvrent un "
    "patient, celui-là seulement.",
    ("situation", "personne", "accès par", "ouvre le dossier"),
    _reach,
    (
        (CARE, "infirmière", "son site", "oui"),
        (CARE, "infirmière", "deux sites", "oui"),
        (CARE, "infirmière", "un autre site", _OUT),
        (CARE, "infirmière", "aucun site", _OUT),
        (REFERRED, "médecin qui a adressé", "son site", "oui"),
        (CARE, "autre médecin", "son site", _NOT_OWN),
        (SCREENED, "médecin qui a adressé", "son site", _NOT_OWN),
        (SCREENED, "médecin qui a adressé", "son logiciel, sur ce dossier", "oui"),
        (CARE, "autre médecin", "son logiciel, sur ce dossier", "oui"),
        (CARE, "autre médecin", "accès exceptionnel à ce patient", "oui"),
        (CARE, "psychiatre de l'équipe", "son site", "oui"),
        (CARE, "psychiatre hors équipe", "son site", _NOT_PUT),
        (PUT, "psychiatre hors équipe", "son site", "oui"),
        (PUT, "psychiatre hors équipe", "un autre site", _OUT),
        (CARE, "coordination", "son site", _OUT),
        (CARE, "accueil", "son site", _OUT),
        (CARE, "logiciel", "aucun site", "oui"),
        (NOTHING, "infirmière", "son site", _OUT),
    ),
    given=3,
)

PAGE = Page(
    "roles",
    "Rôles et accès",
    "Chaque accès est tracé : qui, quand, quel patient, quelle action, sans contenu clinique.",
    (DOING, REACH),
)
