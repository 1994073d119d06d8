"""Rules on datatypes, applied to every object of a resource, and the position rule of extended primitives."""

import re
from collections.abc import Callable, Iterator
from functools import partial

from sesame_fhir.fhir.canonical import FR_CORE, ROOT
from sesame_fhir.fhir.datatype_rules import DURATIONS, duration, limits, ratio, timing
from sesame_fhir.fhir.dates import date_range
from sesame_fhir.fhir.elements import hl7_codes
from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.narrative import narrative_fault
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.walk import Walked

_ATTACHMENTS = frozenset({"attachment", "valueAttachment", "photo", "contentAttachment", "sourceAttachment"})

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")

_COMPOSED = frozenset({"include", "exclude"})


def node_problems(walked: Walked) -> Iterator[Problem]:
    """Problems of the rules on datatypes, of ele-1 and of misplaced nulls."""
    for path, node in walked.nodes:
        for key in node:
            rule = _RULES.get(key)
            if rule is not None:
                yield from rule(path, node)
    for path, node, key in walked.extended:
        yield from _extended(path, node, key)


def _name(path: Path) -> str | int | None:
    """The last property name of a path, without list positions."""
    return next((step for step in reversed(path) if isinstance(step, str)), None)


def _period(path: Path, node: Json) -> Iterator[Problem]:
    start, end = node["start"], node.get("end")
    if not (isinstance(start, str) and isinstance(end, str)):
        return
    low, high = date_range(start), date_range(end)
    if low and high and low[0] >= high[1]:
        yield broken("per-1", "La fin précède le début.", *path)


def _narrative(path: Path, node: Json) -> Iterator[Problem]:
    div = node["div"]
    fault = narrative_fault(div) if isinstance(div, str) else None
    if fault is not None:
        yield broken("txt-1", fault, *path, "div")


def _attachment(path: Path, node: Json) -> Iterator[Problem]:
    if "contentType" not in node and _name(path) in _ATTACHMENTS:
        yield broken("att-1", "Une pièce jointe avec des données dit son contentType.", *path)


def _answers(path: Path, node: Json) -> Iterator[Problem]:
    """Only a response's item has answers and items; sub-questions belong under the answer."""
    if "item" in node:
        yield broken("qrs-1", "Des questions sont imbriquées à côté de la réponse : les mettre dessous.", *path)


def _limits(path: Path, node: Json) -> Iterator[Problem]:
    if _name(path) != "referenceRange":  # an element of its own, not a Range
        yield from limits(path, node)


def _value(path: Path, node: Json) -> Iterator[Problem]:
    if "system" in node:
        return
    if isinstance(node.get("code"), str) and not isinstance(node["value"], str):
        yield broken("qty-3", "Une unité codée dit son système.", *path)
    if _name(path) == "telecom":
        yield broken("cpt-2", "Un moyen de contact dit son système (phone, email…).", *path)


def _language(path: Path, node: Json) -> Iterator[Problem]:
    """The required list of languages is every BCP 47 tag; an expression's language is a media type, and no matter."""
    language = node["language"]
    spoken = not path or _name(path) in _ATTACHMENTS
    if spoken and isinstance(language, str) and _LANGUAGE.fullmatch(language) is None:
        yield Problem(
            IssueType.CODE_INVALID, "Langue : une étiquette BCP 47 est attendue (fr, fr-FR).", (*path, "language")
        )


def _coded(path: Path, node: Json) -> Iterator[Problem]:
    """A coding of a system that is known whole has a code, of HL7's one of R4's; a value set may name it alone."""
    system, code = node["system"], node.get("code")
    if not isinstance(system, str) or _name(path) in _COMPOSED:
        return
    known = hl7_codes().get(system)
    if code is None:
        if _name(path) == "coding" and "_code" not in node and (known or system.startswith((ROOT, FR_CORE))):
            yield Problem(IssueType.REQUIRED, "Ce système de codes est nommé sans code.", (*path, "code"))
    elif known is not None and isinstance(code, str) and code not in known:
        yield Problem(IssueType.CODE_INVALID, "Code inconnu dans ce système de codes HL7.", (*path, "code"))


def _extended(path: Path, node: Json, key: str) -> Iterator[Problem]:
    """JSON form of R4 (json.html#primitive): an extension alone replaces the value; arrays match place by place."""
    extended, plain = node[key], node.get(key[1:])
    if not isinstance(extended, list):
        if plain is None and "extension" not in extended:
            yield broken("ele-1", "Donner une valeur ou des extensions.", *path, key)
        return
    values = plain if isinstance(plain, list) else [None] * len(extended)
    if len(values) != len(extended) or any(a is None and b is None for a, b in zip(values, extended, strict=True)):
        yield Problem(IssueType.STRUCTURE, "Les deux tableaux ne se correspondent pas place par place.", (*path, key))


_RULES: dict[str, Callable[[Path, Json], Iterator[Problem]]] = {
    "answer": _answers,
    "data": _attachment,
    "denominator": ratio,
    "div": _narrative,
    "language": _language,
    "low": _limits,
    "numerator": ratio,
    "repeat": timing,
    "start": _period,
    "system": _coded,
    "value": _value,
    **{name: partial(duration, name) for name in DURATIONS},
}
"""Rules by a property that the object must have for them to matter: most objects have none of these.

They are per-1, qty-3, cpt-2, att-1, qrs-1, txt-1, txt-2, tim-1 to tim-10, rng-2, rat-1, drt-1, what a language
is, and HL7's codes.
"""
