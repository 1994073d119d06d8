"""The structure layer: R4 4.0.1 as one compiled JSON Schema (see ``schema/``), its errors told as FHIR issues.

The schema is compiled once, on first use: about 0.1 s and 33 MB for all types. A valid PHQ-9 response costs about
12 microseconds. The regex engine is the linear-time one: no input can make a pattern slow.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

import jsonschema_rs
import orjson

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.problems import Problem
from sesame_fhir.fhir.schema.resource_types import RESOURCE_TYPES

_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")
_SHORT_LIST = 12
MAX_DETAILED = 5_000
"""Values of a wrong resource that are told one by one: the validator makes all its errors at once, 3 kB each."""
_FIRST = 50
_KNOWN = frozenset(RESOURCE_TYPES)

_TEXTS: dict[str, tuple[IssueType, str]] = {
    "const": (IssueType.VALUE, "Valeur non permise ici."),
    "contains": (IssueType.CODE_INVALID, "Aucun code de la liste imposée."),
    "falseSchema": (IssueType.STRUCTURE, "Un seul type de valeur est permis pour cet élément au choix."),
    "maximum": (IssueType.VALUE, "Nombre trop grand."),
    "maxLength": (IssueType.TOO_LONG, "Texte trop long."),
    "minimum": (IssueType.VALUE, "Nombre trop petit."),
    "minItems": (IssueType.STRUCTURE, "Liste vide : l'omettre."),
    "minLength": (IssueType.VALUE, "Texte vide : omettre l'élément."),
    "minProperties": (IssueType.STRUCTURE, "Objet vide : l'omettre."),
    "not": (IssueType.INVARIANT, "Il faut une valeur ou des extensions."),
    "pattern": (IssueType.VALUE, "Format de valeur incorrect."),
    "propertyNames": (IssueType.STRUCTURE, "Plusieurs valeurs pour un élément qui n'en permet qu'une."),
}


def _schema_text() -> str:
    return resources.files("sesame_fhir.fhir.schema").joinpath("r4.schema.json").read_text(encoding="utf-8")


@cache
def schema_document() -> Json:
    """The schema as data: it also knows the order and the kind of every element (``fhir.xml``)."""
    document: Json = orjson.loads(_schema_text())
    return document


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    """The compiled schema; it takes the text as it is, without a detour through Python objects."""
    return jsonschema_rs.Draft202012Validator(_schema_text(), pattern_options=jsonschema_rs.RegexOptions())


def known_types() -> frozenset[str]:
    """The resource types that can be validated; asking does not compile the schema."""
    return _KNOWN


def structure_problems(resource: Json, resource_type: str) -> Iterator[Problem]:
    """Every departure from the R4 structure of ``resource_type`` (one of ``known_types``)."""
    validator = _validator()
    wrapped = {resource_type: resource}
    if validator.is_valid(wrapped):
        return
    if _exceeds(resource, MAX_DETAILED):
        text = f"Trop de valeurs pour tout vérifier : seules les {_FIRST} premières de chaque liste sont détaillées."
        yield Problem(IssueType.TOO_COSTLY, text, ())
        wrapped = {resource_type: _beginning(resource)}
        if _exceeds(wrapped, MAX_DETAILED):
            return
    for found in validator.iter_errors(wrapped):
        yield from _problems(found)


def _exceeds(value: Any, most: int) -> bool:
    """True when there are more values inside than this; looks no further."""
    pending, met = [value], 0
    while pending and met <= most:
        current = pending.pop()
        inner = current.values() if isinstance(current, dict) else current if isinstance(current, list) else ()
        met += len(inner)
        pending.extend(inner)
    return met > most


def _beginning(value: Any) -> Any:
    """A copy with the first items of every list, and the first elements of every object that has more than R4 knows."""
    if isinstance(value, dict):
        return {name: _beginning(inner) for name, inner in islice(value.items(), 2 * _FIRST)}
    return [_beginning(inner) for inner in value[:_FIRST]] if isinstance(value, list) else value


def _problems(found: jsonschema_rs.ValidationError) -> Iterator[Problem]:
    path: Path = tuple(found.instance_path[1:])
    kind = found.kind
    match kind:
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names):
            for name in names:
                place = (*path, name) if _NAME.fullmatch(name) else path
                yield Problem(IssueType.STRUCTURE, "Élément inconnu ici : le retirer.", place)
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            yield Problem(IssueType.REQUIRED, f"Élément obligatoire absent : {name}.", (*path, str(name)))
        case jsonschema_rs.ValidationErrorKind.Enum(options=options):
            known = f" ({', '.join(str(code) for code in options if code)})" if len(options) <= _SHORT_LIST else ""
            yield Problem(IssueType.CODE_INVALID, f"Code hors de la liste imposée{known}.", path)
        case jsonschema_rs.ValidationErrorKind.Type(types=types):
            yield Problem(IssueType.STRUCTURE, f"Type JSON incorrect, attendu : {' ou '.join(types)}.", path)
        case jsonschema_rs.ValidationErrorKind.AnyOf(context=branches):
            yield _no_branch(path, branches)
        case _:
            code, diagnostics = _TEXTS.get(kind.name, (IssueType.STRUCTURE, "Structure non conforme à FHIR R4."))
            yield Problem(code, diagnostics, path)


def _no_branch(path: Path, branches: list[list[jsonschema_rs.ValidationError]]) -> Problem:
    """None of the ways to satisfy an element holds: it is missing, points to a wrong type, or has a wrong code."""
    missing = [
        str(found.kind.property)
        for branch in branches
        for found in branch
        if isinstance(found.kind, jsonschema_rs.ValidationErrorKind.Required)
    ]
    if len(missing) >= len(branches) and "coding" not in missing:
        names = [name for name in missing if not name.startswith("_") and name != "extension"]
        known = f" : {' ou '.join(names)}" if len(names) <= _SHORT_LIST else ""
        return Problem(IssueType.REQUIRED, f"Élément obligatoire absent{known}.", path)
    if path and path[-1] == "reference":
        return Problem(IssueType.VALUE, "Cette référence ne peut pas désigner ce type de ressource.", path)
    if "coding" in missing or any(found.kind.name == "contains" for branch in branches for found in branch):
        return Problem(IssueType.CODE_INVALID, "Aucun code de la liste imposée.", path)
    return Problem(IssueType.STRUCTURE, "Structure non conforme à FHIR R4.", path)
