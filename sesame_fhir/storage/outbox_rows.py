"""Outbox rows as the projections write them: once per resource and EHR, pending whenever a newer version is wanted.

A pathway has many items: they are read once in a transaction, changed in memory and written where they differ. An item
keeps the place at which it was first wanted; what is wanted later comes after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.records import Delivery, OutboxTarget
from sesame_fhir.storage.session import Row, Session, Value

NO_LEASE = 0

_ITEMS = """
SELECT o.resource_type, o.resource_id, o.ehr_id, o.item_key, o.position, o.patient, o.depends_on, o.site,
  o.wanted_version, o.sent_version, o.status
FROM outbox o WHERE o.pathway_key = ? ORDER BY o.item_key"""
_INSERT = """
INSERT INTO outbox (pathway_key, resource_type, resource_id, ehr_id, position, patient, depends_on, site,
  wanted_version, sent_version, status, attempts, next_attempt_at, leased_until)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, ?, 0)"""
_MOVE = "UPDATE outbox SET position = ?, patient = ?, depends_on = ?, site = ? WHERE item_key = ?"
_WANT = """
UPDATE outbox SET wanted_version = ?, status = ?, attempts = 0, next_attempt_at = ?, error = NULL WHERE item_key = ?"""
_RENEW = "UPDATE outbox SET status = ?, attempts = 0, next_attempt_at = ? WHERE item_key = ?"
_RESEND = """
UPDATE outbox SET wanted_version = ?, sent_version = 0, status = ?, attempts = 0, next_attempt_at = ?, error = NULL
WHERE item_key = ?"""
_DROP = "DELETE FROM outbox WHERE item_key = ?"

Key = tuple[str, str, str]
"""Resource type, resource id, EHR."""


@dataclass(slots=True)
class _Place:
    """Where an item stands among its pathway's, and whose record it goes to."""

    position: int
    patient: str
    depends_on: str
    site: str

    def values(self) -> tuple[Value, ...]:
        return self.position, self.patient, self.depends_on, self.site


@dataclass(slots=True)
class _Item:
    """``item_key`` None: not written yet. ``due``: since when a new version, or a renewal, is pending."""

    item_key: int | None
    place: _Place
    wanted: int
    sent: int
    status: str
    due: int | None = None
    moved: bool = False
    renewed: bool = False


class OutboxRows:
    """The items of one pathway while a transaction writes them; ``stands`` are the rows that are there."""

    def __init__(self, stands: Iterable[Row] = ()) -> None:
        self._items: dict[Key, _Item] = {}
        for resource_type, resource_id, ehr_id, item_key, *place, wanted, sent, status in stands:
            self._items[resource_type, resource_id, ehr_id] = _Item(item_key, _Place(*place), wanted, sent, status)
        self._next = 1 + max((item.place.position for item in self._items.values()), default=-1)

    @classmethod
    def of(cls, session: Session, pathway_key: int) -> "OutboxRows":
        """Read the items of a pathway, and keep other writers off them."""
        return cls(session.rows(_ITEMS + session.row_lock("o"), (pathway_key,)))

    def renew_documents(self, at: int) -> None:
        """Send each record's document again: it tells the whole pathway, also what no resource of the outbox says.

        One item per EHR carries it; the same state gives the same document, so sending it for nothing changes nothing.
        """
        carriers: dict[str, _Item] = {}
        for (_, _, ehr_id), item in self._items.items():
            if item.status == Delivery.DOCUMENT.value:
                carriers.setdefault(ehr_id, item)
        for item in carriers.values():
            item.status, item.due, item.renewed = Delivery.PENDING.value, at, True

    def want(self, target: OutboxTarget, site: SiteId, version: int, at: int) -> None:
        """Ask that the EHR's record hold this version of the resource."""
        stands = self._items.get(key := (target.resource_type, target.resource_id, target.ehr_id))
        position = self._next if stands is None else stands.place.position
        wanted = _Place(position, target.patient, orjson.dumps(target.depends_on).decode(), site)
        if stands is None:
            self._items[key] = _Item(None, wanted, version, 0, Delivery.PENDING.value, at)
            self._next += 1
            return
        if stands.place != wanted:
            stands.place, stands.moved = wanted, True
        if version > stands.wanted:
            status = Delivery.SENT if version == stands.sent else Delivery.PENDING
            stands.wanted, stands.status, stands.due, stands.renewed = version, status.value, at, False

    def write(self, session: Session, pathway_key: int) -> None:
        """Write what is new or changed."""
        new, moved, wanted, renewed = list[Row](), list[Row](), list[Row](), list[Row]()
        for key, item in self._items.items():
            if item.item_key is None:
                new.append((pathway_key, *key, *item.place.values(), item.wanted, item.status, item.due))
                continue
            if item.moved:
                moved.append((*item.place.values(), item.item_key))
            if item.renewed:
                renewed.append((item.status, item.due, item.item_key))
            elif item.due is not None:
                wanted.append((item.wanted, item.status, item.due, item.item_key))
        _run(session, {_INSERT: new, _MOVE: moved, _WANT: wanted, _RENEW: renewed})

    def replace(self, session: Session, pathway_key: int, same: Mapping[tuple[str, str], bool]) -> None:
        """Make these items, wanted from scratch, the pathway's; what an EHR has taken stays taken where it still fits.

        Args:
            session: a writing one.
            pathway_key: whose items they are.
            same: the resources whose current version is, to the byte, what it was before.
        """
        stands = OutboxRows.of(session, pathway_key)._items  # noqa: SLF001  its own kind
        new, moved, resent = list[Row](), list[Row](), list[Row]()
        for key, item in self._items.items():
            old = stands.pop(key, None)
            if old is None:
                new.append((pathway_key, *key, *item.place.values(), item.wanted, item.status, item.due))
                continue
            if old.place != item.place:
                moved.append((*item.place.values(), old.item_key))
            if old.wanted != item.wanted or not same.get(key[:2], False):
                resent.append((item.wanted, Delivery.PENDING.value, item.due, old.item_key))
        gone: list[Row] = [(item.item_key,) for item in stands.values()]
        _run(session, {_INSERT: new, _MOVE: moved, _RESEND: resent, _DROP: gone})


def _run(session: Session, statements: Mapping[str, list[Row]]) -> None:
    for sql, rows in statements.items():
        if rows:
            session.run_many(sql, rows)
