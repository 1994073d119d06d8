"""Writes docs/reference/openapi.json: the description that ``/fhir/openapi.json`` publishes, one line per address."""

import json
import sys

from sesame_fhir.api.facade.openapi import openapi, software_version
from sesame_fhir.fhir.json_types import Json

_HOST = "https://sesame.example"


def page() -> str:
    """The file as it should be; the host is an example."""
    described = openapi(f"{_HOST}/fhir", f"{_HOST}/oauth", software_version())
    parts = (f"{json.dumps(name)}: {_part(name, part)}" for name, part in described.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _part(name: str, part: Json | str | list[Json]) -> str:
    if name != "paths" or not isinstance(part, dict):
        return _line(part)
    return "{\n" + ",\n".join(f"{json.dumps(path)}: {_line(methods)}" for path, methods in part.items()) + "\n}"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    sys.stdout.write(page())
