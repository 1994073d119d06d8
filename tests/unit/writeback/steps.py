"""One Observation sent to a faulty EHR, once or again after a correction."""

from dataclasses import replace

from sesame_fhir.services.records import DeliveryReport, OutboxItem
from tests.support.story import SCREENING
from tests.unit.writeback.fake_ehr import FakeEhr
from tests.unit.writeback.record import CORRECTED, Desk, StaticSupport, desk, outbox_items, published

OBSERVATION = f"Observation/{SCREENING[:-2]}01"


def observation_item(**changes: object) -> OutboxItem:
    return replace(next(i for i in outbox_items() if i.target.resource_type == "Observation"), **changes)  # type: ignore[arg-type]


def send(at: Desk, item: OutboxItem | None = None) -> DeliveryReport:
    """Deliver the referral's Observation as the desk's pathway publishes it now."""
    return at.writer().deliver(item or observation_item(), published(at.events)[OBSERVATION], {})


def written(ehr: FakeEhr) -> OutboxItem:
    """The Observation as delivered once, and wanted again after a correction."""
    report = send(desk(ehr.base))
    return observation_item(location=report.location, sent_version=1, wanted_version=2)


def corrected(ehr: FakeEhr, support: StaticSupport | None = None) -> Desk:
    at = desk(ehr.base, support)
    at.events = CORRECTED
    return at
