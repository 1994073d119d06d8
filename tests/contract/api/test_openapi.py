"""The OpenAPI description says what the routes do: every address and method of it, and no other, exists."""

import json
import re
from functools import cache
from typing import Any

import pytest

from sesame_fhir.api.facade.addresses import EVERY_TYPE, allowed_methods
from sesame_fhir.api.facade.interactions import INTERACTIONS
from sesame_fhir.api.facade.openapi import openapi
from tests.contract.api.harness import BASE, HOST, World

_METHODS = ("get", "post", "put", "patch", "delete")


@cache
def description() -> dict[str, Any]:
    return openapi(BASE, f"{HOST}/oauth", "0.0.0")


def steps(path: str) -> tuple[str, ...]:
    told = {"{id}": "x1", "{vid}": "1", "{type}": EVERY_TYPE}
    return tuple(told.get(step, step) for step in path.strip("/").split("/") if step)


@pytest.mark.parametrize("path", description()["paths"])
def test_what_is_described_is_what_is_offered(path: str) -> None:
    described = {method.upper() for method in description()["paths"][path]}
    # At a type, the conditional forms of update, patch and delete take a search in place of the id.
    offered = set(allowed_methods(steps(path)))
    conditional = {"PUT", "PATCH", "DELETE"} if len(steps(path)) == 1 else set()
    assert described == offered - conditional


def test_every_type_is_described() -> None:
    assert {path[1:] for path in description()["paths"] if path.count("/") == 1} >= set(INTERACTIONS)


def test_references_lead_somewhere_and_ids_are_unique() -> None:
    text = json.dumps(description())
    for kind, name in re.findall(r'"#/components/([a-z]+)/([^"]+)"', text):
        assert name in description()["components"][kind]
    ids = [one["operationId"] for methods in description()["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


def test_it_is_published_for_everybody(store: Any) -> None:
    world = World(store)
    answer = world.call("GET", "/fhir/openapi.json", headers={"Origin": "https://anywhere.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json is not None
    assert answer.json["servers"] == [{"url": BASE}]
