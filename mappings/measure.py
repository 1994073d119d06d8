"""Indicator -> Measure: what is counted among whom, in the words of its definition, published in profiles/.

Populations are described in French text, not in an expression language: the figures are computed by
``sesame_fhir.domain.indicators``, and a Measure that pretended to be executable would be a second truth.
"""

from mappings.code_systems import PUBLISHED, PUBLISHER, VERSION
from mappings.datatypes import coding, compact, concept, extension
from sesame_fhir.domain.indicators.model import Indicator, Unit
from sesame_fhir.fhir.canonical import DATA_ABSENT_REASON, own
from sesame_fhir.fhir.json_types import Json

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_SCORING = {
    Unit.SHARE: ("proportion", "Proportion"),
    Unit.COUNT: ("cohort", "Cohort"),
}
_CONTINUOUS = ("continuous-variable", "Continuous Variable")
_WAYS = {"increase": "Increased score indicates improvement", "decrease": "Decreased score indicates improvement"}
_BETTER = {
    "increase": (
        *("started", "four-contacts-at-12-weeks", "response", "remission", "exit-remission"),
        *("survey-answered", "satisfaction"),
    ),
    "decrease": ("first-contact-days", "not-started-unreachable", "exit-lost-to-follow-up"),
}
_POPULATIONS = {
    "initial-population": "Initial Population",
    "denominator": "Denominator",
    "numerator": "Numerator",
    "measure-population": "Measure Population",
}
_AMONG = " : "
# R4 demands the language of an expression, and its value set has those of machines only.
_NO_LANGUAGE = {"extension": [extension(DATA_ABSENT_REASON, "Code", "not-applicable")]}


def measure_url(indicator: Indicator) -> str:
    """Canonical URL of an indicator's Measure, without its version."""
    return own("Measure", indicator.code)


def populations(indicator: Indicator) -> tuple[str, ...]:
    """Codes of the populations of an indicator, the widest first."""
    if indicator.unit is Unit.SHARE:
        return ("denominator", "numerator")
    return ("initial-population",) if indicator.unit is Unit.COUNT else ("measure-population",)


def population_code(code: str) -> Json:
    """CodeableConcept of one population."""
    return concept(coding(f"{_TERMINOLOGY}/measure-population", code, _POPULATIONS[code]))


def improvement(indicator: Indicator) -> Json | None:
    """Which way is better; None where neither is, or where it is not ours to say."""
    way = next((way for way, codes in _BETTER.items() if indicator.code in codes), None)
    if way is None:
        return None
    return concept(coding(f"{_TERMINOLOGY}/measure-improvement-notation", way, _WAYS[way]))


def measure(indicator: Indicator) -> Json:
    """Build the Measure of one indicator."""
    scoring, scoring_display = _SCORING.get(indicator.unit, _CONTINUOUS)
    return compact(
        {
            "resourceType": "Measure",
            "id": indicator.code,
            "language": "fr",
            "url": measure_url(indicator),
            "version": VERSION,
            "name": "Sesame" + "".join(part.capitalize() for part in indicator.code.split("-")),
            "title": indicator.name,
            "status": "active",
            "experimental": False,
            "subjectCodeableConcept": concept(coding("http://hl7.org/fhir/resource-types", "Patient", "Patient")),
            "date": PUBLISHED,
            "publisher": PUBLISHER,
            "description": indicator.definition,
            "relatedArtifact": [{"type": "citation", "citation": indicator.source}],
            "scoring": concept(coding(f"{_TERMINOLOGY}/measure-scoring", scoring, scoring_display)),
            "improvementNotation": improvement(indicator),
            "guidance": _published(indicator),
            "group": [{"population": [_population(indicator, code) for code in populations(indicator)]}],
        }
    )


def _population(indicator: Indicator, code: str) -> Json:
    """A population with its criteria in words: a share's definition says « among whom : who »."""
    among, _, who = indicator.definition.partition(_AMONG)
    words = {"denominator": f"{among}.", "numerator": who}.get(code, indicator.definition)
    return {
        "code": population_code(code),
        "description": words,
        "criteria": {"_language": _NO_LANGUAGE, "expression": words},
    }


def _published(indicator: Indicator) -> str | None:
    if indicator.published is None:
        return None
    share = f"{indicator.published:.0%}".replace("%", " %")
    return f"Valeur publiée : {share} ({indicator.source}), pour comparer : ni un objectif, ni une norme."
