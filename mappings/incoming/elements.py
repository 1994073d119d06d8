"""Reading single elements of what comes in, and saying what is wrong with them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from mappings.code_systems import LocalSystem
from mappings.datatypes import moment
from sesame_fhir.domain.reasons import Reason, ReasonCode
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.errors import UnprocessableResource
from sesame_fhir.fhir.json_types import Json, fhirpath
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.fhir.walk import child, walk

Code = TypeVar("Code", bound=StrEnum)

RECORDER = own("StructureDefinition", "sesame-recorder")


def absent(expression: str, text: str) -> UnprocessableResource:
    """Something that the use case needs is not there."""
    return UnprocessableResource(error(IssueType.REQUIRED, text, expression))


def contradictory(text: str, *expressions: str) -> UnprocessableResource:
    """Elements that cannot be true together, or a value that leads to no use case."""
    return UnprocessableResource(error(IssueType.BUSINESS_RULE, text, *expressions))


def refusal(code: ReasonCode, *expressions: str, hint: str = "") -> UnprocessableResource:
    """A coded reason of the domain, with the elements concerned and, where it helps, how to satisfy it."""
    text = f"{REASON_TEXTS[code]} {hint}".strip()
    return UnprocessableResource(error(IssueType.BUSINESS_RULE, text, *expressions, details_code=code.value))


def refusals(reasons: Iterable[Reason], hints: Mapping[ReasonCode, str]) -> UnprocessableResource:
    """All reasons of a rule, some of them with how to satisfy it in a resource."""
    return UnprocessableResource(*(i for r in reasons for i in refusal(r.code, hint=hints.get(r.code, "")).issues))


def needed_moment(resource: Json, *path: str) -> datetime:
    """A time with its zone. Raises UnprocessableResource for none, a day only, or a time without zone."""
    return given_moment(resource, *path) or _no_moment(resource, path)


def given_moment(resource: Json, *path: str) -> datetime | None:
    """The same where it may be absent. Raises UnprocessableResource for a day only, or a time without zone."""
    found: object = resource
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        return None
    return moment(found) or _no_moment(resource, path)


def _no_moment(resource: Json, path: tuple[str, ...]) -> datetime:
    where = fhirpath(str(resource["resourceType"]), path)
    raise absent(where, "Donner la date et l'heure, avec le fuseau (par exemple 2026-03-02T10:00:00+01:00).")


def codings(*concepts: Json) -> Iterator[Json]:
    """Every coding of these concepts."""
    return (coding for concept in concepts for coding in concept.get("coding", ()))


def coded(system: LocalSystem, kind: type[Code], concepts: Iterable[Json]) -> Code | None:
    """The first code of one of our systems that is one of these; None when there is none."""
    known = {code.value: code for code in kind}
    return next((known[c["code"]] for c in codings(*concepts) if _of(c, system) and c.get("code") in known), None)


def names(system: LocalSystem, concepts: Iterable[Json]) -> bool:
    """True when one of the concepts has a code of this system."""
    return any(_of(coding, system) for coding in codings(*concepts))


def _of(coding: Json, system: LocalSystem) -> bool:
    return coding.get("system") == system.url


def claims(resource: Json, profile: str) -> bool:
    """True when the resource says that it follows this profile (whatever its version)."""
    return any(str(one).partition("|")[0] == profile for one in child(resource, "meta").get("profile", ()))


def literal_id(reference: Json, resource_type: str) -> str | None:
    """Id of a literal reference to this type; None for any other reference."""
    kind, found = split_reference(str(reference.get("reference", "")))
    return found if kind == resource_type and found else None


def recorder(resource: Json) -> Json:
    """Who wrote this down, where R4 has no place for it (our extension ``sesame-recorder``); empty when not said."""
    extensions = resource.get("extension", ())
    return next((e.get("valueReference", {}) for e in extensions if e.get("url") == RECORDER), {})


def new_notes(resource: Json, before: Json | None) -> str | None:
    """The text of the notes that were not there before, one after the other; None when there is no new one."""
    known = [note.get("text") for note in (before or {}).get("note", ())]
    texts = [str(note["text"]).strip() for note in resource.get("note", ()) if note.get("text") not in known]
    return "\n".join(text for text in texts if text) or None


def refuse_modifiers(resource: Json) -> None:
    """Refuse what changes the meaning of the rest in a way that nobody here reads (R4 extensibility, modifiers).

    Raises:
        UnprocessableResource: every such element.
    """
    kind = str(resource["resourceType"])
    found = [fhirpath(kind, (*path, "modifierExtension")) for path, node in walk(resource).nodes if _modified(node)]
    if "implicitRules" in resource:
        found.append(f"{kind}.implicitRules")
    if found:
        text = "Cet élément change le sens des autres et n'est pas compris ici : l'écrire autrement."
        raise UnprocessableResource(*(error(IssueType.EXTENSION, text, where) for where in found))


def _modified(node: Json) -> bool:
    return "modifierExtension" in node
