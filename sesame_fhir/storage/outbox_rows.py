"""Outbox rows as the projections write them: once per resource and EHR, pending whenever a newer version is wanted."""

from dataclasses import dataclass

import orjson

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.records import Delivery, OutboxTarget
from sesame_fhir.storage.session import Session

NO_LEASE = 0

_FIND = """
SELECT o.item_key, o.wanted_version, o.sent_version FROM outbox o
WHERE o.resource_type = ? AND o.resource_id = ? AND o.ehr_id = ?"""
_INSERT = """
INSERT INTO outbox (pathway_key, site, position, resource_type, resource_id, ehr_id, patient, depends_on,
  wanted_version, sent_version, status, attempts, next_attempt_at, leased_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?, 0)"""
_MOVE = "UPDATE outbox SET position = ?, patient = ?, depends_on = ? WHERE item_key = ?"
_WANT = """
UPDATE outbox SET wanted_version = ?, status = ?, attempts = 0, next_attempt_at = ?, error = NULL WHERE item_key = ?"""

_DOCUMENTS = """
UPDATE outbox SET status = ?, attempts = 0, next_attempt_at = ? WHERE item_key IN
  (SELECT MIN(d.item_key) FROM outbox d WHERE d.pathway_key = ? AND d.status = ? GROUP BY d.ehr_id)"""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose items are written: the pathway's key, its site, and the time (microseconds) from which they are due."""

    pathway_key: int
    site: SiteId
    at: int


def want(session: Session, owner: Owner, position: int, target: OutboxTarget, version: int) -> None:
    """Ask that the EHR's record hold this version of the resource, after the items of lower positions."""
    depends_on = orjson.dumps(target.depends_on).decode()
    found = session.row(_FIND + session.row_lock("o"), (target.resource_type, target.resource_id, target.ehr_id))
    if found is None:
        session.run(
            _INSERT,
            (
                owner.pathway_key,
                owner.site,
                position,
                target.resource_type,
                target.resource_id,
                target.ehr_id,
                target.patient,
                depends_on,
                version,
                Delivery.PENDING.value,
                owner.at,
            ),
        )
        return
    item_key, wanted, sent = found
    session.run(_MOVE, (position, target.patient, depends_on, item_key))
    if version > wanted:
        status = Delivery.SENT if version == sent else Delivery.PENDING
        session.run(_WANT, (version, status.value, owner.at, item_key))


def renew_documents(session: Session, pathway_key: int, at: int) -> None:
    """Send each record's document again: it tells the whole pathway, also what no resource of the outbox says.

    One item per EHR carries it; the same state gives the same document, so sending it for nothing changes nothing.
    """
    session.run(_DOCUMENTS, (Delivery.PENDING.value, at, pathway_key, Delivery.DOCUMENT.value))
