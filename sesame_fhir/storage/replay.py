"""Re-creating one pathway's projections: the same writes as the first time, from an empty page.

What an EHR has already taken stays taken, as long as the same bytes come out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.records import Delivery, Projections
from sesame_fhir.storage import projections
from sesame_fhir.storage.caseload_rows import write_rows
from sesame_fhir.storage.index import delete_index
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.patient_keys import KeyTaken, hold_keys, remember_keys
from sesame_fhir.storage.session import Session

_LOCK = "SELECT p.pathway_key FROM pathway p WHERE p.pathway_id = ?"
_RESOURCES = """
SELECT r.resource_key, r.resource_type, r.fhir_id, b.content FROM resource r LEFT JOIN body b ON b.body_key = r.body_key
WHERE r.pathway_key = ? ORDER BY r.resource_key"""
_ITEMS = """
SELECT item_key, resource_type, resource_id, wanted_version, status, attempts, next_attempt_at, error
FROM outbox WHERE pathway_key = ?"""
_FORGET = (
    "UPDATE outbox SET wanted_version = 0 WHERE pathway_key = ?",
    "UPDATE resource SET version = 0, body_key = NULL WHERE pathway_key = ?",
)
_RESTORE = "UPDATE outbox SET status = ?, attempts = ?, next_attempt_at = ?, error = ? WHERE item_key = ?"
_RESEND = "UPDATE outbox SET sent_version = 0, status = ? WHERE item_key = ?"


@dataclass(frozen=True, slots=True)
class _Before:
    """What stood before: key and bytes of each resource, and the delivery state of each outbox item."""

    resources: dict[tuple[str, str], tuple[int, bytes | None]]
    items: list[tuple[int, str, str, int, str, int, int, str | None]]


def replace_projections(session: Session, pathway_id: PathwayId, steps: Sequence[tuple[datetime, Projections]]) -> None:
    """Apply every step from scratch. Raises Conflict when the pathway has other commands than ``steps``."""
    pathway_key = _lock(session, pathway_id, len(steps))
    before = _before(session, pathway_key)
    _forget(session, pathway_key, before)
    for recorded_at, step in steps:
        projections.apply(session, pathway_key, recorded_at, step)
    write_rows(session, pathway_key, steps[-1][1])
    # Only the last step's keys: an earlier time's keys may belong to another open pathway by now.
    last = steps[-1][1]
    try:
        hold_keys(session, pathway_key, last.patient_keys if last.open else ())
    except KeyTaken as taken:
        raise Conflict(taken.holder) from None
    remember_keys(session, pathway_key, last.patient_keys, _closed_at(steps))
    _drop_orphans(session, pathway_key)
    _restore_delivery(session, before)
    session.run("DELETE FROM outdated_pathway WHERE pathway_key = ?", (pathway_key,))


def _closed_at(steps: Sequence[tuple[datetime, Projections]]) -> int | None:
    """When the pathway was closed for good; None when it is open."""
    closed = list(takewhile(lambda step: not step[1].open, reversed(steps)))
    return to_micros(closed[-1][0]) if closed else None


def _lock(session: Session, pathway_id: PathwayId, commands: int) -> int:
    row = session.row(_LOCK + session.row_lock("p"), (pathway_id,))
    if row is None:
        raise Conflict(pathway_id)
    ((count,),) = session.rows("SELECT COUNT(*) FROM command WHERE pathway_key = ?", (row[0],))
    if count != commands:
        raise Conflict(pathway_id)
    pathway_key: int = row[0]
    return pathway_key


def _before(session: Session, pathway_key: int) -> _Before:
    resources = {(row[1], row[2]): (row[0], row[3]) for row in session.rows(_RESOURCES, (pathway_key,))}
    items = [
        (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]) for row in session.rows(_ITEMS, (pathway_key,))
    ]
    return _Before(resources, items)


def _forget(session: Session, pathway_key: int, before: _Before) -> None:
    for statement in _FORGET:
        session.run(statement, (pathway_key,))
    for resource_key, _content in before.resources.values():
        bodies = session.rows("SELECT body_key FROM resource_version WHERE resource_key = ?", (resource_key,))
        session.run("DELETE FROM resource_version WHERE resource_key = ?", (resource_key,))
        session.run_many("DELETE FROM body WHERE body_key = ?", [row for row in bodies if row[0] is not None])
        delete_index(session, resource_key)


def _drop_orphans(session: Session, pathway_key: int) -> None:
    """Forget what the projector no longer makes."""
    session.run("DELETE FROM resource WHERE pathway_key = ? AND version = 0", (pathway_key,))
    session.run("DELETE FROM outbox WHERE pathway_key = ? AND wanted_version = 0", (pathway_key,))


def _restore_delivery(session: Session, before: _Before) -> None:
    for item_key, resource_type, resource_id, wanted, status, attempts, next_attempt_at, error in before.items:
        row = session.row(
            "SELECT o.wanted_version, b.content FROM outbox o "
            "JOIN resource r ON r.resource_type = o.resource_type AND r.fhir_id = o.resource_id "
            "LEFT JOIN body b ON b.body_key = r.body_key WHERE o.item_key = ?",
            (item_key,),
        )
        if row is None:
            continue
        _key, content = before.resources.get((resource_type, resource_id), (0, None))
        if (row[0], row[1]) == (wanted, content):
            session.run(_RESTORE, (status, attempts, next_attempt_at, error, item_key))
        else:
            session.run(_RESEND, (Delivery.PENDING.value, item_key))
