"""Codes of our CodeSystems, ValueSets and ConceptMaps: looked up, expanded, checked and translated, in memory.

A ValueSet that lists codes of a system we do not hold (LOINC, CIM-10) is answered from its own list; one that takes
such a system as a whole cannot be expanded here, and that is said.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects, text

_MAX_DEPTH = 10
"""ValueSets that include one another, at most this deep."""
MAX_PARTS = 200
"""Includes and excludes of a ValueSet, each with the ValueSets it names: a client may send one of its own."""


class TerminologyError(Exception):
    """What was asked cannot be answered; the text is French, for the issue."""


class NotExpandableError(TerminologyError):
    """A ValueSet takes codes that are not known here, or in a way that is not supported."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One code. ``designations`` maps a language to the display in it; ``parents`` are codes of the same system."""

    system: str
    code: str
    display: str | None = None
    definition: str | None = None
    version: str | None = None
    designations: Mapping[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()

    def shown(self, language: str | None) -> str | None:
        """Display in a language (``fr``, ``en-GB``, the first one of ``en,fr;q=0.5``), else as published."""
        wanted = (language or "").partition(",")[0].partition(";")[0].strip()
        known = self.designations.get(wanted) or self.designations.get(wanted.partition("-")[0])
        return known or self.display

    def called(self, display: str) -> bool:
        """True for any of its displays, whatever the case."""
        names = (self.display or "", *self.designations.values())
        return display.strip().casefold() in {name.casefold() for name in names}


class CodeSystem:
    """A published CodeSystem as concepts by code."""

    def __init__(self, resource: Json) -> None:
        self.resource = resource
        self.url = text(resource, "url")
        self.version = text(resource, "version") or None
        self.complete = resource.get("content") == "complete"
        self.concepts = {one.code: one for one in self._read(objects(resource, "concept"), ())}

    def _read(self, nodes: Iterable[Json], parents: tuple[str, ...]) -> Iterator[Concept]:
        for node in nodes:
            code = text(node, "code")
            named = {text(d, "language"): text(d, "value") for d in objects(node, "designation") if text(d, "language")}
            yield Concept(
                self.url,
                code,
                text(node, "display") or None,
                text(node, "definition") or None,
                self.version,
                named,
                parents,
            )
            yield from self._read(objects(node, "concept"), (*parents, code))


@dataclass(frozen=True, slots=True)
class Translation:
    """One target of a ConceptMap. ``equivalence`` is R4's code (``equivalent``, ``wider``…), ``source`` the map."""

    equivalence: str
    system: str
    code: str
    display: str | None
    source: str


@dataclass(frozen=True)
class Terminology:
    """``resources``: our conformance resources; codes are those of its CodeSystems, ValueSets and ConceptMaps."""

    resources: tuple[Json, ...] = ()

    @cached_property
    def by_url(self) -> dict[str, Json]:
        """Every resource by its canonical, without version."""
        return {text(found, "url"): found for found in self.resources}

    @cached_property
    def _systems(self) -> dict[str, CodeSystem]:
        return {found.url: found for found in map(CodeSystem, self._of("CodeSystem"))}

    @cached_property
    def _value_sets(self) -> dict[str, Json]:
        return {text(found, "url"): found for found in self._of("ValueSet")}

    @cached_property
    def _expansions(self) -> dict[str, tuple[Concept, ...]]:
        return {}

    def _of(self, resource_type: str) -> Iterator[Json]:
        return (found for found in self.resources if found.get("resourceType") == resource_type)

    def system(self, canonical: str, version: str | None = None) -> CodeSystem | None:
        """A CodeSystem by url or ``url|version``; None when we do not have it, or not in that version."""
        url, _, asked = canonical.partition("|")
        found = self._systems.get(url)
        wanted = asked or version
        return found if found is not None and wanted in (None, "", found.version) else None

    def value_set(self, canonical: str, version: str | None = None) -> Json | None:
        """A ValueSet by url or ``url|version``."""
        url, _, asked = canonical.partition("|")
        found = self._value_sets.get(url)
        wanted = asked or version
        return found if found is not None and wanted in (None, "", found.get("version")) else None

    def expand(self, value_set: Json) -> tuple[Concept, ...]:
        """Every concept of a ValueSet, once each, in its order.

        Raises:
            NotExpandableError: it includes a system that we do not hold, an unknown ValueSet, or itself.
        """
        url = text(value_set, "url")
        published = self._value_sets.get(url) is value_set
        if published and url in self._expansions:
            return self._expansions[url]
        found = tuple(self._expanded(value_set, 0))
        if published:
            self._expansions[url] = found
        return found

    def translate(
        self, system: str, code: str, *, url: str | None = None, target: str | None = None
    ) -> Iterator[Translation]:
        """Targets of a code in the ConceptMap ``url`` (all of them without), limited to system ``target``."""
        for found in self._of("ConceptMap"):
            if url in (None, text(found, "url")):
                yield from _targets(found, system, code, target)

    def concept_map(self, canonical: str) -> Json | None:
        """A ConceptMap by url or ``url|version``."""
        url, _, version = canonical.partition("|")
        return next(
            (
                found
                for found in self._of("ConceptMap")
                if text(found, "url") == url and version in ("", text(found, "version"))
            ),
            None,
        )

    def _expanded(self, value_set: Json, depth: int) -> Iterable[Concept]:
        if depth > _MAX_DEPTH:
            raise NotExpandableError("Jeux de valeurs qui s'incluent les uns les autres.")
        compose = child(value_set, "compose")
        parts = [*objects(compose, "include"), *objects(compose, "exclude")]
        if sum(1 + len(part.get("valueSet", ())) for part in parts) > MAX_PARTS:
            raise NotExpandableError(f"Plus de {MAX_PARTS} parties dans ce jeu de valeurs : le découper.")
        found: dict[tuple[str, str], Concept] = {}
        for include in objects(compose, "include"):
            found.update({(one.system, one.code): one for one in self._included(include, depth)})
        for exclude in objects(compose, "exclude"):
            for one in self._included(exclude, depth):
                found.pop((one.system, one.code), None)
        return found.values()

    def _included(self, part: Json, depth: int) -> Iterable[Concept]:
        """Codes of one include: those of its system that are in all of its value sets."""
        own = list(self._listed(part)) if text(part, "system") else None
        for canonical in part.get("valueSet", ()):
            inner = self.value_set(str(canonical))
            if inner is None:
                raise NotExpandableError("Jeu de valeurs inclus inconnu.")
            others = self._expanded(inner, depth + 1)
            keys = {(one.system, one.code) for one in others}
            own = list(others) if own is None else [one for one in own if (one.system, one.code) in keys]
        return own or ()

    def _listed(self, part: Json) -> Iterable[Concept]:
        url = text(part, "system")
        system = self.system(url, text(part, "version"))
        listed = objects(part, "concept")
        if listed:
            return [_listed_concept(url, one, system) for one in listed]
        if system is None or not system.complete:
            raise NotExpandableError("Ce jeu de valeurs prend tout un système de codes qui n'est pas tenu ici.")
        tests = objects(part, "filter")
        return [one for one in system.concepts.values() if all(_passes(one, test) for test in tests)]


def _listed_concept(url: str, entry: Json, system: CodeSystem | None) -> Concept:
    """A code that the ValueSet itself lists: its own display wins over the system's."""
    code = text(entry, "code")
    known = system.concepts.get(code) if system else None
    named = {text(d, "language"): text(d, "value") for d in objects(entry, "designation") if text(d, "language")}
    display = text(entry, "display") or None
    if known is None:
        return Concept(url, code, display, designations=named)
    return replace(known, display=display or known.display, designations={**known.designations, **named})


def _passes(concept: Concept, test: Json) -> bool:
    value, codes = text(test, "value"), {concept.code}
    match text(test, "property"), text(test, "op"):
        case "concept", "is-a":
            return value in codes | set(concept.parents)
        case "concept", "descendent-of":
            return value in concept.parents
        case "concept" | "code", "=":
            return value in codes
        case "concept" | "code", "in":
            return bool(codes & set(value.split(",")))
    raise NotExpandableError("Filtre de jeu de valeurs non pris en charge.")


def _targets(concept_map: Json, system: str, code: str, target: str | None) -> Iterator[Translation]:
    for group in objects(concept_map, "group"):
        if text(group, "source") != system or target not in (None, text(group, "target")):
            continue
        for element in objects(group, "element"):
            if text(element, "code") != code:
                continue
            for found in objects(element, "target"):
                yield Translation(
                    text(found, "equivalence"),
                    text(group, "target"),
                    text(found, "code"),
                    text(found, "display") or None,
                    text(concept_map, "url"),
                )
