"""The FHIR resources of one line for a receiver: as published, but what only we hold is named and not linked.

A claim links its patient and its coverage, which go with it. Its proofs stay here: a receiver that keeps no stranger's
links still takes a reference by identifier, whose value is the address at which we publish the resource.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from mappings.claim import claim
from mappings.coverage import coverage, coverage_id
from mappings.datatypes import coding
from mappings.patient import patient
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.events.billing import BillerId
from sesame_fhir.exports.billing.head import BatchHead
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.billing.records import BatchLine

EXAMPLE_TAG = coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data")
"""On every claim of an example tariff: whoever receives it by mistake knows that it is no real claim."""

_URI = "urn:ietf:rfc:3986"
_STAYS = (("supportingInfo", "valueReference"), ("diagnosis", "diagnosisReference"), ("related", "claim"))
"""Where a claim links what does not go with it; a test finds any other place."""
_NOBODY = Actor("export", Role.SYSTEM, "")
"""A Claim does not say which coordinator made it."""


@dataclass(frozen=True, slots=True)
class Outward:
    """Makes resources for a receiver; ``base`` is the public address of our FHIR interface, without a slash."""

    head: BatchHead
    base: str

    def claim(self, line: BatchLine) -> Json:
        """The Claim as it was made; a preview's is a draft."""
        made = Claim(line.claim_id, line.rank, line.terms, self.head.dated, _NOBODY)
        found = self._outward(claim(line.pathway_id, made))
        if self.head.preview:
            found["status"] = "draft"
        if self.head.is_example(line.terms):
            found["meta"] = {**found.get("meta", {}), "tag": [EXAMPLE_TAG]}
        return found

    def patient(self, line: BatchLine) -> Json:
        """Who the patient is, as when the claim was made, without what the receiver has no use for."""
        return patient(replace(line.terms.beneficiary, phone=None), line.pathway_id)

    def coverage(self, line: BatchLine) -> Json:
        """The insurance as when the claim was made."""
        return coverage(line.pathway_id, line.terms.coverage)

    def _outward(self, found: Json) -> Json:
        """The same claim with references by identifier to whatever does not go along."""
        for name, key in _STAYS:
            for element in found.get(name, ()):
                if key in element:
                    element[key] = self._named(element[key])
        return found

    def _named(self, link: Json) -> Json:
        target = link["reference"]
        return {"type": target.partition("/")[0], "identifier": {"system": _URI, "value": f"{self.base}/{target}"}}


def organization(biller: BillerId) -> Json:
    """Who claims, for a receiver that does not know it yet; its id is made of its identifier."""
    return {
        "resourceType": "Organization",
        "id": str(uuid5(NAMESPACE_URL, f"{biller.system}|{biller.value}")),
        "identifier": [{"system": biller.system, "value": biller.value}],
        "active": True,
        "name": biller.name,
    }


def organization_entry(outward: Outward) -> bytes:
    """Created where nobody has this identifier; a receiver that knows the biller keeps its own."""
    resource = organization(outward.head.biller)
    one = resource["identifier"][0]
    known = quote(f"{one['system']}|{one['value']}", safe=":/|")
    described = {
        "fullUrl": f"urn:uuid:{resource['id']}",
        "resource": {name: value for name, value in resource.items() if name != "id"},
        "request": {
            "method": "POST",
            "url": "Organization",
            "ifNoneExist": f"identifier={known}",
        },
    }
    return write_json(described)


def entry(outward: Outward, kind: str, resource_id: str, resource: bytes) -> bytes:
    """An entry of a transaction; taken twice, it writes the same again."""
    url = f"{kind}/{resource_id}"
    described = {"fullUrl": f"{outward.base}/{url}", "request": {"method": "PUT", "url": url}}
    return write_json(described)[:-1] + b',"resource":' + resource + b"}"


class Rendered:
    """The resources of one line as bytes, each made once and only when a file asks for it."""

    def __init__(self, outward: Outward, line: BatchLine) -> None:
        self._outward, self._line = outward, line

    @cached_property
    def claim(self) -> bytes:
        """The Claim."""
        return write_json(self._outward.claim(self._line))

    @cached_property
    def patient(self) -> bytes:
        """The Patient."""
        return write_json(self._outward.patient(self._line))

    @cached_property
    def coverage(self) -> bytes:
        """The Coverage."""
        return write_json(self._outward.coverage(self._line))

    def entries(self, *, with_patient: bool) -> Iterator[bytes]:
        """Entries of a transaction for this line."""
        line, outward = self._line, self._outward
        if with_patient:
            yield entry(outward, "Patient", line.pathway_id, self.patient)
            yield entry(outward, "Coverage", coverage_id(line.pathway_id), self.coverage)
        yield entry(outward, "Claim", line.claim_id, self.claim)
