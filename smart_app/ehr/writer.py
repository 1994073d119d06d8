"""The ``RecordWriter`` of an EHR reached by SMART: the newest launch's authority, idempotent writes, a ladder of forms.

A resource that the record cannot take goes into the pathway's one document there; when no document can be written
either, the page shows the same text to paste. Which rung was reached, and why, is the report; the EHR's faults never
raise, and what it wrote never leaves this package.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from mappings.document import with_pdf
from mappings.record_targets import made_in_consultation
from mappings.summary import Summary
from mappings.to_record import for_record
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.ids import EhrId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.delivery import DeliveryError
from sesame_fhir.services.errors import DocumentUnavailable
from sesame_fhir.services.ports import Clock
from sesame_fhir.services.records import Delivery, DeliveryReport, OutboxItem
from smart_app.ehr.client import EhrClient
from smart_app.ehr.degrade import document_of
from smart_app.ehr.directory import practitioner_in_record
from smart_app.ehr.faults import RecordFault, Remedy
from smart_app.ehr.upsert import Support, Upsert

DOCUMENT = "DocumentReference"


@dataclass(frozen=True, slots=True)
class Authority:
    """What one open launch allows on its patient's record, now; ``practitioner`` is ``actor``'s reference there."""

    client: EhrClient
    support: Support
    actor: Actor
    practitioner: str | None

    def knows(self, names: Mapping[str, Any]) -> str | None:
        """The record's reference of the professional that a resource names."""
        return practitioner_in_record(names, self.client, self.support, self.actor, self.practitioner)

    def write(self, body: Json, location: str | None) -> str:
        """Write idempotently; see ``Upsert.write``."""
        return Upsert(self.client, self.support).write(body, location)


def _stays_text(_pathway: Pathway, _document_id: str, _policy: PathwayPolicy) -> bytes | None:
    return None


class Authorities(Protocol):
    """Finds the authority to write into a record."""

    def over(self, ehr_id: EhrId, patient: str) -> AbstractContextManager[Authority]:
        """Open it for the length of a block.

        Raises:
            RecordFault: no launch is open (remedy LAUNCH), or the EHR cannot be asked now (RETRY). Also when the
                authority ends during the block.
        """
        ...


@dataclass(frozen=True, slots=True)
class EhrRecordWriter:
    """Implements ``services.ports.RecordWriter``.

    ``load`` folds a pathway (``Engine.load``); ``render`` makes the PDF/A of a summary, ``paper`` that of a published
    document, by its id; ``policy`` says what is interpreted.
    """

    authorities: Authorities
    load: Callable[[PathwayId], Pathway]
    render: Callable[[Summary], bytes]
    clock: Clock
    policy: PathwayPolicy = DEFAULT_POLICY
    paper: Callable[[Pathway, str, PathwayPolicy], bytes | None] = _stays_text

    def deliver(self, item: OutboxItem, resource: Mapping[str, Any], delivered: Mapping[str, str]) -> DeliveryReport:
        """Send one item in the best form that the record takes; see the port."""
        try:
            with self.authorities.over(item.target.ehr_id, item.target.patient) as authority:
                return self._deliver(authority, item, resource, delivered)
        except RecordFault as fault:
            return self._put_off(fault)

    def _deliver(
        self, authority: Authority, item: OutboxItem, resource: Mapping[str, Any], delivered: Mapping[str, str]
    ) -> DeliveryReport:
        refusal = authority.support.refusal(item.target.resource_type)
        if refusal is None:
            try:
                known, best = authority.knows(resource), self._in_best_form(item, resource)
                body = for_record(best, item.target.patient, self._encounter(item), known, delivered)
                return DeliveryReport(Delivery.SENT, authority.write(body, item.location))
            except RecordFault as fault:
                if fault.remedy is not Remedy.DEGRADE:
                    raise
                refusal = fault.code
        return self._degraded(authority, item, refusal)

    def _degraded(self, authority: Authority, item: OutboxItem, refusal: DeliveryError) -> DeliveryReport:
        if authority.support.refusal(DOCUMENT) is None:
            document = document_of(self.load(item.pathway_id), policy=self.policy)
            try:
                body = document.resource(self.render, item.target.patient, authority.knows(document.names))
                return DeliveryReport(Delivery.DOCUMENT, authority.write(body, item.location), refusal)
            except RecordFault as fault:
                if fault.remedy is not Remedy.DEGRADE:
                    raise
            except DocumentUnavailable:
                pass  # the doctor says what is missing; the text says the same as the document
        return DeliveryReport(Delivery.TEXT, error=refusal)

    def _in_best_form(self, item: OutboxItem, resource: Mapping[str, Any]) -> Mapping[str, Any]:
        """The PDF of a document where one can be made: a record shows it as it is meant to be read."""
        if item.target.resource_type != DOCUMENT:
            return resource
        try:
            pdf = self.paper(self.load(item.pathway_id), item.target.resource_id, self.policy)
        except DocumentUnavailable:
            return resource  # the doctor says what is missing; the text says the same as the document
        return resource if pdf is None else with_pdf(resource, pdf)

    def _encounter(self, item: OutboxItem) -> str | None:
        pathway, target = self.load(item.pathway_id), item.target
        binding = pathway.ehr
        if binding is None or not made_in_consultation(pathway, target.resource_type, target.resource_id):
            return None
        return binding.encounter if (binding.ehr_id, binding.patient) == (target.ehr_id, target.patient) else None

    def _put_off(self, fault: RecordFault) -> DeliveryReport:
        if fault.remedy is Remedy.LAUNCH:
            return DeliveryReport(Delivery.NEEDS_LAUNCH, error=fault.code)
        asked = None if fault.retry_after is None else self.clock.now() + timedelta(seconds=fault.retry_after)
        return DeliveryReport(Delivery.PENDING, error=fault.code, retry_at=asked)
