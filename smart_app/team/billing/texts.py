"""French texts of billing's pages; ``told.said`` translates them. A test keeps each table complete.

Reasons for and against have their words in ``mappings.displays``; here is what can be done about those against. What
is on paper too has one word for both, in ``exports.billing.words``.
"""

from enum import StrEnum

from sesame_fhir.domain.billing.decision import BillingCode, Verdict
from sesame_fhir.domain.billing.scheme import DecidedBy, InterruptedEarns
from sesame_fhir.exports.billing import words
from sesame_fhir.exports.billing.batch import Format
from sesame_fhir.services.billing.books import BookCode
from sesame_fhir.services.billing.records import BatchStatus, LineFate

VERDICTS: dict[Verdict, str] = {
    Verdict.BILLABLE: "Facturables",
    Verdict.NOT_YET: "Pas encore",
    Verdict.NEVER: "Jamais",
}

TO_DO: dict[BillingCode, str] = {
    BillingCode.NOT_FINISHED: "Attendre son dernier jour.",
    BillingCode.TOO_FEW_CONTACTS: "Si un contact n'a pas été noté, l'infirmière le note.",
    BillingCode.NO_CONSENT: "Si le patient a donné son accord, l'infirmière ou le médecin l'enregistre à sa date.",
    BillingCode.NO_INS: "Écrire l'INS qualifiée ci-dessous.",
    BillingCode.NO_COVERAGE: "Écrire le régime et la caisse ci-dessous.",
    BillingCode.OUTSIDE_SCHEME: "Vérifier les dates et les sites des barèmes.",
    BillingCode.SCHEME_AMBIGUOUS: "Limiter chaque barème à ses sites, ou à ses dates.",
    BillingCode.NO_BILLER: "Compléter le barème : qui facture à cette date ?",
    BillingCode.NO_TARIFF: "Compléter le barème : quel tarif pour ce rang à cette date ?",
    BillingCode.ALREADY_BILLED: "Rien à faire : voir la facture.",
    BillingCode.INTERRUPTED_EARNS_NOTHING: "Rien à faire : le barème ne paie pas une séquence interrompue.",
    BillingCode.TOO_LATE: "Rien à faire : le délai du barème est passé.",
}
"""What can be done about a reason against."""

STATUSES: dict[BatchStatus, str] = {
    BatchStatus.DRAFT: "à relire",
    BatchStatus.FROZEN: "figé, à approuver",
    BatchStatus.APPROVED: "approuvé, à soumettre",
    BatchStatus.SUBMITTING: "soumission en cours",
    BatchStatus.SUBMITTED: "soumis",
}

CLAIMS = words.STATUSES

OUTCOMES = words.OUTCOMES

CANCELS = words.CANCELLED

PROOFS = words.KINDS

PARTS = words.PARTS

DEEDS: dict[str, str] = {
    "SequenceBilled": "Facturée",
    "ClaimAnswered": "Réponse du payeur",
    "ClaimPaid": "Paiement",
    "ClaimCancelled": "Annulée",
    "ClaimConfirmed": "Gardée telle quelle",
}
"""Events of a claim's own life."""

FATE_COUNTS: dict[LineFate, str] = {
    LineFate.RECORDED: "Enregistrées",
    LineFate.KNOWN_ALREADY: "Déjà connues",
    LineFate.REFUSED: "Refusées",
}

FATES: dict[LineFate, str] = {
    LineFate.RECORDED: "enregistrée",
    LineFate.KNOWN_ALREADY: "déjà connue",
    LineFate.REFUSED: "refusée",
}

ACCOUNTS = words.ACCOUNTS

MOVEMENTS = words.MOVEMENTS

BOOKS: dict[BookCode, str] = {
    BookCode.POSTING_WRONG: "Une écriture n'a pas de sens",
    BookCode.DEBIT_IS_NOT_CREDIT: "Le débit n'égale pas le crédit",
    BookCode.INCOME_DIFFERS: "Les produits ne sont pas la somme des factures",
    BookCode.RECEIVABLE_DIFFERS: "Ce que doit le payeur n'est pas ce qui reste à payer",
    BookCode.BANK_DIFFERS: "La banque n'est pas la somme des paiements",
    BookCode.SHARE_DIFFERS: "Les parts ne sont pas celles des factures",
    BookCode.SHARE_DUE_DIFFERS: "Ce qui est dû aux centres n'est pas ce qui reste à verser",
    BookCode.PAYMENT_OVERMATCHED: "Un paiement est attribué au-delà de son montant",
}
"""What does not agree; empty in books that do."""

DECIDED_BY: dict[DecidedBy, str] = {
    DecidedBy.START: "le premier jour de la séquence",
    DecidedBy.END: "le dernier jour de la séquence",
}

INTERRUPTED: dict[InterruptedEarns, str] = {
    InterruptedEarns.FULL: "payée en entier",
    InterruptedEarns.PRO_RATA: "payée au prorata des jours",
    InterruptedEarns.NONE: "pas payée",
}

FIELDS: dict[str, str] = {
    "regime": "Régime",
    "fund": "Caisse",
    "centre": "Centre",
    "full": "100 %",
    "note": "Note",
    "day": "Date",
    "on": "Date",
    "amount": "Montant",
    "reference": "Référence",
    "sex": "Sexe",
    "birth-date": "Date de naissance",
}
"""Name of a field, or detail of a reason -> what it is called on the page."""

FORMATS: dict[Format, str] = {
    Format.NDJSON: "Ressources FHIR (NDJSON)",
    Format.TRANSACTION: "Transactions FHIR, à envoyer à un serveur",
    Format.CSV: "Tableau des factures",
    Format.SUMMARY: "Résumé à lire ou à imprimer",
}

IMPORTS: dict[str, str] = {
    "answers-csv": "réponses (CSV)",
    "answers-fhir": "réponses (FHIR)",
    "payments-csv": "paiements (CSV)",
    "payments-fhir": "paiements (FHIR)",
}


class Upload(StrEnum):
    """Why a file that was sent is not even read."""

    MISSING = "missing"
    EMPTY = "empty"
    TOO_LARGE = "too-large"
    KIND_UNKNOWN = "kind-unknown"
    NO_SCHEME = "no-scheme"


UPLOADS: dict[Upload, str] = {
    Upload.MISSING: "Choisissez un fichier, puis recommencez.",
    Upload.EMPTY: "Ce fichier est vide : demandez-le à nouveau au payeur.",
    Upload.TOO_LARGE: "Ce fichier est trop gros pour cette page : utilisez la ligne de commande.",
    Upload.KIND_UNKNOWN: "Ce fichier n'est ni un CSV ni un Bundle FHIR en JSON : vérifiez que c'est le bon.",
    Upload.NO_SCHEME: "Ce fichier n'est pas un barème valable : corrigez les lignes ci-dessous, puis recommencez.",
}

TEXTS: tuple[str, ...] = (
    *VERDICTS.values(),
    *TO_DO.values(),
    *STATUSES.values(),
    *CLAIMS.values(),
    *OUTCOMES.values(),
    *CANCELS.values(),
    *PROOFS.values(),
    *PARTS.values(),
    *DEEDS.values(),
    *FATE_COUNTS.values(),
    *FATES.values(),
    *ACCOUNTS.values(),
    *MOVEMENTS.values(),
    *BOOKS.values(),
    *DECIDED_BY.values(),
    *INTERRUPTED.values(),
    *FIELDS.values(),
    *FORMATS.values(),
    *IMPORTS.values(),
    *UPLOADS.values(),
)
"""Everything that ``told.said`` may be asked for, beside ``line_texts.LINES``."""
