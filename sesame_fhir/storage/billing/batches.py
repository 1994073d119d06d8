"""``BatchStore``: batches, and how they come out of being a draft; their lines are in ``batch_lines``."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import bindparam, func, select, update

from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.records import Batch, BatchLine, BatchStatus, Totals, batch_id_of
from sesame_fhir.storage.billing import batch_lines
from sesame_fhir.storage.billing.schemes import LOCK as SCHEMES
from sesame_fhir.storage.billing.walking import walked
from sesame_fhir.storage.billing_schema import billing_batch, billing_batch_line
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Row, Session

_BATCH = RowMapper(Batch, billing_batch)
_t = billing_batch.c

_ONE = _t.batch_id == bindparam("one")
_NEWEST = (_t.month.desc(), _t.scheme_id, _t.biller_id, _t.number)
_GET = select(*_BATCH.columns).where(_ONE)
_ALL = select(*_BATCH.columns).order_by(*_NEWEST)
_OF_MONTH = _ALL.where(_t.month == bindparam("wanted"))
_SAME = (
    _t.month == bindparam("of_month"),
    _t.scheme_id == bindparam("of_scheme"),
    _t.biller_id == bindparam("of_biller"),
)
_DRAFT = select(*_BATCH.columns).where(*_SAME, _t.status == BatchStatus.DRAFT.value)
_LAST = select(func.max(_t.number)).where(*_SAME)
_ADD = billing_batch.insert()
_CHANGE = update(billing_batch).where(_ONE)
_CLOSE = update(billing_batch_line).where(
    billing_batch_line.c.batch_key.in_(select(_t.batch_key).where(_ONE)), billing_batch_line.c.open
)


class Batches:
    """The batches of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def batches(self, month: str | None = None) -> tuple[Batch, ...]:
        """Batches of a month, or all of them, newest month first."""
        rows = self._database.read(
            lambda session: session.select(_ALL) if month is None else session.select(_OF_MONTH, wanted=month)
        )
        return tuple(map(_BATCH.record, rows))

    def batch(self, batch_id: str) -> Batch | None:
        """One batch."""
        rows = self._database.read(lambda session: session.select(_GET, one=batch_id))
        return _BATCH.record(rows[0]) if rows else None

    def open_draft(self, draft: Batch) -> Batch:
        """The draft of this month, scheme and biller: the one there is, else ``draft`` with the next number."""
        same = {"of_month": draft.month, "of_scheme": draft.scheme_id, "of_biller": draft.biller_id}

        def job(session: Session) -> Batch:
            session.lock("billing drafts")
            if rows := session.select(_DRAFT, **same):
                return _BATCH.record(rows[0])
            ((last,),) = session.select(_LAST, **same)
            number = (last or 0) + 1
            # Codes have hyphens too: "a-b" of "c" and "a" of "b-c" would have the same ids.
            while session.select(_GET, one=_id(draft, number)):
                number += 1
            numbered = replace(draft, batch_id=_id(draft, number), number=number)
            session.execute(_ADD, _BATCH.values(numbered))
            return numbered

        return self._database.write(job)

    def put_lines(self, batch_id: str, lines: Sequence[BatchLine], gone: Sequence[tuple[PathwayId, int]]) -> int:
        """Write lines of a draft and take out those ``gone``, in one transaction; how many are new or changed.

        Raises:
            Refused: ``BATCH_NOT_OPEN``, it is no draft.
        """
        return self._database.write(lambda session: batch_lines.put(session, batch_id, lines, gone))

    def hold(self, batch_id: str, pathway_id: PathwayId, rank: int, why: str | None) -> bool:
        """Keep a line of a draft out, or (None) put it back; False when there is no such line. Raises as above."""
        return self._database.write(lambda session: batch_lines.hold(session, batch_id, pathway_id, rank, why))

    def lines(self, batch_id: str, *, held: bool | None = None) -> Iterator[BatchLine]:
        """Lines by site, last day, pathway and rank, fetched by pages."""

        def page(session: Session, last: Row | None) -> list[Row]:
            return batch_lines.after(session, batch_id, last, held=held)

        return map(batch_lines.line, walked(self._database, page))

    def line_page(self, batch_id: str, offset: int, limit: int) -> tuple[BatchLine, ...]:
        """Lines of one page, in the same order."""
        rows = self._database.read(lambda session: batch_lines.page(session, batch_id, offset, limit))
        return tuple(map(batch_lines.line, rows))

    def totals(self, batch_id: str, sites: frozenset[SiteId] | None = None) -> Totals:
        """Lines and sums, what is held left out; of some sites, when they are given."""
        return self._database.read(lambda session: batch_lines.totals(session, batch_id, sites))

    def unclaimed(self, batch_id: str, limit: int, after: BatchLine | None = None) -> tuple[BatchLine, ...]:
        """Lines not held whose claim has not been made yet and was not refused, in the same order."""
        rows = self._database.read(lambda session: batch_lines.unclaimed(session, batch_id, limit, after))
        return tuple(map(batch_lines.line, rows))

    def refuse_line(self, batch_id: str, pathway_id: PathwayId, rank: int, why: str) -> None:
        """Keep a line out for good whose claim a rule refused while submitting."""
        self._database.write(lambda session: batch_lines.refuse(session, batch_id, pathway_id, rank, why))

    def change(self, batch: Batch, expected: BatchStatus) -> bool:
        """Write a batch that was in ``expected``; False when it, or a line of a draft, has been changed meanwhile.

        Raises:
            Refused: ``OTHER_DRAFT_OPEN``, it is to be a draft again and there is another one (named).
        """
        return self._database.write(lambda session: _change(session, batch, expected))

    def drop(self, batch_id: str, *, only_empty: bool = False) -> bool:
        """Forget a draft and its lines; False when it is no draft, or has lines and is to go only without any."""
        return self._database.write(lambda session: batch_lines.drop(session, batch_id, only_empty=only_empty))


def _id(draft: Batch, number: int) -> str:
    return batch_id_of(draft.month, draft.scheme_id, draft.biller_id, number)


def _change(session: Session, batch: Batch, expected: BatchStatus) -> bool:
    session.lock("billing drafts")
    # Freezing names the schemes that may be claimed with: none of them can be written anew at the same moment.
    session.lock(SCHEMES)
    stands = batch_lines.stands(session, batch.batch_id)
    if stands is None or stands.status != expected.value or stands.edition != batch.edition:
        return False
    if batch.status is BatchStatus.DRAFT and expected is not BatchStatus.DRAFT:
        _refuse_second_draft(session, batch)
    session.execute(_CHANGE, _BATCH.values(batch), one=batch.batch_id)
    if batch.status is BatchStatus.SUBMITTED:
        session.execute(_CLOSE, {"open": False}, one=batch.batch_id)
    return True


def _refuse_second_draft(session: Session, batch: Batch) -> None:
    same = {"of_month": batch.month, "of_scheme": batch.scheme_id, "of_biller": batch.biller_id}
    if rows := session.select(_DRAFT, **same):
        raise Refused(Reason(ReasonCode.OTHER_DRAFT_OPEN, _BATCH.record(rows[0]).batch_id))
