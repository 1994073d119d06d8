"""Rules on Timing, Range, Ratio and Duration (https://hl7.org/fhir/R4/datatypes.html), called by ``node_rules``."""

from collections.abc import Iterator
from decimal import Decimal

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.walk import child

_UCUM = "http://unitsofmeasure.org"
DURATIONS = frozenset(
    {"boundsDuration", "dispenseInterval", "dueDuration", "duration", "expectedSupplyDuration", "length"}
    | {"valueDuration"}
)
"""Elements of the type Duration in our resource types."""

_TIMING_NEEDS = (
    ("tim-1", "duration", "durationUnit"),
    ("tim-2", "period", "periodUnit"),
    ("tim-6", "periodMax", "period"),
    ("tim-7", "durationMax", "duration"),
    ("tim-8", "countMax", "count"),
)
_TIMING_NOT_NEGATIVE = (("tim-4", "duration"), ("tim-5", "period"))
_MEALS = frozenset({"C", "CM", "CD", "CV"})


def timing(path: Path, node: Json) -> Iterator[Problem]:
    """tim-1 to tim-10, ``node`` being the Timing."""
    repeat, here = child(node, "repeat"), (*path, "repeat")
    for rule, given, needed in _TIMING_NEEDS:
        if given in repeat and not _present(repeat, needed):
            yield broken(rule, f"{given} demande {needed}.", *here)
    for rule, name in _TIMING_NOT_NEGATIVE:
        value = repeat.get(name)
        if isinstance(value, int | Decimal) and value < 0:
            yield broken(rule, "Une durée n'est pas négative.", *here, name)
    when = repeat.get("when")
    moments = [one for one in when if isinstance(one, str)] if isinstance(when, list) else []
    if "offset" in repeat and (not moments or _MEALS.intersection(moments)):
        yield broken("tim-9", "offset demande when, avant ou après un moment précis.", *here, "offset")
    if "timeOfDay" in repeat and "when" in repeat:
        yield broken("tim-10", "timeOfDay et when s'excluent.", *here, "timeOfDay")


def limits(path: Path, node: Json) -> Iterator[Problem]:
    """rng-2, on limits in the same unit: what has to be converted is not compared."""
    low, high = child(node, "low"), child(node, "high")
    least, most = low.get("value"), high.get("value")
    if not (isinstance(least, int | Decimal) and isinstance(most, int | Decimal)):
        return
    if all(low.get(name) == high.get(name) for name in ("system", "code", "unit")) and least > most:
        yield broken("rng-2", "La borne haute est inférieure à la borne basse.", *path)


def ratio(path: Path, node: Json) -> Iterator[Problem]:
    """rat-1."""
    if ("numerator" in node) != ("denominator" in node):
        yield broken("rat-1", "Un rapport a un numérateur et un dénominateur.", *path)


def duration(name: str, path: Path, node: Json) -> Iterator[Problem]:
    """drt-1, on the element ``name`` of ``node``."""
    found = child(node, name)
    if "code" in found and (found.get("system") != _UCUM or not _present(found, "value")):
        yield broken("drt-1", "Une durée codée a une valeur, et une unité UCUM.", *path, name)


def _present(node: Json, name: str) -> bool:
    return name in node or f"_{name}" in node
