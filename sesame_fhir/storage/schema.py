"""The tables of the pathway: its events, what is derived from them, and what is on its way to the EHRs.

SQLAlchemy Core metadata, once for both databases; a test compares it with what the migrations make. Bodies are stored
once, in ``body``.
"""

from sqlalchemy import Column, Index, Table, UniqueConstraint

from sesame_fhir.storage.columns import KEY, blob, instant, integer, key, metadata, of, text

# -- the truth ---------------------------------------------------------------------------------------------------------
pathway = Table(
    "pathway",
    metadata,
    key("pathway_key"),
    text("pathway_id"),
    text("site"),
    integer("version"),
    instant("created_at"),
    UniqueConstraint("pathway_id"),
)

event = Table(
    "event",
    metadata,
    key("event_key"),
    of("pathway.pathway_key"),
    integer("sequence"),
    text("event_id"),
    text("kind"),
    instant("occurred_at"),
    instant("recorded_at"),
    text("site"),
    text("command_id"),
    blob("body"),
    UniqueConstraint("pathway_key", "sequence"),
    UniqueConstraint("event_id"),
)

command = Table(
    "command",
    metadata,
    key("command_key"),
    text("command_id"),
    of("pathway.pathway_key"),
    instant("recorded_at"),
    UniqueConstraint("command_id"),
    Index(None, "pathway_key"),
)

# -- projections -------------------------------------------------------------------------------------------------------
patient_key = Table(
    "patient_key",
    metadata,
    key("patient_key_key"),
    text("key_text"),
    of("pathway.pathway_key"),
    UniqueConstraint("key_text"),
    Index(None, "pathway_key"),
)

body = Table("body", metadata, key("body_key"), blob("content"))


def body_of() -> Column[int]:
    """Build the reference to a body (None: tombstone); no foreign key, for deletes would search it."""
    return Column("body_key", KEY, nullable=True)


resource = Table(
    "resource",
    metadata,
    key("resource_key"),
    text("resource_type"),
    text("fhir_id"),
    text("site"),
    text("origin"),
    of("pathway.pathway_key", nullable=True),
    integer("version"),
    instant("last_updated"),
    body_of(),
    UniqueConstraint("resource_type", "fhir_id"),
    Index(None, "resource_type", "last_updated", "resource_key", "body_key"),
    Index(None, "pathway_key"),
)

resource_version = Table(
    "resource_version",
    metadata,
    key("version_key"),
    of("resource.resource_key"),
    integer("version"),
    instant("last_updated"),
    body_of(),
    UniqueConstraint("resource_key", "version"),
)


def _index_table(name: str, searched: tuple[str, ...], *columns: Column[str] | Column[int]) -> Table:
    """Build a table of searchable values; ``param`` is ``storage.index.param_key`` of the type and the parameter."""
    return Table(
        name,
        metadata,
        key("entry_key"),
        of("resource.resource_key"),
        instant("param"),
        *columns,
        Index(f"ix_{name}_value", "param", *searched, "resource_key"),
        Index(f"ix_{name}_resource", "resource_key", "param"),
    )


index_token = _index_table("index_token", ("code", "system"), text("system"), text("code"))
index_string = _index_table("index_string", ("folded",), text("folded"), text("text"))
index_date = _index_table("index_date", ("low", "high"), instant("low"), instant("high"))
index_reference = _index_table("index_reference", ("ref_id", "ref_type"), text("ref_type"), text("ref_id"))
index_uri = _index_table("index_uri", ("uri",), text("uri"))
index_quantity = _index_table(
    "index_quantity", ("low", "high"), text("low"), text("high"), text("system"), text("code"), text("unit")
)

# -- delivery to the EHRs ----------------------------------------------------------------------------------------------
outbox = Table(
    "outbox",
    metadata,
    key("item_key"),
    of("pathway.pathway_key"),
    text("site"),
    integer("position"),
    text("resource_type"),
    text("resource_id"),
    text("ehr_id"),
    text("patient"),
    text("depends_on"),
    integer("wanted_version"),
    integer("sent_version"),
    text("status"),
    integer("attempts"),
    instant("next_attempt_at"),
    instant("leased_until"),
    text("location", null=True),
    text("error", null=True),
    UniqueConstraint("resource_type", "resource_id", "ehr_id"),
    Index(None, "status", "next_attempt_at"),
    Index(None, "pathway_key", "position"),
    Index(None, "ehr_id", "patient", "status"),
)
