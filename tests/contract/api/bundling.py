"""Bundles as clients send them, and answers read entry by entry."""

import json
from typing import Any

from werkzeug.test import TestResponse

from tests.contract.api.harness import World

ALL = "user/*.cruds"


def name(number: int) -> str:
    """A fullUrl."""
    return f"urn:uuid:0b0b0b0b-0000-4000-8000-{number:012d}"


def entry(
    method: str, url: str, resource: dict[str, Any] | None = None, full_url: str | None = None, **request: str
) -> dict[str, Any]:
    """One entry; ``request`` are its conditions."""
    made: dict[str, Any] = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        made["resource"] = resource
    if full_url is not None:
        made["fullUrl"] = full_url
    return made


def send(
    world: World, kind: str, entries: list[dict[str, Any]], token: str | None = None, **options: Any
) -> TestResponse:
    """POST a Bundle."""
    body: dict[str, Any] = {"resourceType": "Bundle", "type": kind, "entry": entries}
    if not entries:
        del body["entry"]
    return world.call("POST", "/fhir", token or world.token(ALL), json=body, **options)


def answered(answer: TestResponse, kind: str) -> list[dict[str, Any]]:
    """Entries of the response."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    said = json.loads(answer.data)
    assert (said["resourceType"], said["type"]) == ("Bundle", f"{kind}-response")
    found: list[dict[str, Any]] = said.get("entry", [])
    return found


def statuses(entries: list[dict[str, Any]]) -> list[int]:
    """Status of each entry."""
    return [int(one["response"]["status"].partition(" ")[0]) for one in entries]


def stored_count(world: World, resource_type: str) -> int:
    """How many resources of a type are there."""
    answer = world.call("GET", f"/fhir/{resource_type}?_summary=count", world.token(ALL))
    return int(json.loads(answer.data)["total"])
