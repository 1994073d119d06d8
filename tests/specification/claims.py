"""Examples: the life of a claim, from the insurance to the money."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.books import BOOKS
from tests.specification.claim_situations import (
    ACCEPTED,
    ACCEPTED_BY_PAYER,
    AGAIN,
    ALL_PAID,
    BILLED,
    CANCELLED,
    CLAIMED,
    COVERED,
    GIVEN_BACK,
    KEPT_AS_IT_IS,
    PAID,
    PAID_THEN_CANCELLED,
    PART,
    PARTLY_PAID,
    READY,
    REJECTED,
    REJECTED_BY_PAYER,
    REST,
    TAKEN_BACK,
)
from tests.specification.model import Chapter, Example, Page
from tests.specification.situations import CARE, SEQUENCE, SEQUENCE_DONE, held
from tests.support.story import COORDINATOR


def _asked(*rows: tuple[object, ...], at: str = "2026-08-03") -> tuple[Example, ...]:
    """Examples of the coordinator; a row is situation, event and the reasons against it."""
    return tuple(Example(row[0], row[1], row[2:], COORDINATOR, at) for row in rows)  # type: ignore[arg-type]


COVERING = Chapter(
    "Noter la couverture maladie",
    "Régime (2 chiffres), caisse (3), centre (4), comme dans le numérotage national ; ce qui n'est pas connu reste "
    "vide. La dernière notée vaut.",
    _asked(
        (CARE, COVERED),
        (CARE, ev.CoverageRecorded()),
        (CARE, replace(COVERED, full=None, centre=None)),
        (CARE, replace(COVERED, regime="1"), Why.COVERAGE_CODE_WRONG),
        (CARE, replace(COVERED, fund="75"), Why.COVERAGE_CODE_WRONG),
        (CARE, replace(COVERED, centre="00000"), Why.COVERAGE_CODE_WRONG),
        (CARE, replace(COVERED, regime="O1", fund="7 1"), Why.COVERAGE_CODE_WRONG, Why.COVERAGE_CODE_WRONG),
        (CARE, replace(COVERED, fund="٧٥١"), Why.COVERAGE_CODE_WRONG),
        (CARE, replace(COVERED, centre=""), Why.COVERAGE_CODE_WRONG),
    ),
)
BILLING = Chapter(
    "Facturer une séquence",
    "Une séquence finie, une seule fois ; le numéro de la facture est celui de la séquence et de l'essai. Une "
    "facture se fait sur les faits de l'instant : s'ils ont changé depuis la décision, elle est refusée.",
    _asked(
        (READY, BILLED),
        (CLAIMED, BILLED, Why.SEQUENCE_ALREADY_BILLED),
        (CLAIMED, AGAIN, Why.SEQUENCE_ALREADY_BILLED),
        (REJECTED, AGAIN),
        (CANCELLED, AGAIN),
        (REJECTED, BILLED, Why.SEQUENCE_ALREADY_BILLED),
        (READY, AGAIN, Why.SEQUENCE_ALREADY_BILLED),
        (READY, replace(BILLED, claim_id="autre"), Why.SEQUENCE_ALREADY_BILLED),
        (READY.then(held("2026-06-02", "c5")), BILLED, Why.BATCH_CHANGED),
        (READY.then(held("2026-06-11", "c5")), BILLED),
        (SEQUENCE, BILLED, Why.SEQUENCE_NOT_FINISHED),
        (SEQUENCE_DONE, replace(BILLED, rank=2), Why.SEQUENCE_NOT_FINISHED),
    ),
)
ANSWERING = Chapter(
    "Noter la réponse du payeur",
    "Chaque réponse a son numéro et compte une fois. Une facture rejetée ou annulée ne change plus : la séquence se "
    "facture à nouveau. Une acceptation d'un autre montant n'est pas une acceptation.",
    _asked(
        (CLAIMED, ACCEPTED_BY_PAYER),
        (CLAIMED, replace(ACCEPTED_BY_PAYER, amount=None)),
        (CLAIMED, REJECTED_BY_PAYER),
        (ACCEPTED, replace(REJECTED_BY_PAYER, response_id="r2")),
        (ALL_PAID, REJECTED_BY_PAYER),
        (CLAIMED, replace(ACCEPTED_BY_PAYER, amount=Decimal("299.99")), Why.AMOUNT_DIFFERS),
        (CLAIMED, replace(ACCEPTED_BY_PAYER, on=date(2026, 8, 4)), Why.DATE_IN_FUTURE),
        (CLAIMED, replace(ACCEPTED_BY_PAYER, on=date(2026, 6, 30)), Why.BEFORE_CLAIM),
        (CLAIMED, replace(ACCEPTED_BY_PAYER, on=date(2026, 7, 1))),
        (ACCEPTED, ACCEPTED_BY_PAYER, Why.ANSWER_ALREADY_RECORDED),
        (ACCEPTED, REJECTED_BY_PAYER, Why.ANSWER_ALREADY_RECORDED),
        (REJECTED, REJECTED_BY_PAYER, Why.ANSWER_ALREADY_RECORDED),
        (REJECTED, replace(ACCEPTED_BY_PAYER, response_id="r2"), Why.CLAIM_CLOSED),
        (CANCELLED, ACCEPTED_BY_PAYER, Why.CLAIM_CLOSED),
        (READY, ACCEPTED_BY_PAYER, Why.NO_SUCH_CLAIM),
    ),
)
PAYING = Chapter(
    "Noter un paiement",
    "Ce qui est arrivé sur le compte est un fait : il se note aussi sur une facture rejetée ou annulée entre-temps, et "
    "reste alors à rendre (avoir). Jamais plus que la facture, jamais moins que rien.",
    _asked(
        (CLAIMED, PAID),
        (CLAIMED, PART),
        (PARTLY_PAID, REST),
        (ALL_PAID, GIVEN_BACK),
        (PAID_THEN_CANCELLED, GIVEN_BACK),
        (CANCELLED, PAID),
        (PARTLY_PAID, replace(REST, amount=Decimal("200.01")), Why.AMOUNT_DIFFERS),
        (CLAIMED, replace(PAID, amount=Decimal(0)), Why.AMOUNT_DIFFERS),
        (CLAIMED, replace(PAID, amount=Decimal("0.001")), Why.AMOUNT_DIFFERS),
        (CLAIMED, replace(PAID, amount=Decimal("NaN")), Why.AMOUNT_DIFFERS),
        (CLAIMED, GIVEN_BACK, Why.AMOUNT_DIFFERS),
        (PARTLY_PAID, PART, Why.PAYMENT_ALREADY_RECORDED),
        (CLAIMED, replace(PAID, on=date(2026, 8, 4)), Why.DATE_IN_FUTURE),
        (CLAIMED, replace(PAID, on=date(2026, 6, 30)), Why.BEFORE_CLAIM),
        (READY, PAID, Why.NO_SUCH_CLAIM),
    ),
)
CORRECTING = Chapter(
    "Annuler, maintenir",
    "Un fait corrigé après la facture ne la change pas : elle est annulée, puis la séquence facturée à nouveau, ou "
    "maintenue telle quelle. Annuler reprend la facture, jamais l'argent.",
    _asked(
        (CLAIMED, TAKEN_BACK),
        (ACCEPTED, TAKEN_BACK),
        (PARTLY_PAID, TAKEN_BACK),
        (CANCELLED, TAKEN_BACK, Why.CLAIM_CLOSED),
        (REJECTED, TAKEN_BACK, Why.CLAIM_CLOSED),
        (READY, TAKEN_BACK, Why.NO_SUCH_CLAIM),
        (CLAIMED, KEPT_AS_IT_IS),
        (CANCELLED, KEPT_AS_IT_IS, Why.CLAIM_CLOSED),
        (READY, KEPT_AS_IT_IS, Why.NO_SUCH_CLAIM),
    ),
)
PAGE = Page(
    "claims",
    "Factures, réponses, paiements, livres",
    "Source : page de référence du domaine, « Billing ». **Les montants sont des exemples inventés** : aucun tarif "
    "n'est public.",
    (COVERING, BILLING, ANSWERING, PAYING, CORRECTING, BOOKS),
)
