"""Appending commands' events with everything derived from them, inside a transaction."""

from collections.abc import Sequence

from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.records import Commit
from sesame_fhir.storage.history import APPEND, event_row, events_of
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.patient_keys import KeyTaken, closed_since, hold_keys, remember_keys
from sesame_fhir.storage.projections import PathwayWriter
from sesame_fhir.storage.session import Session

_BEGIN = """
INSERT INTO pathway (pathway_id, site, version, created_at) VALUES (?, ?, ?, ?)
ON CONFLICT (pathway_id) DO NOTHING RETURNING pathway_key"""
_ADVANCE = "UPDATE pathway SET version = ?, site = ? WHERE pathway_id = ? AND version = ? RETURNING pathway_key"
_COMMAND = """
INSERT INTO command (command_id, pathway_key, recorded_at) VALUES (?, ?, ?)
ON CONFLICT (command_id) DO NOTHING"""
_APPLIED = """
SELECT p.pathway_id FROM command c JOIN pathway p ON p.pathway_key = c.pathway_key WHERE c.command_id = ?"""
_FINISH = "DELETE FROM draft WHERE ehr_id = ? AND patient = ? AND author = ? AND form = ?"


class AppliedMeanwhile(Exception):  # noqa: N818  an answer: undo, then say that the command has acted already
    """The same command was committed on another pathway while this one was being written."""


def applied(session: Session, command_id: CommandId) -> PathwayId | None:
    """The pathway that this command has already changed, if any."""
    row = session.row(_APPLIED, (command_id,))
    return None if row is None else PathwayId(row[0])


class CommitWriter:
    """Writes commits one after another in one transaction; ``finish`` ends the work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._writers: dict[int, PathwayWriter] = {}
        self._keys: dict[int, tuple[tuple[str, ...], bool]] = {}

    def add(self, commit: Commit) -> bool:
        """Write one command; False when it was already applied.

        Raises:
            Conflict: the pathway moved on, or another open pathway holds a patient key.
            AppliedMeanwhile: another transaction has just applied the same command.
        """
        session = self._session
        if applied(session, commit.command_id) is not None:
            return False
        pathway_key = _advance(session, commit)
        if pathway_key is None:
            # A command that ran twice at once finds its own traces here.
            if applied(session, commit.command_id) is not None:
                return False
            raise Conflict(commit.pathway_id, events_of(session, commit.pathway_id, commit.expected_version))
        if not session.run(_COMMAND, (commit.command_id, pathway_key, to_micros(commit.recorded_at))):
            raise AppliedMeanwhile
        session.run_many(APPEND, [event_row(pathway_key, event) for event in commit.events])
        session.run_many(_FINISH, [(key.ehr_id, key.patient, key.author, key.form) for key in commit.finishes])
        writer = self._writers.get(pathway_key)
        if writer is None:
            writer = PathwayWriter(session, pathway_key, new=commit.expected_version == 0)
            self._writers[pathway_key] = writer
        writer.add(commit.recorded_at, commit.projections)
        self._write_keys(pathway_key, commit)
        return True

    def finish(self) -> None:
        """Write what only the last state of each pathway decides."""
        for writer in self._writers.values():
            writer.finish()

    def _write_keys(self, pathway_key: int, commit: Commit) -> None:
        """At once, for the next commit may be another pathway of the same patient."""
        keys, is_open = commit.projections.patient_keys, commit.projections.open
        if self._keys.get(pathway_key) == (keys, is_open):
            return
        self._keys[pathway_key] = keys, is_open
        closed_at = None if is_open else closed_since(self._session, pathway_key) or to_micros(commit.recorded_at)
        remember_keys(self._session, pathway_key, keys, closed_at)
        try:
            hold_keys(self._session, pathway_key, keys if is_open else ())
        except KeyTaken as taken:
            raise Conflict(taken.holder, events_of(self._session, taken.holder)) from None


def write_commits(session: Session, commits: Sequence[Commit]) -> int:
    """Write these commands in their order; returns how many were new. Raises as ``CommitWriter.add``."""
    writer = CommitWriter(session)
    new = sum(map(writer.add, commits))
    writer.finish()
    return new


def _advance(session: Session, commit: Commit) -> int | None:
    """Move the pathway to its new version; None when it is not at the expected one."""
    version, site = commit.expected_version + len(commit.events), commit.projections.caseload.site
    if commit.expected_version == 0:
        row = session.row(_BEGIN, (commit.pathway_id, site, version, to_micros(commit.recorded_at)))
    else:
        row = session.row(_ADVANCE, (version, site, commit.pathway_id, commit.expected_version))
    return None if row is None else row[0]
