"""Makes r4.elements.json: which elements a summary keeps, which a subset must keep, what a reference may lead to.

From the same definitions as the schema. Keys are resource types, backbone paths (``Patient.link``) and datatypes.
"""

from collections.abc import Iterable, Iterator

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema.elements import NOT_R4, NOT_R4_TARGETS

_CORE = "http://hl7.org/fhir/StructureDefinition/"
_INHERITED = frozenset({"id", "extension"})
"""Kept wherever their element is: an extension may change how the rest is understood."""


def element_table(structures: Iterable[Json], resource_types: Iterable[str]) -> Json:
    """The table of these resource types and of the datatypes inside them.

    ``summary``: name -> element -> definition of what is inside it, "" when all of it is kept.
    ``kept``: the top-level elements that are mandatory or modify the meaning of the others.
    ``targets``: path of a reference -> resource types; one that may lead anywhere is not listed.
    """
    by_type = {structure["type"]: structure for structure in structures}
    wanted = list(resource_types)
    whole = {name for name, found in by_type.items() if found["kind"] == "complex-type" and not _cut(found)}
    summary: dict[str, dict[str, str]] = {}
    targets: dict[str, list[str]] = {}
    kept: dict[str, list[str]] = {}
    for name in wanted:
        elements = list(_elements(by_type[name]))
        kept[name] = sorted({n for path, n, one in elements if path == name and (one["min"] or one.get("isModifier"))})
        targets.update(_targets(elements))
    pending = sorted(wanted)
    while pending:
        name = pending.pop()
        found = _summary(by_type[name], whole)
        summary.update(found)
        inside = {inner for elements in found.values() for inner in elements.values()} & by_type.keys()
        pending += sorted(inside - summary.keys() - set(pending))
    return {
        "$comment": "Generated from the HL7 FHIR R4 4.0.1 definitions (CC0) by make schema; do not edit.",
        "summary": {name: summary[name] for name in sorted(summary)},
        "kept": {name: kept[name] for name in sorted(kept)},
        "targets": {path: targets[path] for path in sorted(targets)},
    }


def _elements(structure: Json) -> Iterator[tuple[str, str, Json]]:
    """Path of the owner, name as written in JSON (a choice once for each of its types) and the element."""
    for element in structure["snapshot"]["element"][1:]:
        owner, _, name = element["path"].rpartition(".")
        if element["max"] == "0" or element["path"] in NOT_R4:
            continue
        if not name.endswith("[x]"):
            yield owner, name, element
            continue
        for kind in element["type"]:
            yield owner, name[:-3] + kind["code"][0].upper() + kind["code"][1:], {**element, "type": [kind]}


def _in_summary(element: Json) -> bool:
    return bool(element.get("isSummary") or element["min"] or element.get("isModifier"))


def _cut(structure: Json) -> bool:
    """True when a summary leaves something of this datatype out."""
    return any(not _in_summary(one) and name not in _INHERITED for _, name, one in _elements(structure))


def _summary(structure: Json, whole: set[str]) -> dict[str, dict[str, str]]:
    elements = list(_elements(structure))
    owners = {owner for owner, _, _ in elements}
    found: dict[str, dict[str, str]] = {owner: {} for owner in owners}
    for owner, name, one in elements:
        if _in_summary(one) or (owner != structure["type"] and name in _INHERITED):
            found[owner][name] = _inside(one, f"{owner}.{name}", owners, whole)
    return found


def _inside(element: Json, path: str, owners: set[str], whole: set[str]) -> str:
    """The definition that says what of an element's inside is kept."""
    if path in owners:
        return path
    if "contentReference" in element:
        return str(element["contentReference"]).removeprefix("#")
    code = str(element["type"][0]["code"])
    return code if code[0].isupper() and code not in whole and code not in ("Resource", "Extension") else ""


def _targets(elements: Iterable[tuple[str, str, Json]]) -> Iterator[tuple[str, list[str]]]:
    for owner, name, element in elements:
        for kind in element.get("type", []):
            named = {url.removeprefix(_CORE) for url in kind.get("targetProfile", []) if url.startswith(_CORE)}
            found = named - NOT_R4_TARGETS.get(element["path"], frozenset())
            if kind["code"] == "Reference" and found and "Resource" not in found:
                yield f"{owner}.{name}", sorted(found)
