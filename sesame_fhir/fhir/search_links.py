"""Search by what a resource refers to, and by what refers to it: chains, ``_has``, ``_include`` and ``_revinclude``.

https://hl7.org/fhir/R4/search.html#chaining. One level each. Where a reference may lead to several types the client
says which one: guessing would answer another question.
"""

from collections.abc import Callable
from functools import cache

from sesame_fhir.fhir.elements import element_table
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.search_parameters import APART, SEARCH_PARAMETERS, SearchParameter, parameters_of
from sesame_fhir.fhir.search_values import NotUnderstoodError
from sesame_fhir.services.search import ChainClause, HasClause, Include, Linked, Simple

ReadSimple = Callable[[str, str, str], Simple | None]
"""(type, name with its modifier, value) -> clause; None for a parameter that the type does not have."""

_SEARCHED = frozenset(SEARCH_PARAMETERS) - APART
_HAS_PARTS = 3
_INCLUDE_PARTS = (2, 3)
_ALL = "*"


def targets_of(resource_type: str, parameter: SearchParameter) -> frozenset[str]:
    """The searchable types that a reference parameter may lead to."""
    if parameter.target is not None:
        return frozenset({parameter.target}) & _SEARCHED
    named = [element_table().targets.get(f"{resource_type}.{path}") for path in parameter.paths]
    return _SEARCHED.intersection(frozenset().union(*(found if found is not None else _SEARCHED for found in named)))


def includes_of(resource_type: str) -> tuple[str, ...]:
    """What ``_include`` takes for a type, as the CapabilityStatement lists it."""
    found = parameters_of(resource_type).values() if resource_type in _SEARCHED else ()
    return tuple(f"{resource_type}:{one.name}" for one in found if one.kind == "reference")


@cache
def reverse_includes_of(resource_type: str) -> tuple[str, ...]:
    """What ``_revinclude`` takes for a type."""
    return tuple(
        f"{source}:{one.name}"
        for source, found in SEARCH_PARAMETERS.items()
        for one in found.values()
        if source in _SEARCHED and one.kind == "reference" and resource_type in targets_of(source, one)
    )


def read_chain(resource_type: str, name: str, value: str, simple: ReadSimple) -> Linked | None:
    """``subject:Patient.identifier=…``; None when one of the two parameters does not exist."""
    link, _, rest = name.partition(".")
    code, _, forced = link.partition(":")
    parameter = parameters_of(resource_type).get(code)
    if parameter is None:
        return None
    if resource_type in APART:
        raise NotUnderstoodError("pas d'enchaînement à partir de ce type.", IssueType.NOT_SUPPORTED)
    if "." in rest:
        raise NotUnderstoodError("un seul niveau d'enchaînement.", IssueType.NOT_SUPPORTED)
    target = _target(resource_type, _reference(parameter), forced, rest.partition(":")[0])
    clause = simple(target, rest, value)
    return None if clause is None else ChainClause(code, target, (clause,))


def _target(resource_type: str, parameter: SearchParameter, forced: str, inner: str) -> str:
    possible = targets_of(resource_type, parameter)
    if forced:
        if forced not in possible:
            raise NotUnderstoodError(f"ne mène pas à ce type ({_listed(possible)}).", IssueType.VALUE)
        return forced
    if len(possible) != 1:
        example = f"{parameter.name}:{min(possible, default='Patient')}.{inner[:20]}"
        raise NotUnderstoodError(f"préciser le type visé ({_listed(possible)}), par exemple {example}.")
    return next(iter(possible))


def _listed(types: frozenset[str]) -> str:
    return ", ".join(sorted(types))


def _reference(parameter: SearchParameter) -> SearchParameter:
    if parameter.kind != "reference":
        raise NotUnderstoodError("ce paramètre n'est pas une référence à une ressource.", IssueType.NOT_SUPPORTED)
    return parameter


def read_has(resource_type: str, name: str, value: str, simple: ReadSimple) -> Linked | None:
    """``_has:Observation:patient:code=…``; None when one of the two parameters does not exist."""
    parts = name.split(":", _HAS_PARTS)[1:]
    if len(parts) < _HAS_PARTS:
        raise NotUnderstoodError("forme attendue : _has:Observation:patient:code=….")
    source, code, rest = parts
    parameter = parameters_of(source).get(code) if source in _SEARCHED else None
    if parameter is None:
        return None
    if rest.startswith("_has") or "." in rest:
        raise NotUnderstoodError("un seul niveau d'enchaînement.", IssueType.NOT_SUPPORTED)
    if resource_type not in targets_of(source, _reference(parameter)):
        raise NotUnderstoodError(f"{source}:{code} ne mène pas à {resource_type}.", IssueType.VALUE)
    clause = simple(source, rest, value)
    return None if clause is None else HasClause(source, code, (clause,))


def read_include(resource_type: str, value: str, *, reverse: bool, iterate: bool) -> Include:
    """``Observation:subject``, ``Observation:subject:Patient`` or ``Observation:*``; backwards only by name."""
    parts = value.split(":")
    if parts == [_ALL]:
        parts = [resource_type, _ALL]
    if len(parts) not in _INCLUDE_PARTS or parts[0] not in _SEARCHED:
        raise NotUnderstoodError("forme attendue : Type:paramètre ou Type:paramètre:Type.")
    source, code, target = parts[0], parts[1], parts[2] if len(parts) > _INCLUDE_PARTS[0] else None
    if code == _ALL:
        if reverse or target:
            raise NotUnderstoodError("* n'est pris en charge que par _include=Type:*.", IssueType.NOT_SUPPORTED)
        parameter, possible = None, _SEARCHED
    else:
        parameter = parameters_of(source).get(code)
        if parameter is None:
            raise NotUnderstoodError(f"paramètre inconnu pour {source}.", IssueType.NOT_SUPPORTED)
        possible = targets_of(source, _reference(parameter))
    if target is not None and target not in possible:
        raise NotUnderstoodError(f"ne mène pas à ce type ({_listed(possible)}).", IssueType.VALUE)
    if not iterate:
        _check_start(resource_type, source, target, possible, reverse=reverse)
    wanted = (target or resource_type) if reverse and not iterate else target
    return Include(source, None if parameter is None else code, wanted, reverse, iterate)


def _check_start(
    resource_type: str, source: str, target: str | None, possible: frozenset[str], *, reverse: bool
) -> None:
    """Without ``:iterate`` both follow from the type searched: anything else would silently bring nothing."""
    fits = target in (None, resource_type) and resource_type in possible if reverse else source == resource_type
    if not fits:
        raise NotUnderstoodError(f"ne part pas de {resource_type} : ajouter :iterate.", IssueType.VALUE)
