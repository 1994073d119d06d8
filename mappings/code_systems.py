"""Our own codes with their French display: one table per CodeSystem, used by the mappings and published in profiles/.

A local code exists only where no public terminology has one. Words of the domain's enums come from
``mappings.displays``. Regenerate the published files with ``python -m mappings.profiles --write``.
"""

from dataclasses import dataclass
from typing import Any

from mappings import french
from mappings.datatypes import coding
from mappings.displays import concepts
from sesame_fhir.domain.billing.decision import BillingCode
from sesame_fhir.domain.events import (
    ActivityKind,
    CallResult,
    ConsentPurpose,
    ContactMode,
    ContactTask,
    DeclineReason,
    ExitReason,
    LicensedInstrument,
    Orientation,
    Phase,
    RecommendationFate,
    RecommendationKind,
    ReferralEnd,
    SafetyAction,
    WithdrawReason,
)
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.instruments.model import Instrument
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.pathway import ReferralStatus
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reason_texts import REASON_TEXTS

VERSION = "1.0.0"
PUBLISHED = "2026-11-22"
PUBLISHER = "SÉSAME FHIR"


@dataclass(frozen=True, slots=True)
class LocalSystem:
    """One CodeSystem of ours: ``name`` ends its canonical URL, ``concepts`` maps code -> French display."""

    name: str
    title: str
    concepts: dict[str, str]

    @property
    def url(self) -> str:
        """Canonical URL."""
        return own("CodeSystem", self.name)

    def coding(self, code: str) -> Json:
        """Coding of one concept. Raises KeyError for a code that is not published."""
        return coding(self.url, code, self.concepts[code])


def band_code(instrument: Instrument, band: str) -> str:
    """Code of a band: bands of different instruments share names, never codes."""
    return f"{instrument.id.value}-{band}"


def total_code(instrument: InstrumentId | LicensedInstrument) -> str:
    """Local code of a total that has no verified LOINC code."""
    return f"{instrument.value}-total"


BANDS = LocalSystem(
    "sesame-score-band",
    "Tranches de score des questionnaires",
    {band_code(i, b.code): f"{i.title} : {b.label}" for i in INSTRUMENTS.values() for b in i.bands},
)
TOTALS = LocalSystem(
    "sesame-total",
    "Scores sans code LOINC vérifié",
    {
        **{total_code(i.id): f"{i.title}, score total" for i in INSTRUMENTS.values() if i.total_loinc is None},
        **{total_code(i): f"{known.title}, score total" for i, known in LICENSED.items()},
    },
)
REFERRAL = LocalSystem("sesame-referral", "Adressage", {"referral": "Adressage SÉSAME"})
REFERRAL_STATUS = LocalSystem(
    "sesame-referral-status",
    "Avancement de l'adressage",
    {
        ReferralStatus.SENT: "Envoyé à l'infirmier·ère",
        ReferralStatus.ACCEPTED: "Pris en charge par l'infirmier·ère",
        ReferralStatus.WITHDRAWN: "Retiré par le médecin",
        ReferralStatus.NOT_STARTED: "Sans suite",
    },
)
DECISION_REASONS = LocalSystem(
    "sesame-decision-reason",
    "Motifs de non-adressage, de retrait et de non-démarrage",
    {**concepts(DeclineReason), **concepts(WithdrawReason), **concepts(ReferralEnd)},
)
CALL_RESULTS = LocalSystem("sesame-call-result", "Résultats d'un appel", concepts(CallResult))
EXIT_REASONS = LocalSystem("sesame-exit-reason", "Motifs de sortie du parcours", concepts(ExitReason))
ORIENTATIONS = LocalSystem("sesame-orientation", "Orientations à la sortie du parcours", concepts(Orientation))
SAFETY = LocalSystem(
    "sesame-safety",
    "Sécurité",
    {
        "suicide-risk": "Risque suicidaire à évaluer",
        "acknowledge": "Prise en compte de l'alerte par un clinicien",
    },
)
SAFETY_ACTIONS = LocalSystem("sesame-safety-action", "Suites données à une alerte de sécurité", concepts(SafetyAction))
CONSENT_PURPOSES = LocalSystem("sesame-consent-purpose", "Objets des consentements", concepts(ConsentPurpose))
PHASES = LocalSystem("sesame-phase", "Phases du parcours", concepts(Phase))
CONTACT_MODES = LocalSystem("sesame-contact-mode", "Modes de contact", concepts(ContactMode))
CONTACT_TASKS = LocalSystem("sesame-contact-task", "Objets d'un contact", concepts(ContactTask))
ACTIVITIES = LocalSystem("sesame-activity", "Actions du plan de soins", concepts(ActivityKind))
RECOMMENDATIONS = LocalSystem(
    "sesame-recommendation", "Recommandations de la revue de cas", concepts(RecommendationKind)
)
RECOMMENDATION_DETAILS = LocalSystem(
    "sesame-recommendation-detail",
    "Précisions d'une recommandation",
    {"drug": "Médicament", "dose": "Posologie", "weeks": "Délai en semaines"},
)
FATES = LocalSystem("sesame-recommendation-fate", "Suites données à une recommandation", concepts(RecommendationFate))
PROGRESS_RULES = LocalSystem("sesame-progress-rule", "Règles de suivi de l'évolution", concepts(Rule))
ROLES = LocalSystem("sesame-role", "Rôles du parcours", {role.value: text for role, text in french.ROLES.items()})
PATHWAY = LocalSystem(
    "sesame-pathway",
    "Parcours",
    {
        "collaborative-care": "Parcours de soins collaboratifs SÉSAME",
        "sequence": "Séquence de suivi",
        "case-review": "Revue de cas",
        "team-message": "Message dans l'équipe de soins",
        "exit": "Sortie du parcours",
        "orientation": "Orientation à la sortie",
    },
)
ACTS = LocalSystem(
    "sesame-act",
    "Actes signés",
    {
        "SafetyAcknowledged": "Prise en compte d'une alerte de sécurité",
        "ConsentRecorded": "Information du patient et recueil de son choix",
        "PatientReferred": "Adressage",
        "AssessmentRecorded": "Évaluation initiale",
        "PlanRecorded": "Plan de soins",
        "RelapsePlanWritten": "Plan de prévention des rechutes",
        "CaseReviewed": "Revue de cas",
        "RecommendationDecided": "Réponse à une recommandation",
        "PathwayExited": "Sortie du parcours",
        "CoverageRecorded": "Assurance du patient",
        "SequenceBilled": "Demande de paiement",
        "ClaimAnswered": "Réponse de l'assurance maladie",
        "ClaimPaid": "Paiement reçu",
        "ClaimCancelled": "Annulation d'une demande de paiement",
        "ClaimConfirmed": "Maintien d'une demande de paiement",
    },
)
"""Codes are kinds of event (``domain.events.PAYLOADS``)."""
REASONS = LocalSystem("sesame-reason", "Motifs de refus d'une règle", {c.value: REASON_TEXTS[c] for c in ReasonCode})

RANKS = LocalSystem("sesame-sequence-rank", "Rangs d'une séquence", {str(n): f"Séquence {n}" for n in range(1, 5)})
INSTRUMENT_NAMES = LocalSystem(
    "sesame-instrument",
    "Instruments",
    {**{i.id.value: i.title for i in INSTRUMENTS.values()}, **{i.value: known.title for i, known in LICENSED.items()}},
)
PROBLEMS = LocalSystem(
    "sesame-problem",
    "Troubles psychiques courants du parcours",
    {
        "depression": "Dépression",
        "anxiety": "Trouble anxieux",
        "insomnia": "Insomnie",
        "burn-out": "Épuisement professionnel",
    },
)
"""Domain page, "Éligibilité". What a clinician records is their own code or words (mappings.condition)."""
CLAIM_ITEMS = LocalSystem("sesame-claim-item", "Ce qui est payé", {"sequence": "Séquence de suivi terminée"})
CLAIM_PROOFS = LocalSystem(
    "sesame-claim-proof",
    "Preuves d'une séquence",
    {
        "sequence": "Séquence",
        "contact": "Contact",
        "instrument": "Questionnaire",
        "review": "Revue de cas",
        "consent": "Consentement",
        "decision": "Motif de la décision",
        "rules": "Version des règles qui ont décidé",
    },
)
SCHEMES = LocalSystem(
    "sesame-scheme",
    "Cadres de financement",
    {
        "article-51": "Expérimentation article 51",
        "parcours-coordonne-renforce": "Parcours coordonné renforcé",
        "other": "Autre cadre",
    },
)
"""What is configured has any id: the text of ``Claim.subType`` gives it, with its version."""
BILLING_REASONS = LocalSystem("sesame-billing-reason", "Motifs pour et contre le paiement", concepts(BillingCode))
COVERAGE_CLASSES = LocalSystem(
    "sesame-coverage-class",
    "Organisme d'affiliation",
    {"regime": "Code du régime", "fund": "Code de la caisse", "centre": "Code du centre"},
)

SYSTEMS: tuple[LocalSystem, ...] = (
    *(BANDS, TOTALS, REFERRAL, REFERRAL_STATUS, DECISION_REASONS, CALL_RESULTS, EXIT_REASONS, ORIENTATIONS),
    *(SAFETY, SAFETY_ACTIONS, CONSENT_PURPOSES, PHASES, CONTACT_MODES, CONTACT_TASKS, ACTIVITIES),
    *(RECOMMENDATIONS, RECOMMENDATION_DETAILS, FATES, PROGRESS_RULES, ROLES, PATHWAY, ACTS, REASONS),
    *(RANKS, INSTRUMENT_NAMES, PROBLEMS, CLAIM_ITEMS, CLAIM_PROOFS, SCHEMES, BILLING_REASONS, COVERAGE_CLASSES),
)


def code_system(local: LocalSystem) -> Json:
    """Build the CodeSystem resource of one table."""
    concepts: list[dict[str, Any]] = [{"code": code, "display": text} for code, text in local.concepts.items()]
    return {
        "resourceType": "CodeSystem",
        "id": local.name,
        "language": "fr",
        "url": local.url,
        "version": VERSION,
        "name": "".join(part.capitalize() for part in local.name.split("-")),
        "title": local.title,
        "status": "active",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": PUBLISHER,
        "description": local.title + ".",
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }
