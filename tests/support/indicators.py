"""Indicators of a window, as the pages and the Measures compute them one by one."""

from collections.abc import Iterable

from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.indicators.model import Value
from sesame_fhir.domain.indicators.window import Window, selected
from sesame_fhir.domain.policy import PathwayPolicy


def compute_all(facts: Iterable[PathwayFacts], window: Window, policy: PathwayPolicy) -> dict[str, Value]:
    """Every indicator of a window, by its code."""
    mine = selected(facts, window)
    return {indicator.code: indicator.compute(mine, window, policy) for indicator in INDICATORS}
