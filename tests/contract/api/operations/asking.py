"""Asking an operation over HTTP, and reading what it answers."""

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.contract.api.harness import World

EVERYTHING = "user/*.cruds"
Json = dict[str, Any]


@dataclass
class Asking:
    """A facade; ``scope`` and ``patient`` are those of the token that asks unless another is given."""

    world: World

    def call(
        self, path: str, body: Json | None = None, *, scope: str = EVERYTHING, patient: str | None = None
    ) -> TestResponse:
        """GET, or POST when there is a body."""
        token = self.world.token(scope, patient)
        if body is None:
            return self.world.call("GET", f"/fhir/{path}", token)
        return self.world.call("POST", f"/fhir/{path}", token, json=body)

    def ok(self, path: str, body: Json | None = None, **options: Any) -> Json:
        """The resource of a 200."""
        answer = self.call(path, body, **options)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found: Json = json.loads(answer.data)
        return found

    def refused(self, path: str, body: Json | None = None, **options: Any) -> tuple[int, list[str], list[str]]:
        """Status, codes and expressions of a refusal; every one of them says what to do."""
        answer = self.call(path, body, **options)
        found = json.loads(answer.data)
        assert found["resourceType"] == "OperationOutcome", found
        assert all(issue["diagnostics"] for issue in found["issue"])
        codes = [issue["code"] for issue in found["issue"]]
        return answer.status_code, codes, [one for issue in found["issue"] for one in issue.get("expression", ())]


def parameters(*entries: Json) -> Json:
    """A Parameters resource."""
    return {"resourceType": "Parameters", "parameter": list(entries)}


def given(name: str, **value: Any) -> Json:
    """One parameter: ``given("code", valueCode="x")``."""
    return {"name": name, **value}


def values(answer: Json, name: str) -> list[Any]:
    """Values of an output parameter."""
    found = [one for one in answer["parameter"] if one["name"] == name]
    return [next((value for key, value in one.items() if key != "name"), None) for one in found]


def resources(bundle: Json, mode: str | None = None) -> list[Json]:
    """Resources of a Bundle, of one search mode if given."""
    return [e["resource"] for e in bundle.get("entry", ()) if mode in (None, e.get("search", {}).get("mode"))]
