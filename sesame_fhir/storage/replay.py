"""Re-creating one pathway's projections from its events, and writing only what differs from what stands.

What is right is read and left alone, so that a rebuild of a sound database writes next to nothing; what is lost, spoilt
or projected otherwise than before comes out as if it had been written so at the time. What an EHR has already taken
stays taken, as long as the same bytes come out.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.records import Projections
from sesame_fhir.storage.billing.projected import replace_billing
from sesame_fhir.storage.caseload_rows import write_rows
from sesame_fhir.storage.instants import to_micros, to_millis
from sesame_fhir.storage.outbox_rows import OutboxRows
from sesame_fhir.storage.patient_keys import KeyTaken, hold_keys, remember_keys
from sesame_fhir.storage.replayed_resources import ReplayedResources
from sesame_fhir.storage.session import Session

_LOCK = "SELECT p.pathway_key FROM pathway p WHERE p.pathway_id = ?"
_REBUILT = "DELETE FROM outdated_pathway WHERE pathway_key = ?"

_Steps = Sequence[tuple[datetime, Projections]]


def replace_projections(session: Session, pathway_id: PathwayId, steps: _Steps) -> None:
    """Make the pathway's projections what ``steps`` say. Raises Conflict when it has not as many commands as steps."""
    pathway_key = _lock(session, pathway_id, len(steps))
    resources, outbox = ReplayedResources(), OutboxRows()
    for recorded_at, step in steps:
        for write in step.resources:
            resources.add(write, to_millis(recorded_at))
        for target in step.outbox:
            version = resources.version(target.resource_type, target.resource_id)
            outbox.want(target, step.caseload.site, version, to_micros(recorded_at))
    same = resources.write(session, pathway_key)
    outbox.replace(session, pathway_key, same)
    write_rows(session, pathway_key, steps[-1][1])
    replace_billing(session, pathway_key, steps[-1][1], [one for _, step in steps for one in step.postings])
    _write_keys(session, pathway_key, steps)
    session.run(_REBUILT, (pathway_key,))


def _lock(session: Session, pathway_id: PathwayId, commands: int) -> int:
    row = session.row(_LOCK + session.row_lock("p"), (pathway_id,))
    if row is None:
        raise Conflict(pathway_id)
    ((count,),) = session.rows("SELECT COUNT(*) FROM command WHERE pathway_key = ?", (row[0],))
    if count != commands:
        raise Conflict(pathway_id)
    pathway_key: int = row[0]
    return pathway_key


def _write_keys(session: Session, pathway_key: int, steps: _Steps) -> None:
    """Only the last step's keys: an earlier time's keys may belong to another open pathway by now."""
    last = steps[-1][1]
    closed = list(takewhile(lambda step: not step[1].open, reversed(steps)))
    remember_keys(session, pathway_key, last.patient_keys, to_micros(closed[-1][0]) if closed else None)
    try:
        hold_keys(session, pathway_key, last.patient_keys if last.open else ())
    except KeyTaken as taken:
        raise Conflict(taken.holder) from None
