"""What operations answer with: one resource, or Parameters."""

from collections.abc import Iterable

from sesame_fhir.api.facade.exchange import Answer
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.writer import write_json


def answer(resource: Json) -> Answer:
    """200 with a resource."""
    return Answer(200, write_json(resource))


def parameters(entries: Iterable[Json | None]) -> Answer:
    """200 with Parameters made of the entries that there are."""
    return answer({"resourceType": "Parameters", "parameter": [one for one in entries if one is not None]})


def value(name: str, kind: str, content: object) -> Json | None:
    """One output parameter; ``kind`` is the type's suffix, e.g. ``String``; None without a value."""
    return None if content is None else {"name": name, f"value{kind}": content}


def parts(name: str, entries: Iterable[Json | None]) -> Json:
    """One output parameter with parts."""
    return {"name": name, "part": [one for one in entries if one is not None]}


def resource(name: str, content: Json) -> Json:
    """One output parameter that is a resource."""
    return {"name": name, "resource": content}
