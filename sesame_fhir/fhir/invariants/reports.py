"""Invariants of Measure, MeasureReport and AuditEvent."""

from collections.abc import Iterator

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.walk import child, objects

_SINGLE_CRITERIA = frozenset({"code", "description", "criteria"})


def measure(resource: Json) -> Iterator[Problem]:
    """mea-1: a stratifier is one criteria or a set of components; exp-1: a criteria says what it computes."""
    for place, group in enumerate(objects(resource, "group")):
        here: Path = ("group", place)
        yield from _criteria(objects(group, "population"), (*here, "population"))
        stratifiers = objects(group, "stratifier")
        yield from _criteria(stratifiers, (*here, "stratifier"))
        for rank, stratifier in enumerate(stratifiers):
            components = objects(stratifier, "component")
            yield from _criteria(components, (*here, "stratifier", rank, "component"))
            if bool(components) == bool(stratifier.keys() & _SINGLE_CRITERIA):
                yield broken("mea-1", "Un critère, ou des composants.", *here, "stratifier", rank)
    yield from _criteria(objects(resource, "supplementalData"), ("supplementalData",))


def _criteria(holders: list[Json], path: Path) -> Iterator[Problem]:
    for place, holder in enumerate(holders):
        if "criteria" in holder and not child(holder, "criteria").keys() & {"expression", "reference"}:
            yield broken("exp-1", "Donner l'expression, ou son adresse.", *path, place, "criteria")


def measure_report(resource: Json) -> Iterator[Problem]:
    """mrp-1: a data collection has no groups; mrp-2: a stratum is a value or a set of components."""
    if resource.get("type") == "data-collection" and "group" in resource:
        yield broken("mrp-1", "Une collecte de données ne porte pas de groupes.", "group")
    for place, group in enumerate(objects(resource, "group")):
        for rank, stratifier in enumerate(objects(group, "stratifier")):
            for number, stratum in enumerate(objects(stratifier, "stratum")):
                if ("value" in stratum) == ("component" in stratum):
                    yield broken(
                        "mrp-2", "Une valeur, ou des composants.", "group", place, "stratifier", rank, "stratum", number
                    )


def audit_event(resource: Json) -> Iterator[Problem]:
    """sev-1: an entity has a name or a query."""
    for place, entity in enumerate(objects(resource, "entity")):
        if "name" in entity and "query" in entity:
            yield broken("sev-1", "Un nom ou une requête, pas les deux.", "entity", place)
