"""From StructureDefinitions to checks by canonical, and the check itself."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.problems import Problem
from sesame_fhir.fhir.profiles import ProfileCheck
from sesame_fhir.fhir.profiling.matching import belongs, coded_in, fits, target_allowed, type_allowed
from sesame_fhir.fhir.profiling.model import Element, Holds, values_of
from sesame_fhir.fhir.profiling.reading import Expand, read_profile

EMPTY: Mapping[str, str] = {}
_R4 = "http://hl7.org/fhir/StructureDefinition/"


def compile_profiles(
    definitions: Iterable[Json], expand: Expand, rules: Mapping[str, Holds], foreign: Mapping[str, str] = EMPTY
) -> dict[str, ProfileCheck]:
    """Checks by canonical, without version.

    Args:
        definitions: our StructureDefinitions, extensions included.
        expand: members of our value sets.
        rules: constraint key -> rule.
        foreign: resource type of other publishers' profiles that ours point at.

    Raises:
        UnreadableProfileError: a differential that could not be enforced.
    """
    found = {definition["url"]: definition for definition in definitions}

    def type_of(url: str) -> str | None:
        if url.startswith(_R4):
            return url.removeprefix(_R4)
        return found[url]["type"] if url in found else foreign.get(url)

    checks: dict[str, ProfileCheck] = {}
    for url, definition in found.items():
        root = read_profile(definition, expand, type_of, rules)
        checks[url] = _Check(root, definition.get("baseDefinition", "").partition("|")[0], checks)
    return checks


class _Check:
    """One profile; ``checks`` holds those of its parent and of the profiles that its elements name."""

    def __init__(self, root: Element, parent: str, checks: Mapping[str, ProfileCheck]) -> None:
        self._root, self._parent, self._checks = root, parent, checks

    def __call__(self, resource: Json) -> Iterator[Problem]:
        parent = self._checks.get(self._parent)
        if parent is not None:
            yield from parent(resource)
        if resource.get("resourceType", self._root.name) != self._root.name:
            text = f"Ce profil est celui d'une ressource {self._root.name}."
            yield Problem(IssueType.STRUCTURE, text, ("meta", "profile"))
            return
        yield from self._value(resource, "", self._root, ())

    def _element(self, node: Json, element: Element, path: Path) -> Iterator[Problem]:
        """The element ``element`` of the object ``node``: how often, then each value, then its slices."""
        found = [((*path, *place), value, kind) for place, value, kind in values_of(node, element)]
        yield from _count(len(found), element, path)
        for place, value, kind in found:
            yield from self._value(value, kind, element, place)
        if not element.slices:
            return
        taken = dict.fromkeys(element.slices, 0)
        for place, value, kind in found:
            name = next(
                (one for one, slot in element.slices.items() if belongs(value, kind, slot, element.discriminators)),
                None,
            )
            if name is not None:
                taken[name] += 1
                yield from self._value(value, kind, element.slices[name], place)
            elif element.closed:
                yield Problem(IssueType.STRUCTURE, "Aucune des formes que ce profil permet ici.", place)
        for name, count in taken.items():
            yield from _count(count, element.slices[name], path)

    def _value(self, value: Any, kind: str, element: Element, path: Path) -> Iterator[Problem]:
        yield from _own_problems(value, kind, element, path)
        if isinstance(value, dict):
            for url in element.profiles:
                check = self._checks.get(url)
                if check is not None:
                    yield from (_moved(problem, path) for problem in check(value))
            for inner in element.children.values():
                yield from self._element(value, inner, path)


def _count(count: int, element: Element, path: Path) -> Iterator[Problem]:
    name = element.name + (f" ({element.slice_name})" if element.slice_name else "")
    if count < element.minimum:
        text = f"Élément obligatoire dans ce profil : {name}, au moins {element.minimum}."
        yield Problem(IssueType.REQUIRED, text, (*path, element.name))
    if element.maximum is not None and count > element.maximum:
        text = f"Trop de valeurs pour ce profil : {name}, au plus {element.maximum}."
        yield Problem(IssueType.STRUCTURE, text, (*path, element.name))


def _own_problems(value: Any, kind: str, element: Element, path: Path) -> Iterator[Problem]:
    if element.exact is not None and value != element.exact:
        yield Problem(IssueType.VALUE, "Ce profil impose ici une autre valeur.", path)
    if element.pattern is not None and not fits(value, element.pattern):
        yield Problem(IssueType.VALUE, "Ce profil impose ici d'autres éléments ou codes.", path)
    if element.binding is not None and value is not None and not coded_in(value, element.binding):
        yield Problem(IssueType.CODE_INVALID, "Code hors du jeu de valeurs que ce profil impose.", path)
    if element.choice and element.types is not None and kind and not type_allowed(value, kind, element.types):
        yield Problem(IssueType.STRUCTURE, "Ce profil ne permet pas ce type de valeur.", path)
    if element.targets is not None and not target_allowed(value, element.targets):
        yield Problem(IssueType.VALUE, "Ce profil ne permet pas ce type de ressource liée.", path)
    for constraint in element.constraints:
        if not constraint.holds(value):
            text = f"{constraint.human} ({constraint.key})"
            yield Problem(IssueType.INVARIANT, text, path, constraint.key, constraint.severity)


def _moved(problem: Problem, path: Path) -> Problem:
    return Problem(problem.code, problem.diagnostics, (*path, *problem.path), problem.rule, problem.severity)
