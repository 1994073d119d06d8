"""What a column of a billing file can hold: a closed list of words, each with its type and its meaning in French."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a line of a file is about: claims go out, answers and payments come in."""

    CLAIMS = "claims"
    ANSWERS = "answers"
    PAYMENTS = "payments"


class ValueType(StrEnum):
    """How a value is written decides which transforms it takes."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    MONTH = "month"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the vocabulary. ``about``: its meaning, in French, as the reference prints it."""

    kind: ValueType
    about: str


_T = ValueType

OF_BATCH: Mapping[str, Word] = {
    "batch-id": Word(_T.CODE, "identifiant du lot"),
    "month": Word(_T.MONTH, "mois facturé"),
    "scheme-id": Word(_T.CODE, "régime de facturation (article-51, parcours coordonné…)"),
    "biller-id": Word(_T.CODE, "facturant, tel que le déploiement le nomme"),
    "biller-name": Word(_T.TEXT, "nom du facturant"),
    "biller-identifier": Word(_T.CODE, "identifiant du facturant (FINESS, SIRET)"),
    "line-count": Word(_T.NUMBER, "nombre de lignes du lot"),
    "sum-amount": Word(_T.MONEY, "somme des montants du lot"),
    "sum-share": Word(_T.MONEY, "somme des parts des centres hébergeurs"),
    "digest": Word(_T.CODE, "empreinte SHA-256 des lignes du lot, calculée quand il a été figé"),
    "dated": Word(_T.DAY, "jour de l'envoi du lot ; d'un aperçu : jour où il a été figé"),
    "preview": Word(_T.FLAG, "aperçu d'un lot qui n'a pas encore été envoyé"),
}
"""Of the whole batch: in every record, also in the first and the last."""

OF_LINE: Mapping[str, Word] = {
    "line-number": Word(_T.NUMBER, "numéro de la ligne, à partir de 1"),
    "claim-id": Word(_T.CODE, "identifiant de la facture : le même à chaque export"),
    "attempt": Word(_T.NUMBER, "numéro de la présentation (1, puis 2 après un rejet ou une correction)"),
    "replaces": Word(_T.CODE, "facture remplacée"),
    "pathway-id": Word(_T.CODE, "identifiant du parcours"),
    "rank": Word(_T.NUMBER, "rang de la séquence"),
    "start": Word(_T.DAY, "premier jour de la séquence"),
    "planned-end": Word(_T.DAY, "dernier jour prévu"),
    "end": Word(_T.DAY, "dernier jour"),
    "interrupted": Word(_T.FLAG, "séquence finie avant le jour prévu"),
    "days": Word(_T.NUMBER, "jours suivis, premier et dernier compris"),
    "planned-days": Word(_T.NUMBER, "jours prévus"),
    "contacts": Word(_T.NUMBER, "contacts qui ont eu lieu dans la séquence"),
    "tariff": Word(_T.MONEY, "tarif d'une séquence entière"),
    "amount": Word(_T.MONEY, "montant facturé"),
    "share": Word(_T.MONEY, "part du centre hébergeur"),
    "scheme-version": Word(_T.CODE, "version du régime de facturation"),
    "rule-version": Word(_T.CODE, "version des règles qui ont décidé"),
    "reasons": Word(_T.CODE, "motifs de la décision, codés, séparés par un espace"),
    "facts-digest": Word(_T.CODE, "empreinte SHA-256 des faits sur lesquels la facture repose"),
    "example": Word(_T.FLAG, "le tarif est un exemple, jamais de l'argent réel"),
    "site": Word(_T.CODE, "centre hébergeur"),
    "ins": Word(_T.CODE, "matricule INS et sa clé (15 caractères)"),
    "ins-matricule": Word(_T.CODE, "matricule INS sans sa clé (13 caractères)"),
    "ins-nature": Word(_T.CODE, "nature du matricule (INS-NIR, INS-NIA, INS-NIR-TEST, INS-NIR-DEMO)"),
    "family": Word(_T.TEXT, "nom de naissance du patient"),
    "given": Word(_T.TEXT, "prénom du patient"),
    "birth-date": Word(_T.DAY, "date de naissance du patient"),
    "sex": Word(_T.CODE, "sexe (male, female, other, unknown)"),
    "regime": Word(_T.CODE, "régime d'assurance maladie"),
    "fund": Word(_T.CODE, "caisse"),
    "centre": Word(_T.CODE, "centre de la caisse"),
    "full": Word(_T.FLAG, "prise en charge à 100 %"),
}
"""Of one claim: in the lines only."""

OF_ANSWER: Mapping[str, Word] = {
    "claim-id": Word(_T.CODE, "identifiant de la facture, tel qu'il a été envoyé"),
    "batch-id": Word(_T.CODE, "lot dans lequel elle a été envoyée"),
    "response-id": Word(_T.CODE, "référence de la réponse chez le payeur"),
    "outcome": Word(_T.CODE, "accepted ou rejected"),
    "reason-code": Word(_T.CODE, "motif du rejet, dans le code du payeur"),
    "reason-text": Word(_T.TEXT, "motif du rejet, en toutes lettres"),
    "amount": Word(_T.MONEY, "montant accepté"),
    "date": Word(_T.DAY, "jour de la réponse"),
    "line": Word(_T.CODE, "numéro de la ligne et nombre de lignes du fichier (3/120)"),
}
OF_PAYMENT: Mapping[str, Word] = {
    "payment-id": Word(_T.CODE, "référence du paiement chez le payeur"),
    "biller-id": Word(_T.CODE, "facturant payé"),
    "date": Word(_T.DAY, "jour où l'argent est arrivé"),
    "payment-amount": Word(_T.MONEY, "montant du paiement entier"),
    "claim-id": Word(_T.CODE, "identifiant de la facture payée"),
    "amount": Word(_T.MONEY, "montant payé pour elle, négatif quand il est repris"),
    "line": Word(_T.CODE, "numéro de la ligne et nombre de lignes du fichier (3/120)"),
}

LINE_WORDS: Mapping[Kind, Mapping[str, Word]] = {
    Kind.CLAIMS: {**OF_BATCH, **OF_LINE},
    Kind.ANSWERS: OF_ANSWER,
    Kind.PAYMENTS: OF_PAYMENT,
}
"""What a line of each kind of file can hold."""

NEEDED: Mapping[Kind, frozenset[str]] = {
    Kind.CLAIMS: frozenset({"claim-id", "amount"}),
    Kind.ANSWERS: frozenset({"claim-id", "response-id", "outcome", "date"}),
    Kind.PAYMENTS: frozenset(OF_PAYMENT) - {"line"},
}
"""Without these a file says nothing: an answer must come back to its claim."""
