"""What is written beside the events, in their transaction: published resources, what the EHRs must hold, the rows.

One ``PathwayWriter`` serves one pathway for a whole transaction, however many commands it holds: what stands is read
once, and rows of which only the last state counts are written once, at the end.
"""

from dataclasses import dataclass
from datetime import datetime

from sesame_fhir.domain.billing.ledger import Posting
from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.records import OutboxTarget, Projections, ResourceWrite
from sesame_fhir.storage import publish
from sesame_fhir.storage.billing.projected import write_billing
from sesame_fhir.storage.caseload_rows import write_rows
from sesame_fhir.storage.index import delete_index, index_rows, write_index
from sesame_fhir.storage.instants import to_micros, to_millis
from sesame_fhir.storage.outbox_rows import OutboxRows
from sesame_fhir.storage.session import Session

_VERSIONS = "SELECT resource_type, fhir_id, version FROM resource WHERE pathway_key = ?"

_Name = tuple[str, str]
"""Resource type and id."""


@dataclass(frozen=True, slots=True)
class _Published:
    """A resource written in this transaction; ``indexed``: it has index rows from before."""

    now: publish.Current
    write: ResourceWrite
    indexed: bool


class PathwayWriter:
    """Writes the projections of one pathway's commands; ``finish`` ends the work."""

    def __init__(self, session: Session, pathway_key: int, *, new: bool) -> None:
        self._session = session
        self._pathway_key = pathway_key
        self._new = new
        self._outbox = OutboxRows() if new else OutboxRows.of(session, pathway_key)
        self._published: dict[_Name, _Published] = {}
        self._versions: dict[_Name, int] | None = {} if new else None
        self._postings: list[Posting] = []
        self._last: Projections | None = None

    def add(self, recorded_at: datetime, projections: Projections) -> None:
        """Publish one command's resources and ask that the records hold them; patient keys are the caller's.

        Raises:
            AlreadyExists: a resource's id is another pathway's or was received through the facade.
            LookupError: a target that has never been published.
        """
        at, site = to_micros(recorded_at), projections.caseload.site
        # Before what is wanted anew, which is due anyway.
        self._outbox.renew_documents(at)
        for write in projections.resources:
            self._publish(write, to_millis(recorded_at))
        for target in projections.outbox:
            self._outbox.want(target, site, self._version(target), at)
        self._postings += projections.postings
        self._last = projections

    def finish(self) -> None:
        """Write what only the last state decides."""
        done = self._published.values()
        delete_index(self._session, [one.now.resource_key for one in done if one.indexed])
        write_index(
            self._session,
            (row for one in done for row in index_rows(one.now.resource_key, one.write.resource_type, one.write.index)),
        )
        self._outbox.write(self._session, self._pathway_key)
        if self._last is not None:
            write_rows(self._session, self._pathway_key, self._last)
            write_billing(self._session, self._pathway_key, self._last, self._postings)

    def _publish(self, write: ResourceWrite, at: int) -> None:
        """Publish when the body changed. Raises AlreadyExists: nothing may cross from one pathway to another."""
        name = (write.resource_type, write.resource_id)
        known = self._published.get(name)
        now = known.now if known else None
        if known is None and not self._new:
            now = publish.current(self._session, *name)
        if now is None:
            now = publish.insert(self._session, write, at, self._pathway_key)
            if now is None:
                raise AlreadyExists("/".join(name))
            self._published[name] = _Published(now, write, indexed=False)
            return
        if now.pathway_key != self._pathway_key:
            raise AlreadyExists("/".join(name))
        if not publish.unchanged(now, write):
            now = publish.replace(self._session, now, write, at, self._pathway_key)
            self._published[name] = _Published(now, write, indexed=known is None or known.indexed)

    def _version(self, target: OutboxTarget) -> int:
        name = (target.resource_type, target.resource_id)
        if (written := self._published.get(name)) is not None:
            return written.now.version
        if self._versions is None:
            rows = self._session.rows(_VERSIONS, (self._pathway_key,))
            self._versions = {(row[0], row[1]): row[2] for row in rows}
        if (version := self._versions.get(name)) is None:
            raise LookupError(f"outbox target {'/'.join(name)} is not published")
        return version
