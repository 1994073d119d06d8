"""Fills the demo EHR's record with thirty invented patients, the same ones every time.

Nothing is random: a resource whose id is already in the record is left as it is, so seeding again changes nothing on
the same day and adds only the day's consultations on another one.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.records import Origin, ResourceWrite
from smart_app.demo_ehr.seed.history import history
from smart_app.demo_ehr.seed.patients import patient
from smart_app.demo_ehr.seed.people import PEOPLE
from smart_app.demo_ehr.seed.staff import organizations, practitioners
from smart_app.demo_ehr.seed.visits import visit


def seed(resources: ResourceStore, now: datetime, site: SiteId) -> None:
    """Create what the record lacks. ``now`` is aware; its day in Paris is the day of the consultations."""
    for resource in seed_resources(now):
        kind, resource_id = resource["resourceType"], resource["id"]
        if resources.read(kind, resource_id) is None:
            write = ResourceWrite(kind, resource_id, resource, index(resource), site, Origin.RECORD)
            with suppress(AlreadyExists):  # another worker that starts at the same time was first
                resources.create(write, now)


def seed_resources(now: datetime) -> Iterator[Json]:
    """Every resource of the demo record, referenced ones first."""
    local = now.astimezone(PRACTICE_ZONE)
    yield from organizations()
    yield from practitioners()
    for person in PEOPLE:
        yield patient(person)
        yield from history(person, local.date())
        yield visit(person, local)
