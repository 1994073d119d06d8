"""References inside a resource or a bundle: what is contained is used, what is pointed to is there."""

import re
from collections.abc import Iterator

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.structure import known_types
from sesame_fhir.fhir.walk import Node, child, objects, strings, text

_LITERAL = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9.\-]{1,64}(?:/_history/[A-Za-z0-9.\-]{1,64})?$")
_DEFINITIONS = "http://hl7.org/fhir/StructureDefinition/"
_CLOSED_BUNDLES = frozenset({"transaction", "batch", "document", "message"})


def contained_problems(resource: Json) -> Iterator[Problem]:
    """dom-2 to dom-5 for each contained resource, and unique ids."""
    contained = objects(resource, "contained")
    if not contained:
        return
    used = {found for found in strings(resource) if found.startswith("#")}
    seen: set[str] = set()
    for place, inner in enumerate(contained):
        here = ("contained", place)
        meta = child(inner, "meta")
        identifier = text(inner, "id")
        if "contained" in inner:
            yield broken("dom-2", "Une ressource contenue n'en contient pas d'autre.", *here, "contained")
        if not identifier:
            yield Problem(IssueType.REQUIRED, "Une ressource contenue a un id.", (*here, "id"))
        elif f"#{identifier}" not in used and "#" not in set(strings(inner)):
            yield broken("dom-3", "Cette ressource contenue n'est désignée nulle part.", *here)
        if identifier in seen:
            yield Problem(IssueType.DUPLICATE, "Deux ressources contenues ont le même id.", (*here, "id"))
        seen.add(identifier)
        if meta.keys() & {"versionId", "lastUpdated"}:
            yield broken("dom-4", "Une ressource contenue n'a ni version ni date de mise à jour.", *here, "meta")
        if "security" in meta:
            yield broken("dom-5", "Une ressource contenue n'a pas d'étiquette de sécurité.", *here, "meta")


def reference_problems(nodes: list[Node], container: Json, *, in_transaction: bool) -> Iterator[Problem]:
    """ref-1: local references exist in ``container``; conditional references live in transactions only; types agree."""
    local: set[str] | None = None
    for path, node in nodes:
        reference = node.get("reference")
        if not isinstance(reference, str):
            continue
        yield from _other_type(path, node, reference)
        if reference.startswith("#"):
            if local is None:
                local = {f"#{text(inner, 'id')}" for inner in objects(container, "contained")} | {"#"}
            if reference not in local:
                yield broken("ref-1", "Aucune ressource contenue ne porte cet id.", *path, "reference")
        elif "?" in reference and ":" not in reference.partition("?")[0] and not in_transaction:
            text_ = "Référence conditionnelle : seulement dans une transaction."
            yield Problem(IssueType.VALUE, text_, (*path, "reference"))


def _other_type(path: Path, node: Json, reference: str) -> Iterator[Problem]:
    """``type`` repeats the type that a literal reference names (R4 references.html#Reference.type)."""
    stated, found = node.get("type"), _LITERAL.search(reference)
    if not isinstance(stated, str) or found is None or found[1] not in known_types():
        return
    if stated.removeprefix(_DEFINITIONS) != found[1]:
        yield Problem(IssueType.VALUE, "type et reference ne désignent pas le même type de ressource.", (*path, "type"))


def bundle_reference_problems(bundle: Json, entry_nodes: list[tuple[int, list[Node]]]) -> Iterator[Problem]:
    """``urn:uuid:`` references must name an entry of the same transaction, document or message."""
    if text(bundle, "type") not in _CLOSED_BUNDLES:
        return
    known = {text(entry, "fullUrl") for entry in objects(bundle, "entry")}
    for place, nodes in entry_nodes:
        for path, node in nodes:
            reference = node.get("reference")
            if isinstance(reference, str) and reference.startswith("urn:") and reference.partition("#")[0] not in known:
                where = ("entry", place, "resource", *path, "reference")
                yield Problem(IssueType.NOT_FOUND, "Aucune entrée du Bundle ne porte ce fullUrl.", where)
