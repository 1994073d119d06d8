"""A flag as a page shows it: its name, why it stands in one sentence, and which rule of which source raised it."""

from dataclasses import dataclass
from datetime import date

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


def shown(flag: Flag | RowFlag, policy: PathwayPolicy) -> ShownFlag:
    """Put a flag into words, in the language of the page. Raises ValueError for a rule that is not known."""
    rule = Rule(flag.rule)
    text = RULES[rule]
    return ShownFlag(
        rule=rule,
        name=gettext(text.name),
        why=explain(rule, flag.detail),
        definition=definition(rule, policy),
        source=text.source,
        attention=flag.attention,
        since=flag.since,
    )
