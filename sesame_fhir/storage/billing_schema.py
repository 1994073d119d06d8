"""The tables of billing: what the pathways tell of sequences, claims and the books; batches, schemes, payments.

``billing_sequence``, ``claim``, ``claim_payment`` and the postings of a pathway are projections. Days are ISO texts,
money is whole cents. That no sequence is claimed twice is held here too: by the keys of ``claim``, whatever the code.
"""

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy import text as sql

from sesame_fhir.storage.columns import blob, flag, instant, integer, key, metadata, money, of, text


def _where(name: str, condition: str, *columns: str, unique: bool = False) -> Index:
    """Build an index of some rows only."""
    return Index(name, *columns, unique=unique, sqlite_where=sql(condition), postgresql_where=sql(condition))


# -- projections -------------------------------------------------------------------------------------------------------
billing_sequence = Table(
    "billing_sequence",
    metadata,
    key("sequence_key"),
    of("pathway.pathway_key"),
    text("pathway_id"),
    integer("rank"),
    text("site"),
    text("ends_on"),
    flag("finished"),
    flag("claimed"),
    text("digest"),
    blob("body"),
    UniqueConstraint("pathway_key", "rank"),
    _where("ix_billing_sequence_free", "NOT claimed", "pathway_id", "rank", "finished", "ends_on", "site"),
)
"""``ends_on``: its last day, the planned one while it runs. ``claimed``: a live claim holds it."""

claim = Table(
    "claim",
    metadata,
    key("claim_key"),
    of("pathway.pathway_key"),
    text("pathway_id"),
    text("claim_id"),
    integer("rank"),
    integer("attempt", null=True),
    text("batch_id", null=True),
    text("site"),
    text("biller_id", null=True),
    text("scheme_id", null=True),
    text("scheme_version", null=True),
    text("status"),
    money("amount"),
    money("share"),
    text("billed_on"),
    flag("live"),
    flag("stale"),
    flag("superseded"),
    blob("body"),
    UniqueConstraint("claim_id"),
    UniqueConstraint("pathway_key", "rank", "attempt"),
    _where("uq_claim_live", "live", "pathway_key", "rank", unique=True),
    _where("ix_claim_stale", "stale", "claim_id"),
    Index("ix_claim_batch_id", "batch_id", "claim_id"),
    Index("ix_claim_scheme_id", "scheme_id", "scheme_version"),
    Index("ix_claim_status", "status", "claim_id"),
    Index("ix_claim_counted", "status", "stale", "site"),
)
"""``attempt`` and what comes from terms are null for claims recorded before this software made them itself."""

claim_payment = Table(
    "claim_payment",
    metadata,
    key("claim_payment_key"),
    of("pathway.pathway_key"),
    text("claim_id"),
    integer("number"),
    text("payment_id"),
    money("amount"),
    UniqueConstraint("pathway_key", "claim_id", "number"),
    Index(None, "payment_id", "claim_id", "amount"),
)
"""What was paid for a claim, by the payments it was part of; ``number`` counts the claim's own."""

ledger_posting = Table(
    "ledger_posting",
    metadata,
    key("posting_key"),
    of("pathway.pathway_key", nullable=True),
    text("posting_id"),
    text("day"),
    text("movement"),
    text("debit"),
    text("credit"),
    money("amount"),
    text("claim_id"),
    text("site"),
    text("biller_id"),
    text("scheme_id"),
    UniqueConstraint("posting_id"),
    Index(None, "pathway_key"),
    Index(None, "day", "posting_id"),
    Index(None, "site", "day", "posting_id"),
)
"""The books. ``pathway_key`` is null for what no pathway tells: shares paid to the centres."""

# -- the month ---------------------------------------------------------------------------------------------------------
billing_batch = Table(
    "billing_batch",
    metadata,
    key("batch_key"),
    text("batch_id"),
    text("month"),
    text("scheme_id"),
    text("biller_id"),
    integer("number"),
    text("status"),
    instant("created_at"),
    text("created_by"),
    text("frozen", null=True),
    text("digest", null=True),
    instant("frozen_at", null=True),
    text("frozen_by", null=True),
    instant("approved_at", null=True),
    text("approved_by", null=True),
    instant("submitted_at", null=True),
    text("submitted_by", null=True),
    integer("edition"),
    UniqueConstraint("batch_id"),
    UniqueConstraint("month", "scheme_id", "biller_id", "number"),
    _where("uq_billing_batch_draft", "status = 'draft'", "month", "scheme_id", "biller_id", unique=True),
)

billing_batch_line = Table(
    "billing_batch_line",
    metadata,
    key("line_key"),
    of("billing_batch.batch_key"),
    text("pathway_id"),
    integer("rank"),
    text("claim_id"),
    text("site"),
    text("ends_on"),
    text("scheme_version"),
    money("amount"),
    money("share"),
    text("held", null=True),
    flag("open"),
    text("digest"),
    blob("terms"),
    UniqueConstraint("batch_key", "pathway_id", "rank"),
    _where("uq_billing_batch_line_open", "open", "pathway_id", "rank", unique=True),
    Index("ix_billing_batch_line_place", "batch_key", "site", "ends_on", "pathway_id", "rank"),
    Index("ix_billing_batch_line_counted", "batch_key", "held", "scheme_version", "site", "amount", "share"),
)
"""``open``: the batch is not submitted yet; a sequence is in one such batch at most. ``digest``: of the terms."""

# -- configuration, money and files that came in -----------------------------------------------------------------------
billing_scheme = Table(
    "billing_scheme",
    metadata,
    key("scheme_key"),
    text("scheme_id"),
    text("version"),
    integer("revision"),
    text("digest"),
    text("source"),
    blob("body"),
    instant("added_at"),
    text("added_by"),
    UniqueConstraint("scheme_id", "version", "revision"),
)

billing_payment = Table(
    "billing_payment",
    metadata,
    key("payment_key"),
    text("payment_id"),
    text("biller_id"),
    text("day"),
    money("amount"),
    instant("recorded_at"),
    text("recorded_by"),
    UniqueConstraint("payment_id"),
)

share_paid = Table(
    "share_paid",
    metadata,
    key("share_key"),
    text("reference"),
    text("site"),
    text("biller_id"),
    text("month"),
    money("amount"),
    text("day"),
    text("recorded_by"),
    UniqueConstraint("biller_id", "site", "reference"),
    Index(None, "month"),
)

billing_import = Table(
    "billing_import",
    metadata,
    key("import_key"),
    text("digest"),
    text("kind"),
    text("name"),
    instant("imported_at"),
    text("imported_by"),
    text("results"),
    UniqueConstraint("digest"),
)
