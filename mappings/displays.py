"""The French word of every code of the pathway, written once: pages, documents and code systems read it from here."""

from collections.abc import Mapping
from enum import StrEnum

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.decision import BillingCode
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.progress.rules import RULES

DISPLAYS: Mapping[type[StrEnum], Mapping[StrEnum, str]] = {
    ev.Sex: {
        ev.Sex.MALE: "Homme",
        ev.Sex.FEMALE: "Femme",
        ev.Sex.OTHER: "Autre",
        ev.Sex.UNKNOWN: "Sexe non renseigné",
    },
    ev.Phase: {
        ev.Phase.CARE: "Prise en charge",
        ev.Phase.RELAPSE_PREVENTION: "Prévention des rechutes",
    },
    ev.CallResult: {
        ev.CallResult.NO_ANSWER: "Pas de réponse",
        ev.CallResult.LEFT_MESSAGE: "Message laissé",
        ev.CallResult.CALL_BACK_LATER: "À rappeler plus tard",
        ev.CallResult.WRONG_NUMBER: "Numéro erroné",
    },
    ev.DeclineReason: {
        ev.DeclineReason.PATIENT_REFUSED: "Refus du patient",
        ev.DeclineReason.NOT_NEEDED: "Pas de besoin identifié",
        ev.DeclineReason.FOLLOWED_ELSEWHERE: "Suivi par ailleurs",
        ev.DeclineReason.LATER: "Décision reportée",
        ev.DeclineReason.OTHER: "Autre motif",
    },
    ev.WithdrawReason: {
        ev.WithdrawReason.PATIENT_CHANGED_MIND: "Le patient a changé d'avis",
        ev.WithdrawReason.ENTERED_IN_ERROR: "Saisi par erreur",
        ev.WithdrawReason.FOLLOWED_ELSEWHERE: "Suivi par ailleurs",
        ev.WithdrawReason.OTHER: "Autre motif",
    },
    ev.ReferralEnd: {
        ev.ReferralEnd.DECLINED_BY_PATIENT: "Refus du patient au premier contact",
        ev.ReferralEnd.UNREACHABLE: "Patient injoignable",
        ev.ReferralEnd.NOT_ELIGIBLE: "Patient non éligible",
        ev.ReferralEnd.OTHER: "Autre motif",
    },
    ev.ExitReason: {
        ev.ExitReason.REMISSION: "Rémission",
        ev.ExitReason.CONCERTED_END: "Fin concertée",
        ev.ExitReason.SPECIALISED_CARE: "Orientation vers des soins spécialisés",
        ev.ExitReason.PATIENT_WISH: "Souhait du patient",
        ev.ExitReason.LOST_TO_FOLLOW_UP: "Perdu de vue",
        ev.ExitReason.MAXIMUM_DURATION: "Durée maximale atteinte",
        ev.ExitReason.DEATH: "Décès",
        ev.ExitReason.MOVED_AWAY: "Déménagement",
        ev.ExitReason.OTHER: "Autre motif",
    },
    ev.Orientation: {
        ev.Orientation.NONE: "Sans orientation",
        ev.Orientation.PSYCHIATRY: "Psychiatrie",
        ev.Orientation.PSYCHOLOGIST: "Psychologue",
        ev.Orientation.SOCIAL: "Accompagnement social",
        ev.Orientation.ADDICTION_CARE: "Addictologie",
        ev.Orientation.OTHER: "Autre orientation",
    },
    ev.ConsentPurpose: {
        ev.ConsentPurpose.CARE_TEAM: "Parcours et partage dans l'équipe de soins",
        ev.ConsentPurpose.EVALUATION: "Évaluation nationale",
        ev.ConsentPurpose.RESEARCH: "Recherche",
        ev.ConsentPurpose.SURVEY: "Enquête de satisfaction",
    },
    ev.ConsentStatus: {
        ev.ConsentStatus.INFORMED: "Informé, sans opposition",
        ev.ConsentStatus.GIVEN: "Accord donné",
        ev.ConsentStatus.REFUSED: "Refus",
        ev.ConsentStatus.OPPOSED: "Opposition",
        ev.ConsentStatus.WITHDRAWN: "Accord retiré",
    },
    ev.ContactMode: {
        ev.ContactMode.ON_SITE: "Sur place",
        ev.ContactMode.PHONE: "Téléphone",
        ev.ContactMode.VIDEO: "Visioconférence",
    },
    ev.ContactTask: {
        ev.ContactTask.FIRST_CONTACT: "Premier contact",
        ev.ContactTask.ASSESSMENT: "Évaluation initiale",
        ev.ContactTask.FOLLOW_UP: "Suivi",
        ev.ContactTask.RELAPSE_PREVENTION: "Prévention des rechutes",
        ev.ContactTask.CRISIS: "Situation de crise",
        ev.ContactTask.COORDINATION: "Coordination",
    },
    ev.ContactStatus: {
        ev.ContactStatus.PLANNED: "Prévu",
        ev.ContactStatus.HELD: "A eu lieu",
        ev.ContactStatus.MISSED: "Manqué",
        ev.ContactStatus.CANCELLED: "Annulé",
    },
    ev.CancelledBy: {
        ev.CancelledBy.PATIENT: "À la demande du patient",
        ev.CancelledBy.TEAM: "Par l'équipe",
    },
    ev.SafetyAction: {
        ev.SafetyAction.ASSESSED_NO_IMMEDIATE_RISK: "Évalué, pas de risque immédiat",
        ev.SafetyAction.SAFETY_PLAN: "Plan de sécurité établi",
        ev.SafetyAction.CRISIS_LINE: "Orienté vers le 3114",
        ev.SafetyAction.EMERGENCY: "Appel du 15",
        ev.SafetyAction.SPECIALIST_OPINION: "Avis spécialisé demandé",
    },
    ev.ActivityKind: {
        ev.ActivityKind.CONTACTS: "Contacts de suivi",
        ev.ActivityKind.INSTRUMENTS: "Questionnaires",
        ev.ActivityKind.PSYCHOEDUCATION: "Psychoéducation",
        ev.ActivityKind.BEHAVIOURAL_ACTIVATION: "Activation comportementale",
        ev.ActivityKind.TREATMENT_FOLLOW_UP: "Suivi du traitement",
        ev.ActivityKind.PSYCHOLOGIST: "Orientation vers un psychologue",
        ev.ActivityKind.SOCIAL_RESOURCE: "Orientation vers une ressource sociale",
        ev.ActivityKind.OTHER: "Autre action",
    },
    ev.GoalStatus: {
        ev.GoalStatus.ACTIVE: "En cours",
        ev.GoalStatus.COMPLETED: "Atteint",
        ev.GoalStatus.CANCELLED: "Abandonné",
    },
    ev.RecommendationKind: {
        ev.RecommendationKind.MEDICATION: "Médicament",
        ev.RecommendationKind.MONITORING: "Surveillance",
        ev.RecommendationKind.THERAPY: "Psychothérapie",
        ev.RecommendationKind.ORIENTATION: "Orientation",
        ev.RecommendationKind.NO_CHANGE: "Pas de changement",
        ev.RecommendationKind.SEE_AGAIN: "Cas à revoir",
    },
    ev.RecommendationFate: {
        ev.RecommendationFate.ACCEPTED: "Acceptée",
        ev.RecommendationFate.ADAPTED: "Adaptée",
        ev.RecommendationFate.DECLINED: "Refusée",
    },
    ev.ProblemSystem: {
        ev.ProblemSystem.ICPC_2: "CISP-2",
        ev.ProblemSystem.ICD_10: "CIM-10",
    },
    ev.LicensedInstrument: {instrument: known.title for instrument, known in LICENSED.items()},
    Rule: {rule: text.name for rule, text in RULES.items()},
    BillingCode: {
        BillingCode.FINISHED: "Séquence finie",
        BillingCode.ENOUGH_CONTACTS: "Assez de contacts",
        BillingCode.CONSENT_STANDS: "Accord ou information du patient",
        BillingCode.INS_KNOWN: "INS connue",
        BillingCode.COVERAGE_KNOWN: "Assurance connue",
        BillingCode.IN_TIME: "Dans le délai",
        BillingCode.INTERRUPTED_IN_FULL: "Interrompue, payée en entier",
        BillingCode.INTERRUPTED_PRO_RATA: "Interrompue, payée au prorata",
        BillingCode.NOT_FINISHED: "Séquence en cours",
        BillingCode.TOO_FEW_CONTACTS: "Trop peu de contacts",
        BillingCode.NO_CONSENT: "Pas d'accord ni d'information du patient",
        BillingCode.NO_INS: "INS inconnue",
        BillingCode.NO_COVERAGE: "Assurance inconnue",
        BillingCode.OUTSIDE_SCHEME: "Hors des dates de tout barème",
        BillingCode.SCHEME_AMBIGUOUS: "Plusieurs barèmes possibles",
        BillingCode.NO_BILLER: "Pas de structure qui facture à cette date",
        BillingCode.NO_TARIFF: "Pas de tarif à cette date",
        BillingCode.ALREADY_BILLED: "Déjà facturée",
        BillingCode.INTERRUPTED_EARNS_NOTHING: "Interrompue, sans paiement",
        BillingCode.TOO_LATE: "Délai dépassé",
    },
}
"""By enum, then by code."""


def display(code: StrEnum) -> str:
    """French word of one code. Raises KeyError for an enum that is not a code of the pathway."""
    return DISPLAYS[type(code)][code]


def concepts(kind: type[StrEnum]) -> dict[str, str]:
    """Code -> French display of a whole enum."""
    return {code.value: text for code, text in DISPLAYS[kind].items()}
