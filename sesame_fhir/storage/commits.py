"""Appending one command's events with everything derived from them, inside a transaction."""

from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import projections
from sesame_fhir.storage.caseload_rows import write_rows
from sesame_fhir.storage.history import APPEND, event_row, events_of
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.outbox_rows import renew_documents
from sesame_fhir.storage.patient_keys import KeyTaken, closed_since, hold_keys, remember_keys
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


def write_commit(session: Session, commit: Commit) -> bool:
    """Write one command; False when it was already applied.

    Raises:
        Conflict: the pathway moved on, or another open pathway holds a patient key.
        AppliedMeanwhile: another transaction has just applied the same command.
    """
    if applied(session, commit.command_id) is not None:
        return False
    pathway_key = _advance(session, commit)
    if pathway_key is None:
        # A command that ran twice at once finds its own traces here.
        if applied(session, commit.command_id) is not None:
            return False
        raise Conflict(commit.pathway_id, events_of(session, commit.pathway_id, commit.expected_version))
    at = to_micros(commit.recorded_at)
    if not session.run(_COMMAND, (commit.command_id, pathway_key, at)):
        raise AppliedMeanwhile
    session.run_many(APPEND, [event_row(pathway_key, event) for event in commit.events])
    session.run_many(_FINISH, [(key.ehr_id, key.patient, key.author, key.form) for key in commit.finishes])
    # Before the projections: what they want anew is due anyway.
    renew_documents(session, pathway_key, at)
    projections.apply(session, pathway_key, commit.recorded_at, commit.projections)
    write_rows(session, pathway_key, commit.projections)
    _write_keys(session, pathway_key, commit)
    return True


def _advance(session: Session, commit: Commit) -> int | None:
    """Move the pathway to its new version; None when it is not at the expected one."""
    version, site = commit.expected_version + len(commit.events), commit.projections.caseload.site
    if commit.expected_version == 0:
        row = session.row(_BEGIN, (commit.pathway_id, site, version, to_micros(commit.recorded_at)))
    else:
        row = session.row(_ADVANCE, (version, site, commit.pathway_id, commit.expected_version))
    return None if row is None else row[0]


def _write_keys(session: Session, pathway_key: int, commit: Commit) -> None:
    keys, is_open = commit.projections.patient_keys, commit.projections.open
    closed_at = None if is_open else closed_since(session, pathway_key) or to_micros(commit.recorded_at)
    remember_keys(session, pathway_key, keys, closed_at)
    try:
        hold_keys(session, pathway_key, keys if is_open else ())
    except KeyTaken as taken:
        raise Conflict(taken.holder, events_of(session, taken.holder)) from None
