"""Writes one resource into a record so that it is there once, however often and whenever the write is repeated.

The resource's business identifier decides: a known location is updated with If-Match; an unknown one is created on
condition that nothing with the identifier exists. A create whose answer was lost is found again the same way.
https://hl7.org/fhir/R4/http.html (conditional create, version-aware updates).
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.delivery import DeliveryError
from smart_app.ehr.client import EhrClient, EhrCode, EhrError, EhrResponse
from smart_app.ehr.faults import RecordFault, Remedy, record_fault
from smart_app.ehr.recognition import (
    carries,
    condition_of,
    is_id,
    location_of,
    patient_of,
    same_content,
    version_tag,
)
from smart_app.ehr.searching import list_of_objects

_LOST_RACE = (EhrCode.CONFLICT, EhrCode.PRECONDITION)
# What servers answer to a write whose patient they do not know: a plain 404, or a complaint about the reference.
_PERHAPS_THE_PATIENT = (EhrCode.NOT_FOUND, EhrCode.INVALID, EhrCode.UNPROCESSABLE)
_RACES = 3


class Support(Protocol):
    """What the server offers and the token allows, together."""

    def can(self, resource_type: str, interaction: str) -> bool:
        """True when both allow it; ``interaction`` is a FHIR code: create, read, update, search-type."""
        ...

    def conditional_create(self, resource_type: str) -> bool:
        """True when the server says that it honours If-None-Exist for this type."""
        ...

    def refusal(self, resource_type: str) -> DeliveryError | None:
        """Why resources of this type need not be tried at all, None when they can."""
        ...


@dataclass(frozen=True, slots=True)
class Upsert:
    """The idempotent write into one patient's record."""

    client: EhrClient
    support: Support

    def write(self, body: Json, location: str | None) -> str:
        """Bring the record to hold ``body``; returns its location there, ``Type/id``.

        ``body`` has our identifier in ``identifier``; ``location`` is where an earlier write put it, if any.

        Raises:
            RecordFault: the record does not take it, with the code and the remedy.
        """
        try:
            if location is not None and location.startswith(f"{body['resourceType']}/"):
                updated = self._update(location, body)
                if updated is not None:
                    return updated
            return self._create(body["resourceType"], body)
        except EhrError as error:
            raise self._fault(error, body) from None

    def _create(self, kind: str, body: Json) -> str:
        if not self.support.conditional_create(kind):
            if not self.support.can(kind, "search-type"):
                # A create that cannot be recognised afterwards could be done twice: another form is safer.
                raise RecordFault(DeliveryError.NO_DEDUPLICATION, Remedy.DEGRADE)
            if (found := self._find(kind, body)) is not None:
                return self._update_found(found, body)
        try:
            # A server that does not announce conditional create may honour it: that closes the gap after the search.
            answer = self.client.post(kind, body, {"If-None-Exist": condition_of(body)})
        except EhrError as error:
            if error.code is EhrCode.PRECONDITION:
                raise RecordFault(DeliveryError.SEVERAL_IN_RECORD) from None
            raise
        location = location_of(answer, kind) or self._find(kind, body)
        if location is None:
            raise RecordFault(DeliveryError.RECORD_FAILED)
        return location if answer.status == HTTPStatus.CREATED else self._update_found(location, body)

    def _find(self, kind: str, body: Json) -> str | None:
        bundle = self.client.get(f"{kind}?{condition_of(body)}").body
        if bundle is None or bundle["resourceType"] != "Bundle":
            raise RecordFault(DeliveryError.NOT_FHIR)
        entries = [entry.get("resource") for entry in list_of_objects(bundle.get("entry"))]
        found = {r["id"]: r for r in list_of_objects(entries) if r.get("resourceType") == kind and is_id(r.get("id"))}
        if not all(carries(r, body) for r in found.values()):
            # The server does not search by identifier and gives whatever it has: nothing can be recognised there.
            raise RecordFault(DeliveryError.NO_DEDUPLICATION, Remedy.DEGRADE)
        if len(found) > 1:
            raise RecordFault(DeliveryError.SEVERAL_IN_RECORD)
        return f"{kind}/{next(iter(found))}" if found else None

    def _update_found(self, location: str, body: Json) -> str:
        """Update what the record has just named; its absence means that search and store disagree for a moment."""
        if self._update(location, body, known=False) is None:
            raise RecordFault(DeliveryError.CONFLICT)
        return location

    def _update(self, location: str, body: Json, *, known: bool = True) -> str | None:
        """Update in place; None when nothing is there any more. A lost race is read again, a few times.

        ``known`` is False for a location that the record named and we did not: it must carry our identifier.
        """
        for _ in range(_RACES):
            try:
                current = self._read(location)
                if current is not None and not known and not carries(current.body or {}, body):
                    raise RecordFault(DeliveryError.NO_DEDUPLICATION, Remedy.DEGRADE)
                body = _keeping(body, current)
                if current is not None and same_content(body, current.body):
                    return location
                self._put(location, body, current)
            except EhrError as error:
                if error.code is EhrCode.NOT_FOUND:
                    return None
                if error.code not in _LOST_RACE:
                    raise
            else:
                return location
        raise RecordFault(DeliveryError.CONFLICT)

    def _read(self, location: str) -> EhrResponse | None:
        return self.client.get(location) if self.support.can(location.partition("/")[0], "read") else None

    def _put(self, location: str, body: Json, current: EhrResponse | None) -> None:
        kind, _, record_id = location.partition("/")
        if not self.support.can(kind, "update"):
            raise RecordFault(DeliveryError.OUT_OF_SCOPE, Remedy.DEGRADE)
        self.client.put(location, {**body, "id": record_id}, if_match=version_tag(current))

    def _fault(self, error: EhrError, body: Json) -> RecordFault:
        """The fault of a failed call; a refused write is the patient's when the patient is not there any more."""
        patient = patient_of(body)
        if error.code in _PERHAPS_THE_PATIENT and patient is not None:
            try:
                self.client.get(patient)
            except EhrError as about_patient:
                if about_patient.code is EhrCode.NOT_FOUND:
                    return RecordFault(DeliveryError.PATIENT_GONE, Remedy.LAUNCH)
        return record_fault(error)


def _keeping(body: Json, current: EhrResponse | None) -> Json:
    """A correction at a later consultation does not move the screening there: the record's encounter stands."""
    known = (current.body or {}).get("encounter") if current is not None else None
    return {**body, "encounter": known} if known is not None and "encounter" in body else body
