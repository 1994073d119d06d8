"""Lines of batches: written while the batch is a draft, under the lock of its row; read in the order of exports."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from sesame_fhir.domain.billing.money import cents, from_cents
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.records import BatchLine, BatchStatus, Totals
from sesame_fhir.storage.billing.bodies import TERMS
from sesame_fhir.storage.billing.walking import PAGE, marks, within
from sesame_fhir.storage.session import Row, Session, Value

_STANDS = "SELECT b.batch_key, b.status, b.edition FROM billing_batch b WHERE b.batch_id = ?"
_EDIT = "UPDATE billing_batch SET edition = edition + 1 WHERE batch_key = ?"
_WRITTEN = ("claim_id", "site", "ends_on", "scheme_version", "amount", "share", "digest", "terms")
_INSERT = f"""
INSERT INTO billing_batch_line (batch_key, pathway_id, rank, {", ".join(_WRITTEN)}, open)
VALUES (?, ?, ?, {marks(_WRITTEN)}, ?) ON CONFLICT DO NOTHING"""
_ONE = "WHERE batch_key = ? AND pathway_id = ? AND rank = ?"
_UPDATE = f"""
UPDATE billing_batch_line SET {", ".join(f"{name} = ?" for name in _WRITTEN)}
{_ONE} AND (digest <> ? OR claim_id <> ?)"""
_CLAIM_ID, _DIGEST = _WRITTEN.index("claim_id"), _WRITTEN.index("digest")
_HOLD = f"UPDATE billing_batch_line SET held = ? {_ONE}"
_FORGET = f"DELETE FROM billing_batch_line {_ONE}"
_EMPTY = "DELETE FROM billing_batch_line WHERE batch_key = ?"
_DROP = "DELETE FROM billing_batch WHERE batch_key = ?"
_ANY = "SELECT 1 FROM billing_batch_line WHERE batch_key = ? LIMIT 1"
_PLACE = ("site", "ends_on", "pathway_id", "rank")
_ORDER = ", ".join(f"l.{name}" for name in _PLACE)
_LINES = f"""
SELECT {_ORDER}, l.claim_id, l.terms, l.held
FROM billing_batch_line l WHERE l.batch_key = (SELECT b.batch_key FROM billing_batch b WHERE b.batch_id = ?)"""
_AFTER = f" AND ({_ORDER}) > (?, ?, ?, ?)"
_HELD = {None: "", True: " AND l.held IS NOT NULL", False: " AND l.held IS NULL"}
_TO_CLAIM = " AND l.held IS NULL AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.claim_id = l.claim_id)"
_TOTALS = """
SELECT COUNT(*), COALESCE(SUM(l.amount), 0), COALESCE(SUM(l.share), 0) FROM billing_batch_line l
WHERE l.batch_key = (SELECT b.batch_key FROM billing_batch b WHERE b.batch_id = ?) AND l.held IS NULL"""


class Stands(NamedTuple):
    """A batch as it is locked."""

    batch_key: int
    status: str
    edition: int


def stands(session: Session, batch_id: str) -> Stands | None:
    """Find a batch and keep other writers off it until the transaction ends."""
    row = session.row(_STANDS + session.row_lock("b"), (batch_id,))
    return None if row is None else Stands(*row)


def put(session: Session, batch_id: str, lines: Sequence[BatchLine], gone: Sequence[tuple[PathwayId, int]]) -> int:
    """Write lines of a draft and take others out; how many are new or changed. Raises Refused: it is no draft."""
    key = _draft(session, batch_id)
    taken = sum(session.run(_FORGET, (key, *one)) for one in gone)
    written = 0
    # In one order, so that two who write the same lines into two batches wait for each other one way only.
    ordered = sorted(lines, key=lambda one: (one.pathway_id, one.rank))
    for first in range(0, len(ordered), PAGE):
        written += _put_some(session, key, ordered[first : first + PAGE])
    if taken or written:
        session.run(_EDIT, (key,))
    return written


def hold(session: Session, batch_id: str, pathway_id: PathwayId, rank: int, why: str | None) -> bool:
    """Keep a line of a draft out, or put it back. Raises Refused: it is no draft."""
    key = _draft(session, batch_id)
    found = session.run(_HOLD, (why, key, pathway_id, rank)) == 1
    if found:
        session.run(_EDIT, (key,))
    return found


def refuse(session: Session, batch_id: str, pathway_id: PathwayId, rank: int, why: str) -> None:
    """Keep a line out whatever the batch's status."""
    found = stands(session, batch_id)
    if found is not None:
        session.run(_HOLD, (why, found.batch_key, pathway_id, rank))


def drop(session: Session, batch_id: str, *, only_empty: bool) -> bool:
    """Forget a draft; False when it is none, or is to go only without lines and has some."""
    found = stands(session, batch_id)
    if found is None or found.status != BatchStatus.DRAFT.value:
        return False
    if only_empty and session.row(_ANY, (found.batch_key,)) is not None:
        return False
    session.run(_EMPTY, (found.batch_key,))
    session.run(_DROP, (found.batch_key,))
    return True


def after(session: Session, batch_id: str, last: Row | None, *, held: bool | None) -> list[Row]:
    """The lines that follow the last one."""
    sql, params = _LINES + _HELD[held], list[Value]([batch_id])
    if last is not None:
        sql, params = sql + _AFTER, [*params, *last[: len(_PLACE)]]
    return session.rows(f"{sql} ORDER BY {_ORDER} LIMIT ?", (*params, PAGE))


def page(session: Session, batch_id: str, offset: int, limit: int) -> list[Row]:
    """Lines of one page."""
    return session.rows(f"{_LINES} ORDER BY {_ORDER} LIMIT ? OFFSET ?", (batch_id, limit, offset))


def unclaimed(session: Session, batch_id: str, limit: int, last: BatchLine | None) -> list[Row]:
    """Lines not held without their claim."""
    sql, params = _LINES + _TO_CLAIM, list[Value]([batch_id])
    if last is not None:
        sql, params = sql + _AFTER, [*params, last.terms.site, last.terms.end.isoformat(), last.pathway_id, last.rank]
    return session.rows(f"{sql} ORDER BY {_ORDER} LIMIT ?", (*params, limit))


def totals(session: Session, batch_id: str, sites: frozenset[SiteId] | None) -> Totals:
    """Lines and sums, what is held left out; of some sites, when they are given."""
    condition, at = within(sites, "l.site")
    ((lines, amount, share),) = session.rows(_TOTALS + condition, (batch_id, *at))
    return Totals(lines, from_cents(int(amount)), from_cents(int(share)))


def line(row: Row) -> BatchLine:
    """Build a line from a row of ``_LINES``."""
    _site, _ends_on, pathway_id, rank, claim_id, terms, held = row
    return BatchLine(PathwayId(pathway_id), rank, claim_id, TERMS.read(terms, pathway_id, rank), held)


def _draft(session: Session, batch_id: str) -> int:
    found = stands(session, batch_id)
    if found is None or found.status != BatchStatus.DRAFT.value:
        raise Refused(Reason(ReasonCode.BATCH_NOT_OPEN, batch_id))
    return found.batch_key


def _put_some(session: Session, key: int, lines: Sequence[BatchLine]) -> int:
    """Insert first: most are new. A sequence that is in another open batch stays there, neither new nor changed."""
    rows = [_values(one) for one in lines]
    new = session.run_many(_INSERT, [(key, *place, *values, True) for place, values in rows])
    if new == len(rows):
        return new
    # Of those just inserted nothing differs.
    return new + session.run_many(
        _UPDATE, [(*values, key, *place, values[_DIGEST], values[_CLAIM_ID]) for place, values in rows]
    )


def _values(one: BatchLine) -> tuple[tuple[str, int], tuple[Value, ...]]:
    """A line's place, and what is written of it; all but the id of the claim is in its terms."""
    terms, place, plain = one.terms, (one.pathway_id, one.rank), TERMS.plain(one.terms)
    sealed = sha256(plain).hexdigest(), TERMS.stored(plain, *place)
    money = cents(terms.amount), cents(terms.share)
    return place, (one.claim_id, terms.site, terms.end.isoformat(), terms.scheme_version, *money, *sealed)
