"""A flag as a page shows it: its name, why it stands in one sentence, and which rule of which source raised it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.progress.rules import RULES, definition, explain
from sesame_fhir.services.caseload import RowFlag


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """``why`` is the sentence with its values, ``definition`` the rule with the thresholds in force."""

    rule: Rule
    name: str
    why: str
    definition: str
    source: str
    attention: bool
    since: date


def shown(flag: Flag | RowFlag, policy: PathwayPolicy, names: Mapping[Rule, str] | None = None) -> ShownFlag:
    """Put a flag into words, in the language of the page; ``names`` are ``rule_names`` for a list of many flags.

    Raises:
        ValueError: a rule that is not known.
    """
    rule = Rule(flag.rule)
    text = RULES[rule]
    return ShownFlag(
        rule=rule,
        name=gettext(text.name) if names is None else names[rule],
        why=explain(rule, flag.detail),
        definition=defined(rule, policy),
        source=text.source,
        attention=flag.attention,
        since=flag.since,
    )


def rule_names() -> dict[Rule, str]:
    """The name of every rule, in the language of the page."""
    return {rule: str(gettext(text.name)) for rule, text in RULES.items()}


@cache
def defined(rule: Rule, policy: PathwayPolicy) -> str:
    """When a rule speaks, with the thresholds in force; made once, a list shows hundreds of flags."""
    return definition(rule, policy)
