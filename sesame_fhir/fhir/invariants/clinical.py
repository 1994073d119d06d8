"""Invariants of Observation, Condition, Composition and List."""

from collections.abc import Iterator

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.walk import child, has_choice, objects, text

_ABATED = frozenset({"inactive", "resolved", "remission"})


def observation(resource: Json) -> Iterator[Problem]:
    """obs-6, obs-7, obs-3."""
    if "dataAbsentReason" in resource and has_choice(resource, "value"):
        yield broken("obs-6", "dataAbsentReason et value[x] s'excluent.", "dataAbsentReason")
    codes = _codings(child(resource, "code"))
    for place, component in enumerate(objects(resource, "component")):
        if has_choice(resource, "value") and codes & _codings(child(component, "code")):
            yield broken(
                "obs-7", "Un composant répète le code de l'observation, qui a déjà une valeur.", "component", place
            )
        yield from _reference_ranges(component, ("component", place))
    yield from _reference_ranges(resource, ())


def _reference_ranges(node: Json, path: Path) -> Iterator[Problem]:
    for place, found in enumerate(objects(node, "referenceRange")):
        if not found.keys() & {"low", "high", "text"}:
            yield broken("obs-3", "Intervalle sans borne ni texte.", *path, "referenceRange", place)


def _codings(concept: Json) -> set[tuple[str, str]]:
    return {(text(coding, "system"), text(coding, "code")) for coding in objects(concept, "coding")}


def condition(resource: Json) -> Iterator[Problem]:
    """con-4: abated means no longer active; con-5: an entry made in error has no clinical status."""
    clinical = {code for _, code in _codings(child(resource, "clinicalStatus"))}
    verification = {code for _, code in _codings(child(resource, "verificationStatus"))}
    if has_choice(resource, "abatement") and not clinical & _ABATED:
        yield broken(
            "con-4", "Une fin est donnée : clinicalStatus doit être inactive, resolved ou remission.", "clinicalStatus"
        )
    if "entered-in-error" in verification and "clinicalStatus" in resource:
        yield broken("con-5", "Saisie par erreur : retirer clinicalStatus.", "clinicalStatus")


def condition_details(resource: Json) -> Iterator[Problem]:
    """con-1 and con-2: a stage and an evidence say something."""
    for rule, key, either in (("con-1", "stage", {"summary", "assessment"}), ("con-2", "evidence", {"code", "detail"})):
        for place, found in enumerate(objects(resource, key)):
            if not found.keys() & either:
                yield broken(rule, f"Donner {' ou '.join(sorted(either))}.", key, place)


def composition(resource: Json) -> Iterator[Problem]:
    """cmp-1: a section has text, entries or sub-sections; cmp-2: an empty reason only without entries."""
    pending: list[tuple[Path, Json]] = [((), resource)]
    while pending:
        path, node = pending.pop()
        for place, section in enumerate(objects(node, "section")):
            here = (*path, "section", place)
            pending.append((here, section))
            if not section.keys() & {"text", "entry", "section"}:
                yield broken("cmp-1", "Section sans texte, entrée ni sous-section.", *here)
            if "emptyReason" in section and "entry" in section:
                yield broken("cmp-2", "emptyReason seulement sans entrée.", *here)


def resource_list(resource: Json) -> Iterator[Problem]:
    """lst-1: an empty reason only without entries; lst-2, lst-3: deleted and date depend on the mode."""
    entries = objects(resource, "entry")
    if "emptyReason" in resource and entries:
        yield broken("lst-1", "emptyReason seulement sans entrée.", "emptyReason")
    mode = resource.get("mode")
    for place, entry in enumerate(entries):
        if "deleted" in entry and mode != "changes":
            yield broken("lst-2", "deleted seulement dans une liste de mode changes.", "entry", place)
        if "date" in entry and mode != "working":
            yield broken("lst-3", "date seulement dans une liste de mode working.", "entry", place)
