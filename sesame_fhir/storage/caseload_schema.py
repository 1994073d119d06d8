"""The tables of the team's work: the caseload and its lists, the agenda, the facts, review sessions.

All but the review sessions are projections. Sort keys of entries are never null (``storage.caseload_entries``), so that
one index serves both directions on both databases.
"""

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy import text as sql

from sesame_fhir.storage.columns import KEY, blob, flag, instant, integer, key, metadata, of, text


def _one_per_pathway() -> Column[int]:
    return Column("pathway_key", KEY, ForeignKey("pathway.pathway_key"), primary_key=True, autoincrement=False)


_SEQUENCE_RUNS = sql("sequence_end IS NOT NULL AND bucket <> 'closed'")

caseload = Table(
    "caseload",
    metadata,
    _one_per_pathway(),
    text("pathway_id"),
    text("site"),
    text("state"),
    text("bucket"),
    text("family"),
    text("given"),
    text("sort_name"),
    text("birth_date", null=True),
    text("sex"),
    instant("updated_at"),
    flag("safety_open"),
    integer("last_phq2", null=True),
    integer("first_phq9", null=True),
    integer("last_phq9", null=True),
    integer("phq9_change", null=True),
    integer("first_gad7", null=True),
    integer("last_gad7", null=True),
    instant("last_score_at", null=True),
    instant("referred_at", null=True),
    text("referrer", null=True),
    text("referrer_id", null=True),
    integer("calls"),
    text("nurse_id", null=True),
    text("nurse", null=True),
    text("psychiatrist_id", null=True),
    text("psychiatrist", null=True),
    text("started_on", null=True),
    instant("next_contact_at", null=True),
    text("contact_due_on", null=True),
    instant("last_contact_at", null=True),
    integer("sequence_rank", null=True),
    text("sequence_end", null=True),
    flag("discuss"),
    instant("reviewed_at", null=True),
    integer("advice_waiting"),
    integer("unread_gp"),
    integer("unread_nurse"),
    integer("unread_psychiatrist"),
    text("flags"),
    text("attention_on", null=True),
    text("end_reason", null=True),
    Index(
        "ix_caseload_sequence_end",
        "sequence_end",
        "pathway_key",
        sqlite_where=_SEQUENCE_RUNS,
        postgresql_where=_SEQUENCE_RUNS,
    ),
)

_SORTED = ("attention", "next_contact", "name", "started", "sequence_end", "change", "referred", "updated")
_LATER = sql("since > 0")

caseload_entry = Table(
    "caseload_entry",
    metadata,
    key("entry_key"),
    of("pathway.pathway_key"),
    text("site"),
    instant("listing"),
    text("rule", null=True),
    integer("since"),
    integer("until"),
    integer("attention"),
    instant("next_contact"),
    text("name"),
    integer("started"),
    integer("sequence_end"),
    integer("change"),
    instant("referred"),
    instant("updated"),
    UniqueConstraint("listing", "pathway_key", "since"),
    Index("ix_caseload_entry_pathway_key", "pathway_key", "rule"),
    Index(
        "ix_caseload_entry_since",
        *("listing", "since", "until", "pathway_key"),
        sqlite_where=_LATER,
        postgresql_where=_LATER,
    ),
    *(Index(f"ix_caseload_entry_{column}", "listing", column, "pathway_key", "since", "until") for column in _SORTED),
)

agenda_slot = Table(
    "agenda_slot",
    metadata,
    key("slot_key"),
    of("pathway.pathway_key"),
    text("contact_id"),
    text("pathway_id"),
    text("site"),
    text("nurse_id", null=True),
    text("family"),
    text("given"),
    instant("planned_at"),
    text("mode"),
    text("task"),
    UniqueConstraint("pathway_key", "contact_id"),
    Index(None, "site", "planned_at", "contact_id"),
    Index(None, "site", "nurse_id", "planned_at", "contact_id"),
)

pathway_facts = Table(
    "pathway_facts",
    metadata,
    _one_per_pathway(),
    text("site"),
    blob("body"),
    Index(None, "site", "pathway_key"),
)

former_key = Table(
    "former_key",
    metadata,
    key("former_key_key"),
    text("key_text"),
    of("pathway.pathway_key"),
    instant("closed_at"),
    UniqueConstraint("key_text", "pathway_key"),
    Index(None, "pathway_key"),
)

outdated_pathway = Table("outdated_pathway", metadata, _one_per_pathway())
"""Pathways whose projections an upgrade has left behind: a rebuild takes them off."""

review_session = Table(
    "review_session",
    metadata,
    key("session_key"),
    text("session_id"),
    text("site"),
    instant("held_at"),
    integer("minutes"),
    text("participants"),
    text("pathways"),
    text("logged_by"),
    UniqueConstraint("session_id"),
    Index(None, "site", "held_at", "session_id"),
)
