"""``PathwayStore``: append events with their projections in one transaction, read them back."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, SiteId
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.records import CaseloadRow, Commit, Projections
from sesame_fhir.storage import codec, projections
from sesame_fhir.storage.event_codec import dump_event, load_event
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.outbox_rows import renew_documents
from sesame_fhir.storage.replay import replace_projections
from sesame_fhir.storage.session import Database, Session

_HISTORY = """
SELECT e.event_id, e.sequence, e.kind, e.recorded_at, e.site, e.command_id, e.body
FROM event e JOIN pathway p ON p.pathway_key = e.pathway_key
WHERE p.pathway_id = ? AND e.sequence > ? ORDER BY e.sequence"""
_BEGIN = """
INSERT INTO pathway (pathway_id, site, version, created_at) VALUES (?, ?, ?, ?)
ON CONFLICT (pathway_id) DO NOTHING RETURNING pathway_key"""
_ADVANCE = "UPDATE pathway SET version = ? WHERE pathway_id = ? AND version = ? RETURNING pathway_key"
_APPEND = """
INSERT INTO event (pathway_key, sequence, event_id, kind, occurred_at, recorded_at, site, command_id, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_COMMAND = """
INSERT INTO command (command_id, pathway_key, recorded_at) VALUES (?, ?, ?)
ON CONFLICT (command_id) DO NOTHING"""
_APPLIED = """
SELECT p.pathway_id FROM command c JOIN pathway p ON p.pathway_key = c.pathway_key WHERE c.command_id = ?"""
_FIND_OPEN = """
SELECT p.pathway_id FROM patient_key k JOIN pathway p ON p.pathway_key = k.pathway_key WHERE k.key_text = ?"""
_FINISH = "DELETE FROM draft WHERE ehr_id = ? AND patient = ? AND author = ? AND form = ?"
_PAGE = 500


class _AppliedMeanwhile(Exception):  # noqa: N818  an answer: undo, then say that the command has acted already
    """The same command was committed on another pathway while this one was being written."""


class Pathways:
    """The pathways of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def history(self, pathway_id: PathwayId) -> tuple[Event, ...]:
        """All events of a pathway, in order; empty for an unknown one."""
        return self._database.read(lambda session: _events(session, pathway_id))

    def find_open(self, patient_keys: Sequence[str]) -> PathwayId | None:
        """The open pathway known by any of these keys, the strongest (first) key that finds one wins."""

        def job(session: Session) -> PathwayId | None:
            found = (session.row(_FIND_OPEN, (key,)) for key in patient_keys)
            return next((PathwayId(row[0]) for row in found if row is not None), None)

        return self._database.read(job)

    def applied(self, command_id: CommandId) -> PathwayId | None:
        """The pathway that this command has already changed, if any."""
        return self._database.read(lambda session: _applied(session, command_id))

    def commit(self, commit: Commit) -> bool:
        """Write events and projections and forget finished drafts; False when the command was already applied.

        Raises:
            Conflict: the pathway moved on (``changes``: its unseen events), or another open pathway holds a patient
                key (``pathway_id`` and ``changes`` are that pathway's).
        """
        try:
            return self._database.write(lambda session: _commit(session, commit))
        except _AppliedMeanwhile:
            return False

    def caseload(self, sites: Sequence[SiteId]) -> tuple[CaseloadRow, ...]:
        """Caseload rows of the given sites, most recently changed first."""
        if not sites:
            return ()
        marks = ", ".join("?" * len(sites))
        sql = (
            f"SELECT {projections.CASELOAD.names} FROM caseload WHERE site IN ({marks}) "  # noqa: S608  fixed names
            "ORDER BY updated_at DESC, pathway_key DESC"
        )
        rows = self._database.read(lambda session: session.rows(sql, tuple(sites)))
        return tuple(projections.CASELOAD.record(row) for row in rows)

    def pathway_ids(self) -> Iterator[PathwayId]:
        """Every pathway, oldest first, fetched by pages: the ids may be walked while others write."""
        last = 0
        while rows := self._next_page(last):
            yield from (PathwayId(pathway_id) for _, pathway_id in rows)
            last = rows[-1][0]

    def replace_projections(self, pathway_id: PathwayId, steps: Sequence[tuple[datetime, Projections]]) -> None:
        """Re-create one pathway's projections from scratch in one transaction.

        Raises:
            Conflict: the pathway has not as many commands as there are steps (it changed meanwhile).
        """
        self._database.write(lambda session: replace_projections(session, pathway_id, steps))

    def _next_page(self, last: int) -> list[tuple[int, str]]:
        sql = "SELECT pathway_key, pathway_id FROM pathway WHERE pathway_key > ? ORDER BY pathway_key LIMIT ?"
        return [(row[0], row[1]) for row in self._database.read(lambda session: session.rows(sql, (last, _PAGE)))]


def _commit(session: Session, commit: Commit) -> bool:
    if _applied(session, commit.command_id) is not None:
        return False
    pathway_key = _advance(session, commit)
    if pathway_key is None:
        # A command that ran twice at once finds its own traces here.
        if _applied(session, commit.command_id) is not None:
            return False
        raise Conflict(commit.pathway_id, _events(session, commit.pathway_id, commit.expected_version))
    if not session.run(_COMMAND, (commit.command_id, pathway_key, to_micros(commit.recorded_at))):
        raise _AppliedMeanwhile
    session.run_many(_APPEND, [_event_row(pathway_key, event) for event in commit.events])
    session.run_many(_FINISH, [(key.ehr_id, key.patient, key.author, key.form) for key in commit.finishes])
    # Before the projections: what they want anew is due anyway.
    renew_documents(session, pathway_key, to_micros(commit.recorded_at))
    projections.apply(session, pathway_key, commit.recorded_at, commit.projections)
    keys = commit.projections.patient_keys if commit.projections.open else ()
    try:
        projections.hold_keys(session, pathway_key, keys)
    except projections.KeyTaken as taken:
        raise Conflict(taken.holder, _events(session, taken.holder)) from None
    return True


def _advance(session: Session, commit: Commit) -> int | None:
    """Move the pathway to its new version; None when it is not at the expected one."""
    version = commit.expected_version + len(commit.events)
    if commit.expected_version == 0:
        site = commit.projections.caseload.site
        row = session.row(_BEGIN, (commit.pathway_id, site, version, to_micros(commit.recorded_at)))
    else:
        row = session.row(_ADVANCE, (version, commit.pathway_id, commit.expected_version))
    return None if row is None else row[0]


def _event_row(pathway_key: int, event: Event) -> tuple[int, int, str, str, int, int, str, str, bytes]:
    body = dump_event(event.occurred_at, event.actor, event.data)
    return (
        pathway_key,
        event.sequence,
        event.event_id,
        event.kind,
        to_micros(event.occurred_at),
        to_micros(event.recorded_at),
        event.site,
        event.command_id,
        codec.to_storage(body, event.pathway_id, event.sequence),
    )


def _applied(session: Session, command_id: CommandId) -> PathwayId | None:
    row = session.row(_APPLIED, (command_id,))
    return None if row is None else PathwayId(row[0])


def _events(session: Session, pathway_id: PathwayId, after: int = 0) -> tuple[Event, ...]:
    events = []
    for event_id, sequence, kind, recorded_at, site, command_id, body in session.rows(_HISTORY, (pathway_id, after)):
        occurred_at, actor, data = load_event(kind, codec.from_storage(body, pathway_id, sequence))
        event = Event(
            event_id=EventId(event_id),
            pathway_id=pathway_id,
            sequence=sequence,
            occurred_at=occurred_at,
            recorded_at=from_micros(recorded_at),
            actor=actor,
            site=SiteId(site),
            command_id=CommandId(command_id),
            data=data,
        )
        events.append(event)
    return tuple(events)
