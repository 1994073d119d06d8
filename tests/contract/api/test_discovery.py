"""Discovery as Inferno checks it, and the CapabilityStatement against what the server really does."""

import json
from typing import Any

import pytest

from sesame_fhir.api.facade.addresses import interaction_of
from sesame_fhir.api.facade.capability import OAUTH_URIS
from sesame_fhir.api.facade.exchange import Method
from sesame_fhir.api.facade.interactions import INTERACTIONS
from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.fhir.search_parameters import parameters_of
from sesame_fhir.fhir.validation import validate
from tests.contract.api.harness import BASE, FHIR_JSON, HOST, World, assert_outcome

WELL_KNOWN = "/fhir/.well-known/smart-configuration"


def test_smart_configuration(world: World) -> None:
    answer = world.call("GET", WELL_KNOWN, headers={"Accept": "application/json", "Origin": "https://any.example"})
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    said = json.loads(answer.data)
    for name in ("authorization_endpoint", "token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        assert said[name].startswith(f"{HOST}/oauth/")
    assert (said["issuer"], said["jwks_uri"]) == (BASE, f"{HOST}/oauth/jwks.json")
    assert "authorization_code" in said["grant_types_supported"]
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    demanded = {
        *("authorize-post", "client-confidential-asymmetric", "client-confidential-symmetric", "client-public"),
        *("context-banner", "context-ehr-patient", "context-ehr-encounter", "context-style", "launch-ehr"),
        *("permission-offline", "permission-user", "permission-v1", "permission-v2", "sso-openid-connect"),
    }
    assert demanded <= set(said["capabilities"])


def test_openid_configuration(world: World) -> None:
    said = json.loads(world.call("GET", "/fhir/.well-known/openid-configuration").data)
    required = {
        *("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"),
        *("subject_types_supported", "id_token_signing_alg_values_supported"),
    }
    assert required <= said.keys()
    assert "RS256" in said["id_token_signing_alg_values_supported"]


@pytest.mark.parametrize("path", ["/fhir/metadata", WELL_KNOWN])
def test_preflight_from_anywhere_on_discovery(world: World, path: str) -> None:
    answer = world.call("OPTIONS", path, headers={"Origin": "https://any.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def statement(world: World) -> dict[str, Any]:
    answer = world.call("GET", "/fhir/metadata", headers={"Accept": FHIR_JSON, "Origin": "https://any.example"})
    assert answer.status_code == 200
    assert answer.mimetype == FHIR_JSON
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    said: dict[str, Any] = json.loads(answer.data)
    return said


def test_capability_statement_is_valid_and_points_to_the_authorization_server(world: World) -> None:
    said = statement(world)
    assert validate(said, "CapabilityStatement") == []
    (security,) = said["rest"][0]["security"]["extension"]
    assert security["url"] == OAUTH_URIS
    assert {one["url"]: one["valueUri"] for one in security["extension"]} == {
        name: f"{HOST}/oauth/{name}" for name in ("token", "authorize", "introspect", "revoke")
    }


ADDRESSES: dict[str, tuple[Method, tuple[str, ...]]] = {
    "read": ("GET", ("1",)),
    "vread": ("GET", ("1", "_history", "1")),
    "history-instance": ("GET", ("1", "_history")),
    "history-type": ("GET", ("_history",)),
    "search-type": ("GET", ()),
    "create": ("POST", ()),
    "update": ("PUT", ("1",)),
    "patch": ("PATCH", ("1",)),
    "delete": ("DELETE", ("1",)),
}


def test_capability_statement_lists_exactly_what_the_addresses_offer(world: World) -> None:
    for one in statement(world)["rest"][0]["resource"]:
        said = {interaction["code"] for interaction in one["interaction"]}
        offered = {
            code for code, (method, steps) in ADDRESSES.items() if interaction_of(method, (one["type"], *steps)) == code
        }
        assert said == offered
        for code, (method, steps) in ADDRESSES.items():
            asked = world.call(method, "/fhir/" + "/".join((one["type"], *steps)))
            assert (asked.status_code == 401) == (code in said), (code, asked.status_code)


def test_the_capability_statement_says_what_the_whole_server_does(world: World) -> None:
    said = statement(world)
    assert said["format"] == [FHIR_JSON, "json", "application/fhir+xml", "xml"]
    assert said["patchFormat"] == ["application/json-patch+json"]
    (rest,) = said["rest"]
    assert {one["code"] for one in rest["interaction"]} == {"batch", "transaction"}
    assert rest["compartment"] == ["http://hl7.org/fhir/CompartmentDefinition/patient"]
    system = {one["name"] for one in rest.get("operation", [])}
    assert system == {one.name for one in OPERATIONS if "system" in one.levels}


def test_conditional_interactions_are_said_as_they_are(world: World) -> None:
    for one in statement(world)["rest"][0]["resource"]:
        path = (one["type"],)
        assert one["conditionalUpdate"] == (interaction_of("PUT", path) == "update")
        assert (one["conditionalDelete"] == "single") == (interaction_of("DELETE", path) == "delete")
        assert one["conditionalCreate"] == (interaction_of("POST", path) == "create")


def test_a_type_that_is_only_read_promises_no_write(world: World) -> None:
    for one in statement(world)["rest"][0]["resource"]:
        writes = {interaction["code"] for interaction in one["interaction"]} & {"create", "update"}
        promised = (one["conditionalCreate"], one["updateCreate"], one["versioning"] == "versioned-update")
        assert set(promised) == {bool(writes)}


def test_capability_statement_lists_exactly_the_search_parameters(world: World) -> None:
    for one in statement(world)["rest"][0]["resource"]:
        named = {parameter["name"] for parameter in one.get("searchParam", [])}
        if one["type"] == "Binary":
            assert not named
        else:
            assert named == {"_id", "_lastUpdated", *parameters_of(one["type"])}


@pytest.mark.parametrize("resource_type", sorted(set(INTERACTIONS) - {"Binary"}))
def test_every_listed_search_parameter_is_understood(world: World, resource_type: str) -> None:
    token = world.token("user/*.rs system/AuditEvent.rs")
    examples = {"token": "x", "string": "x", "date": "2026-01-01", "reference": "Patient/p1", "uri": "urn:x"}
    examples["quantity"] = "5"
    for one in next(r for r in statement(world)["rest"][0]["resource"] if r["type"] == resource_type)["searchParam"]:
        query = {one["name"]: examples[one["type"]]}
        headers = {"Prefer": "handling=strict"}
        answer = world.call("GET", f"/fhir/{resource_type}", token, query_string=query, headers=headers)
        assert answer.status_code == 200, (one, answer.get_data(as_text=True))


@pytest.mark.parametrize(
    "path",
    [
        "Nothing",
        "Nothing/1",
        "Patient/",
        "Patient/$nothing",
        "Patient/p1/Practitioner",
        "$nothing",
        "Patient/p1/other",
        "Patient/p1/_history/1/2",
        "Binary/_search",
        "x/y/z",
        "$export",
    ],
)
def test_unknown_addresses(world: World, path: str) -> None:
    assert_outcome(world.call("GET", f"/fhir/{path}", world.token("user/*.cruds")), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "", "POST"),
        ("POST", "Patient/p1", "GET, PUT, PATCH, DELETE"),
        ("POST", "Patient/_history", "GET"),
        ("GET", "Patient/_search", "POST"),
        ("PUT", "Binary", "POST"),
        ("DELETE", "CarePlan/1", "GET"),
        ("PATCH", "CarePlan", "GET"),
        ("POST", "Patient/p1/Observation", "GET"),
        ("GET", "Patient/p1/Observation/_search", "POST"),
        ("DELETE", "Patient/p1/_history/1", "GET"),
        ("POST", "metadata", "GET"),
        ("GET", "Binary", "POST"),
        ("POST", "CarePlan", "GET"),
        ("PUT", "CarePlan/1", "GET"),
    ],
)
def test_known_addresses_with_another_method(world: World, method: str, path: str, allowed: str) -> None:
    answer = world.call(method, f"/fhir/{path}", world.token("user/*.cruds"))
    assert_outcome(answer, 405, "not-supported")
    assert answer.headers["Allow"] == allowed
