"""Builders for the cases of the flags: a table per rule, and patients with the PHQ-9 and reviews that it needs."""

from collections.abc import Callable
from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.domain.progress.flags import flags
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.progress.rules import RULES, definition, explain
from tests.specification.model import Cell, Situation, Table, on
from tests.specification.review import REVIEW, SEE_AGAIN
from tests.specification.situations import CARE, measured
from tests.specification.words import day
from tests.support.story import PSYCHIATRIST

NEVER = ("—", "—")


def speaks(rule: Rule) -> Callable[[Pathway], tuple[str, ...]]:
    """From which day the rule speaks for a patient, and what it says."""

    def compute(pathway: Pathway) -> tuple[str, ...]:
        found = [flag for flag in flags(pathway, DEFAULT_POLICY) if flag.rule is rule]
        return (day(found[0].since), explain(rule, found[0].detail)) if found else NEVER

    return compute


def rule_table(rule: Rule, *rows: tuple[Cell, ...]) -> Table:
    """Cases of one rule under its name, definition and source."""
    text = RULES[rule]
    kind = "Demande une action" if text.attention else "Bonne nouvelle"
    intro = f"{definition(rule, DEFAULT_POLICY)} {kind}. Source : {text.source}."
    return Table(text.name, intro, ("situation", "depuis le", "phrase"), speaks(rule), rows)


def phq9s(*totals: tuple[str, int], given: Situation = CARE) -> Situation:
    """The patient with further PHQ-9 of (day, total)."""
    return given.then(*(measured(on_day, total) for on_day, total in totals))


def reviewed(given: Situation, on_day: str, *advice: ev.Recommendation) -> Situation:
    """The patient after a case review; to be seen again in four weeks unless other advice is given."""
    return given.then(on(on_day, replace(REVIEW, recommendations=advice or (SEE_AGAIN,)), PSYCHIATRIST))
