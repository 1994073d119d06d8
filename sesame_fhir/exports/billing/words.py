"""French words of billing, for what has no display in the terminologies that we publish; on paper and on pages."""

from collections.abc import Mapping
from datetime import date

from mappings import french
from mappings.displays import display
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.decision import BillingCode
from sesame_fhir.domain.billing.ledger import Account, Movement
from sesame_fhir.domain.events.billing import CancelReason, ClaimOutcome, Evidence, EvidenceKind
from sesame_fhir.domain.events.vocabulary import ConsentPurpose, ConsentStatus, ContactTask
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.services.billing.differences import Difference, Part

STATUSES: dict[ClaimStatus, str] = {
    ClaimStatus.SUBMITTED: "sans réponse",
    ClaimStatus.ACCEPTED: "acceptée",
    ClaimStatus.REJECTED: "rejetée",
    ClaimStatus.PARTLY_PAID: "payée en partie",
    ClaimStatus.PAID: "payée",
    ClaimStatus.CANCELLED: "annulée",
}
OUTCOMES: dict[ClaimOutcome, str] = {ClaimOutcome.ACCEPTED: "acceptée", ClaimOutcome.REJECTED: "rejetée"}
CANCELLED: dict[CancelReason, str] = {
    CancelReason.CORRECTED: "Les faits ont été corrigés",
    CancelReason.MISTAKE: "Facturée par erreur",
    CancelReason.PATIENT_REQUEST: "À la demande du patient",
}
KINDS: dict[EvidenceKind, str] = {
    EvidenceKind.CONTACT: "Contact",
    EvidenceKind.INSTRUMENT: "Questionnaire",
    EvidenceKind.REVIEW: "Revue de cas",
    EvidenceKind.CONSENT: "Consentement",
}
PARTS: dict[Part, str] = {
    Part.SITE: "Site",
    Part.START: "Premier jour",
    Part.PLANNED_END: "Fin prévue",
    Part.END: "Dernier jour",
    Part.INTERRUPTED: "Interrompue",
    Part.INS: "INS",
    Part.CONTACT: "Contact",
    Part.INSTRUMENT: "Questionnaire",
    Part.REVIEW: "Revue de cas",
    Part.CONSENT: "Consentement",
}
MOVEMENTS: dict[Movement, str] = {
    Movement.CLAIMED: "Facturé",
    Movement.SHARE_DUE: "Part due au centre",
    Movement.REJECTED: "Rejeté",
    Movement.CANCELLED: "Annulé",
    Movement.SHARE_WITHDRAWN: "Part reprise",
    Movement.PAID: "Payé",
    Movement.TAKEN_BACK: "Repris par le payeur",
    Movement.SHARE_PAID: "Part versée au centre",
}
ACCOUNTS: dict[Account, str] = {
    Account.PAYER: "Payeur",
    Account.INCOME: "Produits",
    Account.BANK: "Banque",
    Account.HOSTING_COST: "Parts des centres",
    Account.HOSTING_DUE: "Dû aux centres",
}
DEEDS: Mapping[str, str] = {
    "ContactHeld": "contact noté",
    "ContactCorrected": "contact corrigé",
    "ScreeningRecorded": "questionnaire enregistré",
    "ScreeningCorrected": "questionnaire corrigé",
    "CaseReviewed": "revue signée",
    "ConsentRecorded": "consentement noté",
    "SequenceBilled": "facturée",
    "ClaimAnswered": "réponse du payeur",
    "ClaimPaid": "paiement",
    "ClaimCancelled": "annulée",
    "ClaimConfirmed": "maintenue après correction",
    "PatientIdentified": "identité mise à jour",
    "SequenceStarted": "séquence commencée",
    "SequenceFinished": "séquence terminée",
    "SequenceExtended": "séquence prolongée",
    "PathwayTransferred": "parcours transféré",
    "RecordsMerged": "dossiers réunis",
}
"""What an event did; one that is not here is named as it is stored."""

_DAYS = frozenset({BillingCode.FINISHED, BillingCode.IN_TIME})
_COUNTED = frozenset({BillingCode.ENOUGH_CONTACTS})
_PARTS = frozenset({BillingCode.INTERRUPTED_IN_FULL, BillingCode.INTERRUPTED_PRO_RATA})


def reason_text(kept: str) -> str:
    """A reason as a claim's terms hold it (``enough-contacts:6/4``), in words; as it is when nobody knows it."""
    written, _, detail = kept.partition(":")
    try:
        code = BillingCode(written)
        said = _detail(code, detail) if detail else ""
    except ValueError:
        return kept
    return f"{display(code)} : {said}" if said else display(code)


def _detail(code: BillingCode, detail: str) -> str:
    """Raises ValueError for a detail that is none of this code."""
    if code in _DAYS:
        return french.day(date.fromisoformat(detail))
    first, _, second = detail.partition("/")
    if code in _COUNTED:
        return f"{first}, il en faut {second}"
    if code in _PARTS:
        return f"{first} jours sur {second}"
    return display(ConsentPurpose(detail)) if code is BillingCode.CONSENT_STANDS else detail


def evidence_text(one: Evidence) -> str:
    """What an evidence is beside its kind: the contact's task, the instrument, the purpose and what was said."""
    match one.kind:
        case EvidenceKind.CONTACT:
            return display(ContactTask(one.code)) if one.code in set(ContactTask) else ""
        case EvidenceKind.INSTRUMENT:
            return next((i.title for i in INSTRUMENTS.values() if i.id.value == one.code), one.code or "")
        case EvidenceKind.CONSENT:
            said = f" : {display(ConsentStatus(one.code))}" if one.code in set(ConsentStatus) else ""
            return f"{display(ConsentPurpose(one.reference))}{said}"
        case _:
            return ""


def difference_text(one: Difference) -> str:
    """One thing that changed after the claim: what it was and what it is."""
    return f"{PARTS[one.part]} : {_told(one.part, one.before)} → {_told(one.part, one.after)}"


def _told(part: Part, value: str | None) -> str:
    if value is None:
        return "rien"
    if part is Part.INTERRUPTED:
        return "oui" if value == "true" else "non"
    if part in {Part.SITE, Part.INS}:
        return value
    day, _, code = value.partition(" ")
    return " ".join((french.day(date.fromisoformat(day)), _coded(part, code))).strip()


def _coded(part: Part, code: str) -> str:
    if part is Part.CONTACT and code in set(ContactTask):
        return display(ContactTask(code)).lower()
    return display(ConsentStatus(code)).lower() if part is Part.CONSENT and code in set(ConsentStatus) else code
