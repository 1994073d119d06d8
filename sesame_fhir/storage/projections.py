"""What is written beside the events, in their transaction; a rebuild goes through the very same functions."""

from collections.abc import Mapping
from datetime import datetime

from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.records import Projections, ResourceWrite
from sesame_fhir.storage import publish
from sesame_fhir.storage.instants import to_micros, to_millis
from sesame_fhir.storage.outbox_rows import Owner, want
from sesame_fhir.storage.session import Session


def apply(session: Session, pathway_key: int, recorded_at: datetime, projections: Projections) -> None:
    """Publish one command's resources and ask that the record hold them."""
    published: dict[tuple[str, str], int] = {}
    for write in projections.resources:
        published[write.resource_type, write.resource_id] = _publish(session, pathway_key, write, recorded_at)
    owner = Owner(pathway_key, projections.caseload.site, to_micros(recorded_at))
    for position, target in enumerate(projections.outbox):
        version = _version(session, published, target.resource_type, target.resource_id)
        want(session, owner, position, target, version)


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
