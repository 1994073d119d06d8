"""What is written beside the events, in their transaction; a rebuild goes through the very same functions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.records import CaseloadRow, Projections, ResourceWrite
from sesame_fhir.storage import publish, schema
from sesame_fhir.storage.instants import to_micros, to_millis
from sesame_fhir.storage.outbox_rows import Owner, want
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Session

CASELOAD = RowMapper(CaseloadRow, schema.caseload)


class KeyTaken(Exception):  # noqa: N818  an answer to the caller, who turns it into a conflict
    """Another open pathway, ``holder``, is known by a key of this patient."""

    def __init__(self, holder: PathwayId) -> None:
        super().__init__(holder)
        self.holder = holder


def apply(session: Session, pathway_key: int, recorded_at: datetime, projections: Projections) -> None:
    """Write one command's projections, patient keys excepted."""
    session.upsert(
        schema.caseload, {"pathway_key": pathway_key, **CASELOAD.values(projections.caseload)}, "pathway_key"
    )
    published: dict[tuple[str, str], int] = {}
    for write in projections.resources:
        published[write.resource_type, write.resource_id] = _publish(session, pathway_key, write, recorded_at)
    owner = Owner(pathway_key, projections.caseload.site, to_micros(recorded_at))
    for position, target in enumerate(projections.outbox):
        version = _version(session, published, target.resource_type, target.resource_id)
        want(session, owner, position, target, version)


def hold_keys(session: Session, pathway_key: int, keys: Sequence[str]) -> None:
    """Make the pathway known by these keys (none once it is closed), strongest first.

    A weaker key that another open pathway holds stays there (a record merged in the EHR). Raises KeyTaken for the
    strongest one.
    """
    held = {row[0] for row in session.rows("SELECT key_text FROM patient_key WHERE pathway_key = ?", (pathway_key,))}
    for key in held - set(keys):
        session.run("DELETE FROM patient_key WHERE key_text = ? AND pathway_key = ?", (key, pathway_key))
    for key in dict.fromkeys(keys):
        if key in held:
            continue
        new = session.run(
            "INSERT INTO patient_key (key_text, pathway_key) VALUES (?, ?) ON CONFLICT (key_text) DO NOTHING",
            (key, pathway_key),
        )
        if not new and key == keys[0]:
            raise KeyTaken(_holder(session, key))


def _holder(session: Session, key: str) -> PathwayId:
    row = session.row(
        "SELECT p.pathway_id FROM patient_key k JOIN pathway p ON p.pathway_key = k.pathway_key WHERE k.key_text = ?",
        (key,),
    )
    return PathwayId("" if row is None else row[0])


def _publish(session: Session, pathway_key: int, write: ResourceWrite, recorded_at: datetime) -> int:
    """Publish when the body changed; return the version that stands.

    Raises:
        AlreadyExists: the id is another pathway's or was received through the facade; nothing may cross.
    """
    at = to_millis(recorded_at)
    now = publish.current(session, write.resource_type, write.resource_id)
    if now is None:
        new = publish.insert(session, write, at, pathway_key)
        if new is None:
            raise AlreadyExists(f"{write.resource_type}/{write.resource_id}")
        return new.version
    if now.pathway_key != pathway_key:
        raise AlreadyExists(f"{write.resource_type}/{write.resource_id}")
    if publish.unchanged(now, write):
        return now.version
    return publish.replace(session, now, write, at, pathway_key).version


def _version(session: Session, published: Mapping[tuple[str, str], int], resource_type: str, resource_id: str) -> int:
    if (known := published.get((resource_type, resource_id))) is not None:
        return known
    row = session.row(
        "SELECT version FROM resource WHERE resource_type = ? AND fhir_id = ?", (resource_type, resource_id)
    )
    if row is None:
        raise LookupError(f"outbox target {resource_type}/{resource_id} is not published")
    version: int = row[0]
    return version
