"""Writing what the team sees of one pathway: its caseload row with its lists, its agenda, its facts.

What stands is read and compared: only what differs is written, for a row in which nothing else moved costs its time of
change and no more.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.services.caseload import AgendaSlot, CaseloadRow
from sesame_fhir.services.records import Projections
from sesame_fhir.storage import caseload_schema
from sesame_fhir.storage.caseload_entries import SORT_COLUMNS, Entry, entries_of, sort_values
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Session, Value

CASELOAD = RowMapper(CaseloadRow, caseload_schema.caseload)
AGENDA = RowMapper(AgendaSlot, caseload_schema.agenda_slot)

_SORTED = tuple(column.name for column in SORT_COLUMNS.values())
_ROW = f"SELECT {CASELOAD.names} FROM caseload WHERE pathway_key = ?"
_ENTRIES = f"SELECT listing, since, until, rule, site, {', '.join(_SORTED)} FROM caseload_entry WHERE pathway_key = ?"
_FORGET_ENTRY = "DELETE FROM caseload_entry WHERE pathway_key = ? AND listing = ? AND since = ?"
_SLOTS = f"SELECT {AGENDA.names} FROM agenda_slot WHERE pathway_key = ?"
_FORGET_SLOT = "DELETE FROM agenda_slot WHERE pathway_key = ? AND contact_id = ?"
_FACTS = "SELECT site, body FROM pathway_facts WHERE pathway_key = ?"
_KEEP_FACTS = """
INSERT INTO pathway_facts (pathway_key, site, body) VALUES (?, ?, ?)
ON CONFLICT (pathway_key) DO UPDATE SET site = excluded.site, body = excluded.body"""
_FORGET_FACTS = "DELETE FROM pathway_facts WHERE pathway_key = ?"

_facts_encoder = msgspec.json.Encoder()


def write_rows(session: Session, pathway_key: int, projections: Projections) -> None:
    """Make the pathway's rows say what its projections say."""
    _write_row(session, pathway_key, CASELOAD.values(projections.caseload))
    _write_entries(session, pathway_key, projections.caseload)
    _write_agenda(session, pathway_key, projections.agenda)
    _write_facts(session, pathway_key, projections.facts)


def _write_row(session: Session, pathway_key: int, wanted: Mapping[str, Value]) -> None:
    stands = session.row(_ROW, (pathway_key,))
    if stands is None:
        session.run(_insert("caseload", tuple(wanted)), (pathway_key, *wanted.values()))
        return
    changed = {name: value for (name, value), old in zip(wanted.items(), stands, strict=True) if value != old}
    if changed:
        session.run(_update("caseload", tuple(changed)), (*changed.values(), pathway_key))


def _write_entries(session: Session, pathway_key: int, row: CaseloadRow) -> None:
    stands = session.rows(_ENTRIES, (pathway_key,))
    wanted, values = entries_of(row), (row.site, *sort_values(row))
    kept, gone = set[Entry](), list[tuple[int, int, int]]()
    for listing, since, until, rule, *_values in stands:
        entry = Entry(listing, since, until, rule)
        if entry in wanted:
            kept.add(entry)
        else:
            gone.append((pathway_key, listing, since))
    if gone:
        session.run_many(_FORGET_ENTRY, gone)
    # All entries of a row are sorted by the same values: one statement moves them all.
    names = ("site", *_SORTED)
    changed = {
        name: value
        for place, (name, value) in enumerate(zip(names, values, strict=True), start=4)
        if any(entry[place] != value for entry in stands)
    }
    if kept and changed:
        session.run(_update("caseload_entry", tuple(changed)), (*changed.values(), pathway_key))
    if new := wanted - kept:
        session.run_many(
            _insert("caseload_entry", ("listing", "since", "until", "rule", *names)),
            [(pathway_key, one.listing, one.since, one.until, one.rule, *values) for one in new],
        )


def _write_agenda(session: Session, pathway_key: int, slots: Sequence[AgendaSlot]) -> None:
    stands = {row[0]: row for row in session.rows(_SLOTS, (pathway_key,))}
    wanted = {slot.contact_id: tuple(AGENDA.values(slot).values()) for slot in slots}
    changed = [contact_id for contact_id, row in stands.items() if wanted.get(contact_id) != row]
    new = [(pathway_key, *row) for contact_id, row in wanted.items() if stands.get(contact_id) != row]
    if changed:
        session.run_many(_FORGET_SLOT, [(pathway_key, contact_id) for contact_id in changed])
    if new:
        session.run_many(_insert("agenda_slot", AGENDA.fields), new)


def _write_facts(session: Session, pathway_key: int, facts: PathwayFacts | None) -> None:
    stands = session.row(_FACTS, (pathway_key,))
    wanted = None if facts is None else (facts.site, _facts_encoder.encode(facts))
    if stands == wanted:
        return
    if wanted is None:
        session.run(_FORGET_FACTS, (pathway_key,))
    else:
        session.run(_KEEP_FACTS, (pathway_key, *wanted))


@lru_cache(maxsize=1024)
def _update(table: str, columns: tuple[str, ...]) -> str:
    return f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns)} WHERE pathway_key = ?"


@lru_cache(maxsize=64)
def _insert(table: str, columns: tuple[str, ...]) -> str:
    names = ("pathway_key", *columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
