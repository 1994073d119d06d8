"""A flag as a page shows it: its name, why it stands in one sentence, and which rule of which source raised it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.progress.rules import RULES, RuleText, definition, explain
from sesame_fhir.services.caseload import RowFlag
from smart_app.pages.languages import language


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
    texts = rule_texts()
    return ShownFlag(
        rule=rule,
        name=texts[rule].name if names is None else names[rule],
        why=explain(rule, flag.detail, texts),
        definition=defined(rule, policy),
        source=texts[rule].source,
        attention=flag.attention,
        since=flag.since,
    )


def rule_texts() -> Mapping[Rule, RuleText]:
    """Every rule in words, in the language of the page."""
    return _texts(language())


def rule_names() -> dict[Rule, str]:
    """The name of every rule, in the language of the page."""
    return {rule: text.name for rule, text in rule_texts().items()}


def defined(rule: Rule, policy: PathwayPolicy) -> str:
    """When a rule speaks, with the thresholds in force, in the language of the page."""
    return _defined(rule, policy, language())


@cache
def _defined(rule: Rule, policy: PathwayPolicy, spoken: str) -> str:
    """Made once: a list shows hundreds of flags."""
    return definition(rule, policy, _texts(spoken))


@cache
def _texts(_spoken: str) -> Mapping[Rule, RuleText]:
    """Every rule in the language of the page, translated once for each language."""
    return {rule: _translated(text) for rule, text in RULES.items()}


def _translated(text: RuleText) -> RuleText:
    return replace(
        text,
        name=str(gettext(text.name)),
        when=str(gettext(text.when)),
        sentence=str(gettext(text.sentence)),
        source=str(gettext(text.source)),
        bare=None if text.bare is None else str(gettext(text.bare)),
    )
