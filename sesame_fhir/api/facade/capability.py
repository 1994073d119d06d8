"""The CapabilityStatement, made from the tables that the routes and the search are made from."""

from datetime import datetime
from functools import cache
from typing import Any

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.formats import FORMATS
from sesame_fhir.api.facade.interactions import INTERACTIONS, Offered
from sesame_fhir.api.facade.negotiation import JSON_PATCH
from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.api.operations.registry import Operation
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_links import includes_of, reverse_includes_of
from sesame_fhir.fhir.search_parameters import parameters_of

OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
"""Legacy, kept because some client libraries still look for it."""

_PATIENT_COMPARTMENT = "http://hl7.org/fhir/CompartmentDefinition/patient"
_SECURITY_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def capability_statement(deps: ApiDeps, date: datetime) -> Json:
    """R4 CapabilityStatement of this instance."""
    return {
        "resourceType": "CapabilityStatement",
        "url": own("CapabilityStatement", "sesame-facade"),
        "name": "SesameFacade",
        "title": "SÉSAME, façade FHIR R4",
        "status": "active",
        "date": date.isoformat(timespec="seconds"),
        "publisher": "sesame-fhir",
        "kind": "instance",
        "software": {"name": "sesame-fhir"},
        "implementation": {"description": "Façade FHIR R4", "url": deps.base_url},
        "fhirVersion": "4.0.1",
        "format": [name for one in FORMATS for name in (one.media, one.short)],
        "patchFormat": [JSON_PATCH],
        "rest": [_rest(deps)],
    }


def _rest(deps: ApiDeps) -> Json:
    described: Json = {
        "mode": "server",
        "security": _security(deps),
        "resource": [_resource(name) for name in INTERACTIONS],
        "interaction": [{"code": "transaction"}, {"code": "batch"}],
        "compartment": [_PATIENT_COMPARTMENT],
    }
    named = [_operation(one) for one in OPERATIONS if "system" in one.levels]
    if named:
        described["operation"] = named
    return described


def _security(deps: ApiDeps) -> Json:
    addresses = {"token": "token", "authorize": "authorize", "introspect": "introspect", "revoke": "revoke"}
    return {
        "extension": [
            {
                "url": OAUTH_URIS,
                "extension": [
                    {"url": name, "valueUri": f"{deps.oauth_base}/{path}"} for name, path in addresses.items()
                ],
            }
        ],
        "cors": True,
        "service": [{"coding": [{"system": _SECURITY_SERVICE, "code": "SMART-on-FHIR"}]}],
    }


@cache
def _resource(resource_type: str) -> Json:
    """What is offered of a type, the same in every statement: nobody changes it."""
    offered: tuple[Offered, ...] = INTERACTIONS[resource_type]
    described: dict[str, Any] = {
        "type": resource_type,
        "interaction": [{"code": code} for code in offered],
        "versioning": _versioning(offered),
        "readHistory": "vread" in offered,
        "updateCreate": "update" in offered,
        "conditionalCreate": "create" in offered,
        "conditionalRead": "full-support" if "vread" in offered else "not-supported",
        "conditionalUpdate": "update" in offered and "search-type" in offered,
        "conditionalDelete": "single" if "delete" in offered and "search-type" in offered else "not-supported",
        "referencePolicy": ["literal", "logical"],
    }
    if "search-type" in offered:
        described["searchParam"] = [
            {"name": "_id", "type": "token"},
            {"name": "_lastUpdated", "type": "date"},
            *({"name": one.name, "type": one.published_type} for one in parameters_of(resource_type).values()),
        ]
        # R4 allows neither list to be empty.
        included = {"searchInclude": includes_of(resource_type), "searchRevInclude": reverse_includes_of(resource_type)}
        described.update({key: list(named) for key, named in included.items() if named})
    named = [_operation(one) for one in OPERATIONS if resource_type in one.types]
    if named:
        described["operation"] = named
    return described


def _versioning(offered: tuple[Offered, ...]) -> str:
    if "update" in offered:
        return "versioned-update"
    return "versioned" if "vread" in offered else "no-version"


def _operation(operation: Operation) -> Json:
    return {"name": operation.name, "definition": operation.definition}
