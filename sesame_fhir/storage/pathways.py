"""``PathwayStore``: append events with their projections in one transaction, read them back."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import msgspec

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import CommandId, PathwayId, SiteId
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import AgendaSlot, CaseloadPage, CaseloadQuery, CaseloadRow
from sesame_fhir.services.ports import Vault
from sesame_fhir.services.records import Commit, Projections
from sesame_fhir.storage import agenda, caseload, patient_keys
from sesame_fhir.storage.commits import AppliedMeanwhile, applied, write_commits
from sesame_fhir.storage.history import events_of
from sesame_fhir.storage.replay import replace_projections
from sesame_fhir.storage.session import Database, Row, Session, Value

_PAGE = 500
_IDS = "SELECT pathway_key, pathway_id FROM pathway WHERE pathway_key > ? ORDER BY pathway_key LIMIT ?"
_FACTS = "SELECT pathway_key, body FROM pathway_facts WHERE site = ? AND pathway_key > ? ORDER BY pathway_key LIMIT ?"

_facts_decoder = msgspec.json.Decoder(PathwayFacts)


class Pathways:
    """The pathways of one database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        """All events of a pathway, in order; empty for an unknown one."""
        return self._database.read(lambda session: events_of(session, pathway_id))

    def find_open(self, patient_keys_: Sequence[str]) -> PathwayId | None:
        """The open pathway known by any of these keys, the strongest (first) key that finds one wins."""
        return self._database.read(lambda session: patient_keys.find_open(session, patient_keys_))

    def find_previous(self, patient_keys_: Sequence[str]) -> PathwayId | None:
        """The pathway that was closed last among those once known by any of these keys."""
        return self._database.read(lambda session: patient_keys.find_previous(session, patient_keys_))

    def applied(self, command_id: CommandId) -> PathwayId | None:
        """The pathway that this command has already changed, if any."""
        return self._database.read(lambda session: applied(session, command_id))

    def commit(self, commit: Commit) -> bool:
        """Write events and projections and forget finished drafts; False when the command was already applied.

        Raises:
            Conflict: the pathway moved on (``changes``: its unseen events), or another open pathway holds a patient
                key (``pathway_id`` and ``changes`` are that pathway's).
        """
        try:
            return self._database.write(lambda session: write_commits(session, [commit])) == 1
        except AppliedMeanwhile:
            return False

    def commit_all(self, commits: Sequence[Commit]) -> int:
        """Write many commits in one transaction, in their order; returns how many were new. Raises as ``commit``."""
        try:
            return self._database.write(lambda session: write_commits(session, commits))
        except AppliedMeanwhile:
            # The whole transaction is undone; what has acted meanwhile is seen the next time.
            return self.commit_all(commits)

    def caseload(self, query: CaseloadQuery) -> CaseloadPage:
        """One page of the caseload. Raises ``InvalidCursor`` for a cursor that this question did not give."""
        return self._database.read(lambda session: caseload.page(session, query, self._vault))

    def caseload_count(self, query: CaseloadQuery, cap: int) -> int:
        """How many rows the query has on all pages, counted up to ``cap``."""
        return self._database.read(lambda session: caseload.count(session, query, cap))

    def caseload_row(self, pathway_id: PathwayId) -> CaseloadRow | None:
        """One row."""
        return self._database.read(lambda session: caseload.one(session, pathway_id))

    def agenda(
        self, sites: Sequence[SiteId], nurse_id: str | None, start: datetime, end: datetime, limit: int
    ) -> tuple[AgendaSlot, ...]:
        """Planned contacts of these sites (and nurse) from ``start`` to before ``end``, soonest first."""
        return self._database.read(lambda session: agenda.agenda(session, sites, nurse_id, start, end, limit))

    def sequences_due(self, today: date, limit: int, *, but: frozenset[State] = frozenset()) -> tuple[PathwayId, ...]:
        """Open pathways whose running sequence was planned to end before ``today``, longest due first."""
        return self._database.read(lambda session: agenda.sequences_due(session, today, limit, but))

    def facts(self, sites: Sequence[SiteId]) -> Iterator[PathwayFacts]:
        """Facts of every pathway of these sites, fetched by pages: they may be walked while others write."""
        for site in sorted(set(sites)):
            for _, body in self._pages(_FACTS, site):
                yield _facts_decoder.decode(body)

    def pathway_ids(self) -> Iterator[PathwayId]:
        """Every pathway, oldest first, fetched by pages: the ids may be walked while others write."""
        for _, pathway_id in self._pages(_IDS):
            yield PathwayId(pathway_id)

    def replace_projections(self, pathway_id: PathwayId, steps: Sequence[tuple[datetime, Projections]]) -> None:
        """Re-create one pathway's projections from scratch in one transaction.

        Raises:
            Conflict: the pathway has not as many commands as there are steps (it changed meanwhile).
        """
        self._database.write(lambda session: replace_projections(session, pathway_id, steps))

    def _pages(self, sql: str, *params: Value) -> Iterator[Row]:
        """Rows of a statement whose first column is the key it goes on after."""
        last = 0

        def job(session: Session) -> list[Row]:
            return session.rows(sql, (*params, last, _PAGE))

        while rows := self._database.read(job):
            yield from rows
            last = rows[-1][0]
