"""Billing's storage: what the pathways tell of sequences, claims and the books; batches, schemes, payments.

``projected`` writes the first three with the pathways' events; the others are written by the use cases of billing.
"""

from sesame_fhir.services.billing.ports import (
    BatchStore,
    ClaimStore,
    LedgerStore,
    PaymentStore,
    SchemeStore,
    SequenceStore,
)
from sesame_fhir.storage.billing.batches import Batches
from sesame_fhir.storage.billing.claims import Claims
from sesame_fhir.storage.billing.ledger import Ledger
from sesame_fhir.storage.billing.payments import Payments
from sesame_fhir.storage.billing.schemes import Schemes
from sesame_fhir.storage.billing.sequences import Sequences
from sesame_fhir.storage.session import Database

__all__ = ["BillingStores"]


class BillingStores:
    """Everything that billing needs of one database (``services.billing.ports.Stores``)."""

    def __init__(self, database: Database) -> None:
        self.schemes: SchemeStore = Schemes(database)
        self.sequences: SequenceStore = Sequences(database)
        self.batches: BatchStore = Batches(database)
        self.claims: ClaimStore = Claims(database)
        self.ledger: LedgerStore = Ledger(database)
        self.payments: PaymentStore = Payments(database)
