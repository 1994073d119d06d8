"""Invariants of Bundle and Parameters."""

from collections.abc import Iterator

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.walk import child, objects, text

_REQUESTS = frozenset({"batch", "transaction", "history"})
_RESPONSES = frozenset({"batch-response", "transaction-response", "history"})


def kind_of_bundle(resource: Json) -> Iterator[Problem]:
    """bdl-1, bdl-9 to bdl-12: what each type of bundle is made of."""
    kind = text(resource, "type")
    if "total" in resource and kind not in ("searchset", "history"):
        yield broken("bdl-1", "total seulement dans un résultat de recherche ou un historique.", "total")
    entries = objects(resource, "entry")
    first = child(entries[0], "resource").get("resourceType") if entries else None
    if kind == "document":
        identifier = child(resource, "identifier")
        if not (identifier.get("system") and identifier.get("value")):
            yield broken("bdl-9", "Un document a un identifiant avec système et valeur.", "identifier")
        if "timestamp" not in resource:
            yield broken("bdl-10", "Un document est daté.", "timestamp")
        if first != "Composition":
            yield broken("bdl-11", "Un document commence par une Composition.", "entry", 0)
    elif kind == "message" and first != "MessageHeader":
        yield broken("bdl-12", "Un message commence par un MessageHeader.", "entry", 0)


def entries(resource: Json) -> Iterator[Problem]:
    """bdl-2 to bdl-5, and bdl-8: what each entry holds."""
    kind = text(resource, "type")
    for place, entry in enumerate(objects(resource, "entry")):
        here = ("entry", place)
        if "search" in entry and kind != "searchset":
            yield broken("bdl-2", "search seulement dans un résultat de recherche.", *here)
        if ("request" in entry) != (kind in _REQUESTS):
            yield broken("bdl-3", "request dans un lot, une transaction ou un historique, et là seulement.", *here)
        if ("response" in entry) != (kind in _RESPONSES):
            yield broken("bdl-4", "response dans une réponse ou un historique, et là seulement.", *here)
        if not entry.keys() & {"resource", "request", "response"}:
            yield broken("bdl-5", "Entrée sans ressource, demande ni réponse.", *here)
        if "/_history/" in text(entry, "fullUrl"):
            yield broken("bdl-8", "fullUrl ne désigne pas une version.", *here, "fullUrl")


def full_urls(resource: Json) -> Iterator[Problem]:
    """bdl-7: no two entries are the same version of the same thing. Local references resolve inside the bundle."""
    seen: set[tuple[str, str]] = set()
    for place, entry in enumerate(objects(resource, "entry")):
        url = text(entry, "fullUrl")
        key = (url, text(child(child(entry, "resource"), "meta"), "versionId"))
        if url and key in seen and resource.get("type") != "history":
            yield broken("bdl-7", "Deux entrées ont le même fullUrl.", "entry", place, "fullUrl")
        seen.add(key)


def parameters(resource: Json) -> Iterator[Problem]:
    """inv-1: a parameter has exactly one of a value, a resource or parts."""
    pending: list[tuple[Path, str, Json]] = [((), "parameter", resource)]
    while pending:
        path, key, node = pending.pop()
        for place, parameter in enumerate(objects(node, key)):
            here = (*path, key, place)
            pending.append((here, "part", parameter))
            values = [name for name in parameter if name.lstrip("_").startswith("value")]
            given = bool(values) + ("resource" in parameter) + ("part" in parameter)
            if given != 1:
                yield broken("inv-1", "Un paramètre porte une valeur, une ressource ou des parties.", *here)
