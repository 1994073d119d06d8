"""French words for what examples use. A test keeps the table of states complete."""

from enum import StrEnum

from mappings.displays import display
from sesame_fhir.domain.billing.ledger import Account
from sesame_fhir.domain.transitions import State

STATES: dict[State, str] = {
    State.NEW: "rien n'est enregistré",
    State.SCREENED: "dépisté",
    State.NOT_REFERRED: "non adressé",
    State.REFERRED: "adressé",
    State.NOT_STARTED: "adressage sans suite",
    State.ASSESSMENT: "évaluation initiale",
    State.CARE: "prise en charge",
    State.RELAPSE_PREVENTION: "prévention des rechutes",
    State.CARE_INTERRUPTED: "prise en charge suspendue",
    State.RELAPSE_PREVENTION_INTERRUPTED: "prévention des rechutes suspendue",
    State.EXITED: "sorti",
    State.MERGED: "réuni avec un autre parcours",
}

ACCOUNTS: dict[Account, str] = {
    Account.PAYER: "payeur",
    Account.INCOME: "produits",
    Account.BANK: "banque",
    Account.HOSTING_COST: "charge",
    Account.HOSTING_DUE: "dû au centre",
}


def said(code: StrEnum) -> str:
    """A code in the middle of a sentence."""
    return display(code).lower()
