"""Examples: what each event of a claim does to the books, and what the claim leaves on them."""

from collections.abc import Iterable
from decimal import Decimal

from sesame_fhir.domain.billing.ledger import Account, Posting, postings
from sesame_fhir.domain.evolution import evolve
from tests.specification import labels
from tests.specification.claim_situations import (
    ACCEPTED_BY_PAYER,
    AGAIN,
    BILLED,
    GIVEN_BACK,
    KEPT_AS_IT_IS,
    PAID,
    PART,
    READY,
    REJECTED_BY_PAYER,
    REST,
    TAKEN_BACK,
)
from tests.specification.model import Step, Table, on
from tests.specification.words import day, money
from tests.support.story import COORDINATOR, event

_CLAIMED = on("2026-07-01", BILLED, COORDINATOR)
_REJECTED = on("2026-07-09", REJECTED_BY_PAYER, COORDINATOR)
_PART = on("2026-07-16", PART, COORDINATOR)
_CANCELLED = on("2026-07-20", TAKEN_BACK, COORDINATOR)
LIVES: dict[str, tuple[Step, ...]] = {
    "facturée": (_CLAIMED,),
    "acceptée": (_CLAIMED, on("2026-07-09", ACCEPTED_BY_PAYER, COORDINATOR)),
    "rejetée, réponse du 08/07 notée le 09/07": (_CLAIMED, _REJECTED),
    "rejetée, puis facturée à nouveau": (_CLAIMED, _REJECTED, on("2026-08-03", AGAIN, COORDINATOR)),
    "payée 100,00 €": (_CLAIMED, _PART),
    "payée 100,00 €, puis 200,00 €": (_CLAIMED, _PART, on("2026-07-17", REST, COORDINATOR)),
    "payée 100,00 €, puis annulée": (_CLAIMED, _PART, _CANCELLED),
    "payée 100,00 €, annulée, puis 100,00 € repris": (
        *(_CLAIMED, _PART, _CANCELLED),
        on("2026-08-04", GIVEN_BACK, COORDINATOR),
    ),
    "annulée, puis payée quand même": (_CLAIMED, _CANCELLED, on("2026-07-21", PAID, COORDINATOR)),
    "maintenue telle quelle": (_CLAIMED, on("2026-07-20", KEPT_AS_IT_IS, COORDINATOR)),
}


def written(life: str) -> tuple[Posting, ...]:
    """Every posting of a life of READY's sequence, the last event's last."""
    return tuple(posting for made in _by_event(life) for posting in made)


def _by_event(life: str) -> list[tuple[Posting, ...]]:
    pathway, made = READY.pathway, []
    for step in LIVES[life]:
        happened = event(pathway.version + 1, step.data, step.by, occurred_at=step.at)
        made.append(postings(pathway, happened))
        pathway = evolve(pathway, happened)
    return made


def balance(made: Iterable[Posting], account: Account) -> Decimal:
    """Debits less credits."""
    moved = ((p.debit is account) * p.amount - (p.credit is account) * p.amount for p in made)
    return sum(moved, Decimal("0.00"))


def _line(posting: Posting) -> str:
    accounts = f"{labels.ACCOUNTS[posting.debit]} à {labels.ACCOUNTS[posting.credit]}"
    return f"{day(posting.on)} {accounts} {money(posting.amount)}"


def _books(life: str) -> tuple[str, ...]:
    every = written(life)
    return (
        " ; ".join(map(_line, _by_event(life)[-1])) or "rien",
        *(money(balance(every, account)) for account in (Account.PAYER, Account.BANK)),
        *(money(-balance(every, account)) for account in (Account.INCOME, Account.HOSTING_DUE)),
    )


BOOKS = Table(
    "Ce que chaque pas fait aux livres",
    "Partie double : « débit à crédit ». Facture, rejet et annulation sont du jour où ils sont notés (un mois clos ne "
    "change plus), l'argent du jour de la banque. Le payeur doit ce qui reste d'une facture debout ; ce qu'il a payé "
    "d'une facture tombée est à lui rendre (un solde négatif : un avoir). Exemple : 300,00 €, dont 15 % au centre.",
    ("facture", "dernière écriture", "payeur", "banque", "produits", "dû au centre"),
    _books,
    (
        (
            "facturée",
            "01/07/2026 payeur à produits 300,00 € ; 01/07/2026 charge à dû au centre 45,00 €",
            "300,00 €",
            "0,00 €",
            "300,00 €",
            "45,00 €",
        ),
        ("acceptée", "rien", "300,00 €", "0,00 €", "300,00 €", "45,00 €"),
        (
            "rejetée, réponse du 08/07 notée le 09/07",
            "09/07/2026 produits à payeur 300,00 € ; 09/07/2026 dû au centre à charge 45,00 €",
            "0,00 €",
            "0,00 €",
            "0,00 €",
            "0,00 €",
        ),
        (
            "rejetée, puis facturée à nouveau",
            "03/08/2026 payeur à produits 300,00 € ; 03/08/2026 charge à dû au centre 45,00 €",
            "300,00 €",
            "0,00 €",
            "300,00 €",
            "45,00 €",
        ),
        ("payée 100,00 €", "15/07/2026 banque à payeur 100,00 €", "200,00 €", "100,00 €", "300,00 €", "45,00 €"),
        (
            "payée 100,00 €, puis 200,00 €",
            "15/07/2026 banque à payeur 200,00 €",
            "0,00 €",
            "300,00 €",
            "300,00 €",
            "45,00 €",
        ),
        (
            "payée 100,00 €, puis annulée",
            "20/07/2026 produits à payeur 300,00 € ; 20/07/2026 dû au centre à charge 45,00 €",
            "-100,00 €",
            "100,00 €",
            "0,00 €",
            "0,00 €",
        ),
        (
            "payée 100,00 €, annulée, puis 100,00 € repris",
            "03/08/2026 payeur à banque 100,00 €",
            "0,00 €",
            "0,00 €",
            "0,00 €",
            "0,00 €",
        ),
        (
            "annulée, puis payée quand même",
            "15/07/2026 banque à payeur 300,00 €",
            "-300,00 €",
            "300,00 €",
            "0,00 €",
            "0,00 €",
        ),
        ("maintenue telle quelle", "rien", "300,00 €", "0,00 €", "300,00 €", "45,00 €"),
    ),
)
