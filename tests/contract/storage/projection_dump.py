"""Every projection of a database as plain values, without surrogate keys: two dumps are equal or something differs."""
# ruff: noqa: S608  put together from fixed names

from sesame_fhir.storage import Store
from sesame_fhir.storage.billing_schema import billing_sequence, claim, claim_payment, ledger_posting
from sesame_fhir.storage.caseload_rows import AGENDA, CASELOAD
from sesame_fhir.storage.session import Row, Session

_INDEXES = {
    "index_token": "i.system, i.code",
    "index_string": "i.folded, i.text",
    "index_date": "i.low, i.high",
    "index_reference": "i.ref_type, i.ref_id",
    "index_uri": "i.uri",
    "index_quantity": "i.low, i.high, i.system, i.code, i.unit",
}
# Every column but the surrogate keys.
_BILLING = {
    table.name: [column.name for column in table.columns if not column.name.endswith("_key")]
    for table in (billing_sequence, claim, claim_payment, ledger_posting)
}
_TABLES = {
    "pathway": "SELECT pathway_id, site, version FROM pathway",
    "caseload": f"SELECT {CASELOAD.names} FROM caseload",
    "entries": (
        "SELECT p.pathway_id, e.site, e.listing, e.rule, e.since, e.until, e.attention, e.next_contact, e.name, "
        "e.started, e.sequence_end, e.change, e.referred, e.updated "
        "FROM caseload_entry e JOIN pathway p ON p.pathway_key = e.pathway_key"
    ),
    "agenda": f"SELECT {AGENDA.names} FROM agenda_slot",
    "facts": "SELECT p.pathway_id, f.site, f.body FROM pathway_facts f JOIN pathway p ON p.pathway_key = f.pathway_key",
    "keys": "SELECT k.key_text, p.pathway_id FROM patient_key k JOIN pathway p ON p.pathway_key = k.pathway_key",
    "former": (
        "SELECT k.key_text, k.closed_at, p.pathway_id FROM former_key k JOIN pathway p ON p.pathway_key = k.pathway_key"
    ),
    "resources": (
        "SELECT r.resource_type, r.fhir_id, r.site, r.origin, p.pathway_id, r.version, r.last_updated, b.content "
        "FROM resource r JOIN body b ON b.body_key = r.body_key LEFT JOIN pathway p ON p.pathway_key = r.pathway_key"
    ),
    "versions": (
        "SELECT r.resource_type, r.fhir_id, v.version, v.last_updated, b.content FROM resource_version v "
        "JOIN resource r ON r.resource_key = v.resource_key JOIN body b ON b.body_key = v.body_key"
    ),
    "bodies": "SELECT content FROM body",
    "sequences": f"SELECT {', '.join(_BILLING['billing_sequence'])} FROM billing_sequence",
    "claims": f"SELECT {', '.join(_BILLING['claim'])} FROM claim",
    "claim_payments": f"SELECT {', '.join(_BILLING['claim_payment'])} FROM claim_payment",
    "postings": f"SELECT {', '.join(_BILLING['ledger_posting'])} FROM ledger_posting",
    "outbox": (
        "SELECT resource_type, resource_id, ehr_id, patient, site, position, depends_on, wanted_version, sent_version, "
        "status, attempts, next_attempt_at, location, error FROM outbox"
    ),
}
_TABLES |= {
    table: f"SELECT r.resource_type, r.fhir_id, i.param, {columns} FROM {table} i JOIN resource r USING (resource_key)"
    for table, columns in _INDEXES.items()
}


def dump(store: Store) -> dict[str, list[Row]]:
    """Table -> its rows, sorted."""

    def job(session: Session) -> dict[str, list[Row]]:
        return {name: sorted(session.rows(sql), key=repr) for name, sql in _TABLES.items()}

    return store._database.read(job)
