"""Our own codes with their French display: one table per CodeSystem, used by the mappings and published in profiles/.

A local code exists only where no public terminology has one: score bands, the referral, the safety acknowledgement,
the pathway's reasons. Regenerate the published files with ``python -m mappings.profiles --write``.
"""

from dataclasses import dataclass
from typing import Any

from mappings.datatypes import coding
from sesame_fhir.domain.events import (
    ConsentPurpose,
    DeclineReason,
    ExitReason,
    ReferralEnd,
    SafetyAction,
    WithdrawReason,
)
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.instruments.model import Instrument
from sesame_fhir.domain.pathway import ReferralStatus
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


def total_code(instrument: Instrument) -> str:
    """Local code of a total that has no verified LOINC code."""
    return f"{instrument.id.value}-total"


BANDS = LocalSystem(
    "sesame-score-band",
    "Tranches de score des questionnaires",
    {band_code(i, b.code): f"{i.title} : {b.label}" for i in INSTRUMENTS.values() for b in i.bands},
)
TOTALS = LocalSystem(
    "sesame-total",
    "Scores sans code LOINC vérifié",
    {total_code(i): f"{i.title}, score total" for i in INSTRUMENTS.values() if i.total_loinc is None},
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
    {
        DeclineReason.PATIENT_REFUSED.value: "Refus du patient",
        DeclineReason.NOT_NEEDED.value: "Pas de besoin identifié",
        DeclineReason.FOLLOWED_ELSEWHERE.value: "Suivi par ailleurs",
        DeclineReason.LATER.value: "Décision reportée",
        DeclineReason.OTHER.value: "Autre motif",
        WithdrawReason.PATIENT_CHANGED_MIND.value: "Le patient a changé d'avis",
        WithdrawReason.ENTERED_IN_ERROR.value: "Saisi par erreur",
        ReferralEnd.DECLINED_BY_PATIENT.value: "Refus du patient au premier contact",
        ReferralEnd.UNREACHABLE.value: "Patient injoignable",
        ReferralEnd.NOT_ELIGIBLE.value: "Patient non éligible",
    },
)
EXIT_REASONS = LocalSystem(
    "sesame-exit-reason",
    "Motifs de sortie du parcours",
    {
        ExitReason.REMISSION.value: "Rémission",
        ExitReason.CONCERTED_END.value: "Fin concertée",
        ExitReason.SPECIALISED_CARE.value: "Orientation vers des soins spécialisés",
        ExitReason.PATIENT_WISH.value: "Souhait du patient",
        ExitReason.LOST_TO_FOLLOW_UP.value: "Perdu de vue",
        ExitReason.MAXIMUM_DURATION.value: "Durée maximale atteinte",
        ExitReason.OTHER.value: "Autre motif",
    },
)
SAFETY = LocalSystem(
    "sesame-safety",
    "Sécurité",
    {
        "suicide-risk": "Risque suicidaire à évaluer",
        "acknowledge": "Prise en compte de l'alerte par un clinicien",
    },
)
SAFETY_ACTIONS = LocalSystem(
    "sesame-safety-action",
    "Suites données à une alerte de sécurité",
    {
        SafetyAction.ASSESSED_NO_IMMEDIATE_RISK.value: "Évalué, pas de risque immédiat",
        SafetyAction.SAFETY_PLAN.value: "Plan de sécurité établi",
        SafetyAction.CRISIS_LINE.value: "Orienté vers le 3114",
        SafetyAction.EMERGENCY.value: "Appel du 15",
        SafetyAction.SPECIALIST_OPINION.value: "Avis spécialisé demandé",
    },
)
CONSENT_PURPOSES = LocalSystem(
    "sesame-consent-purpose",
    "Objets des consentements",
    {
        ConsentPurpose.CARE_TEAM.value: "Parcours et partage dans l'équipe de soins",
        ConsentPurpose.EVALUATION.value: "Évaluation nationale",
        ConsentPurpose.RESEARCH.value: "Recherche",
        ConsentPurpose.SURVEY.value: "Enquête de satisfaction",
    },
)
PATHWAY = LocalSystem("sesame-pathway", "Parcours", {"collaborative-care": "Parcours de soins collaboratifs SÉSAME"})
REASONS = LocalSystem("sesame-reason", "Motifs de refus d'une règle", {c.value: REASON_TEXTS[c] for c in ReasonCode})

SYSTEMS = (
    BANDS,
    TOTALS,
    REFERRAL,
    REFERRAL_STATUS,
    DECISION_REASONS,
    EXIT_REASONS,
    SAFETY,
    SAFETY_ACTIONS,
    CONSENT_PURPOSES,
    PATHWAY,
    REASONS,
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
