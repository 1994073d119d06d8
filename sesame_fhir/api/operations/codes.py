"""What the terminology operations have in common: which code is meant, and what is known of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.output import parameters, value
from sesame_fhir.api.operations.parameters import Given, Parameter
from sesame_fhir.fhir.errors import InvalidResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.terminology import Concept
from sesame_fhir.fhir.walk import objects, text
from sesame_fhir.services.errors import NotFound

CODE = Parameter("code", "code")
DISPLAY = Parameter("display", "string")
CODING = Parameter("coding", "Coding")
CODEABLE = Parameter("codeableConcept", "CodeableConcept")
LANGUAGE = Parameter("displayLanguage", "code")
DATE = Parameter("date", "dateTime")
CONTENT_TYPES = frozenset({"CodeSystem", "ConceptMap", "ValueSet"})


@dataclass(frozen=True, slots=True)
class AskedCode:
    """One code that a client asks about; ``system`` None when it did not say."""

    system: str | None
    code: str
    display: str | None = None
    version: str | None = None


def asked_codes(given: Given, system: str | None, version: str | None = None) -> list[AskedCode]:
    """The codes of ``code``, ``coding`` or ``codeableConcept``.

    Args:
        given: the input.
        system: system of a plain ``code``.
        version: version of that system.

    Raises:
        InvalidResource: none of the three, several of them, or a coding without code.
    """
    ways = [name for name in ("code", "coding", "codeableConcept") if given.one(name) is not None]
    if len(ways) != 1:
        text_ = "Donner le code d'une seule façon : code, coding ou codeableConcept."
        raise InvalidResource(
            error(IssueType.REQUIRED if not ways else IssueType.STRUCTURE, text_, *(ways or ["code"]))
        )
    way, told = ways[0], given.one(ways[0])
    if way == "code":
        return [AskedCode(system, str(told), given.text("display"), version)]
    codings = objects(told, "coding") if way == "codeableConcept" else [told]
    found = [_asked(one) for one in codings if text(one, "code")]
    if not found:
        raise given.wrong(way, f"{way} sans code.", IssueType.REQUIRED)
    return found


def _asked(coding: Json) -> AskedCode:
    names = ("system", "code", "display", "version")
    system, code, display, version = (text(coding, name) or None for name in names)
    return AskedCode(system, code or "", display, version)


def judged(asked: Iterable[AskedCode], known: Mapping[tuple[str | None, str], Concept], language: str | None) -> Answer:
    """Answer of ``$validate-code``: true when one of the codes is known, with the display that was asked for.

    ``known`` has each concept under its system, and under no system when its code alone says which it is.
    """
    messages: list[str] = []
    for one in asked:
        concept = known.get((one.system, one.code))
        if concept is None:
            messages.append("Code inconnu ici.")
        elif one.display is not None and not concept.called(one.display):
            messages.append("Le libellé n'est pas celui de ce code.")
            return _verdict(messages, concept, language, result=False)
        else:
            return _verdict([], concept, language, result=True)
    return _verdict(messages, None, language, result=False)


def _verdict(messages: Iterable[str], concept: Concept | None, language: str | None, *, result: bool) -> Answer:
    told = " ".join(dict.fromkeys(messages)) or None
    shown = concept.shown(language) if concept else None
    return parameters(
        [value("result", "Boolean", result), value("message", "String", told), value("display", "String", shown)]
    )


def by_code(concepts: Iterable[Concept]) -> dict[tuple[str | None, str], Concept]:
    """Concepts under (system, code), and under (None, code) where one system only has the code."""
    listed = list(concepts)
    found: dict[tuple[str | None, str], Concept] = {(one.system, one.code): one for one in listed}
    alone: dict[str, set[str]] = {}
    for one in listed:
        alone.setdefault(one.code, set()).add(one.system)
    found.update({(None, one.code): one for one in listed if len(alone[one.code]) == 1})
    return found


def designations(concept: Concept) -> Iterator[dict[str, Any]]:
    """Displays by language, as parts of a designation."""
    for language, name in concept.designations.items():
        yield {"language": language, "value": name}


def stored_at(deps: ApiDeps, ask: Ask) -> Json | None:
    """The conformance resource of an instance's address, ``ValueSet/[id]/$expand``; None at the type's address.

    Raises:
        NotFound: we publish no such resource.
    """
    if len(ask.path) != 3:  # noqa: PLR2004  type, id, operation
        return None
    resource_type, resource_id, _ = ask.path
    for found in deps.terminology.resources:
        if (found.get("resourceType"), found.get("id")) == (resource_type, resource_id):
            return found
    raise NotFound
