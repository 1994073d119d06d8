"""What pages translate through a variable: every ``_(variable)`` of a template, every ``gettext(variable)`` of code.

Each stands here with the texts that it may read. A name or a note has no place here: ``_`` trusts the HTML of what it
translates, so that data must never go through it.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mappings import french
from mappings.code_systems import CONSENT_PURPOSES, DECISION_REASONS, EXIT_REASONS, SAFETY_ACTIONS
from mappings.displays import DISPLAYS
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.progress.rules import RULES
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from smart_app.pages import pathway_texts, texts
from smart_app.pages.eligibility import QUESTIONS
from smart_app.team import client_texts
from smart_app.team import texts as shell
from smart_app.team.billing import line_texts as billing_lines
from smart_app.team.billing import texts as billing
from smart_app.team.caseload import export as caseload_file
from smart_app.team.caseload import texts as caseload
from smart_app.team.contact import texts as contact
from smart_app.team.course import texts as course
from smart_app.team.dates import WEEKDAYS
from smart_app.team.errors import TEAM_ERRORS
from smart_app.team.indicators import export as indicators_file
from smart_app.team.indicators import texts as indicators
from smart_app.team.patient import steps
from smart_app.team.patient import texts as patient
from smart_app.team.plan import texts as plan
from smart_app.team.referral import texts as referral
from smart_app.team.render import NAV
from smart_app.team.review import texts as review

APP = Path(texts.__file__).resolve().parents[1]
_IN_A_TEMPLATE = re.compile(r"""(?<![\w.])_\(\s*([\w.]+)(?=[^\w."'])""")


def _of(*tables: Mapping[Any, str]) -> list[str]:
    return [text for table in tables for text in table.values()]


def _displays(*kinds: type) -> list[str]:
    return _of(*(DISPLAYS[kind] for kind in kinds))


def _steps(part: int) -> list[str]:
    """Labels (0) or reasons (1) of the steps, which the code says where it decides them."""
    found = []
    for function in ast.parse(Path(steps.__file__).read_text()).body:
        named: dict[str, ast.expr] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named[node.targets[0].id] = node.value
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Step":
                said = node.args[part]
                found.append(ast.literal_eval(named[said.id] if isinstance(said, ast.Name) else said))
    return found


_BANDS = [band.label for instrument in INSTRUMENTS.values() for band in instrument.bands]
_LICENSED = [known.title for known in LICENSED.values()]
_RULES = [rule.name for rule in RULES.values()]
_ENDS = [*caseload.ENDS.values(), caseload.WITHDRAWN]
_NAMES = [one.name for one in INDICATORS]
_DEFINITIONS = [one.definition for one in INDICATORS]
_SOURCES = [one.source for one in INDICATORS]
_GROUPS = [one.group for one in INDICATORS]

IN_TEMPLATES: dict[str, list[str]] = {
    "action_text": _of(SAFETY_ACTIONS.concepts),
    "advice": [error.advice for error in TEAM_ERRORS.values()],
    "breakdown_names": _of(indicators.BREAKDOWNS),
    "columns": _of(indicators.COLUMNS),
    "decision_text": _of(DECISION_REASONS.concepts),
    "display": _displays(*DISPLAYS),
    "ends.get": _ENDS,
    "field_text": _of(review.REVIEW_FIELDS),
    "group_words": _of(review.GROUPS),
    "indicator.definition": _DEFINITIONS,
    "indicator.name": _NAMES,
    "indicator.source": _SOURCES,
    "known.title": _LICENSED,
    "label": [
        *_of(pathway_texts.RECIPIENTS),
        *(one.label for one in steps.LINKS),
        *(one[0] for one in steps.DOCUMENTS),
    ],
    "level.label": _BANDS,
    "licensed": _LICENSED,
    "link.label": [one.label for one in NAV],
    "name": _GROUPS,
    "notify_error": _of(client_texts.NOTIFY_ERRORS),
    "one.definition": _DEFINITIONS,
    "one.name": _NAMES,
    "one.source": _SOURCES,
    "part.names": [indicators.NOBODY],
    "problem": _of(shell.ACCOUNT_PROBLEMS, shell.ENROLMENT_PROBLEMS, indicators.PROBLEMS, client_texts.CLIENT_PROBLEMS),
    "purposes": _of(CONSENT_PURPOSES.concepts),
    "question.text": [question.text for question in QUESTIONS],
    "reading.label": [*_BANDS, *texts.POSITIVITY.values()],
    "reading.meaning": _of(texts.MEANINGS),
    "reason_text": _of(REASON_TEXTS),
    "reasons": _displays(ev.ExitReason),
    "retry": _of(contact.NEXT),
    "role_text": _of(shell.ROLES),
    "sex_text": _of(french.SEXES),
    "step.label": _steps(0),
    "step.why": _steps(1),
    "text": [
        *_of(caseload.WHENS, caseload.PHASES, caseload.SORTS, indicators.PRESETS, client_texts.KINDS),
        *_RULES,
        *_ENDS,
    ],
    "subscription_state": _of(client_texts.SUBSCRIPTION_STATES),
    "texts.DELIVERY_ERRORS": _of(texts.DELIVERY_ERRORS),
    "texts.EVENTS": _of(texts.EVENTS),
    "texts.INS_MARKS": _of(texts.INS_MARKS),
    "texts.NOTES": _of(texts.NOTES),
    "texts.RESOURCES.get": _of(texts.RESOURCES),
    "texts.STATES": _of(texts.STATES),
    "texts.WHAT_TO_DO": _of(texts.WHAT_TO_DO),
    "texts.WRITTEN": _of(texts.WRITTEN),
    "texts_of.ASK": _of(course.ASK),
    "texts_of.CONTACT_RHYTHMS": _of(plan.CONTACT_RHYTHMS),
    "texts_of.EFFECTS": _of(course.EFFECTS),
    "texts_of.ENDS": _of(referral.ENDS),
    "texts_of.INSTRUMENT_RHYTHMS": _of(plan.INSTRUMENT_RHYTHMS),
    "texts_of.MEMBERS": _of(plan.MEMBERS),
    "texts_of.MEMBERS.get": _of(plan.MEMBERS),
    "texts_of.MODES": _of(contact.MODES),
    "texts_of.NEXT": _of(contact.NEXT),
    "texts_of.TASKS": _of(contact.TASKS),
    "title": [error.title for error in TEAM_ERRORS.values()],
    "view.outcome": _of(EXIT_REASONS.concepts, DECISION_REASONS.concepts),
    "word": _of(contact.NEXT, plan.CONTACT_RHYTHMS, plan.INSTRUMENT_RHYTHMS),
    "words": [
        *_of(SAFETY_ACTIONS.concepts, DECISION_REASONS.concepts, shell.GLASS_REASONS),
    ],
    "words.BRIEF_STATES": _of(pathway_texts.BRIEF_STATES),
    "words.DECISIONS": _of(pathway_texts.DECISIONS),
    "words.MARKS": _of(patient.MARKS),
    "words.MODES": _of(pathway_texts.MODES),
    "words.ORIENTATIONS": _of(patient.ORIENTATIONS),
    "words.RECIPIENTS": _of(pathway_texts.RECIPIENTS),
    "words.RECIPIENTS.get": _of(pathway_texts.RECIPIENTS),
}
"""Start of the expression, up to a bracket -> the texts that it may read, in whatever template."""

IN_CODE: dict[str, list[str]] = {
    "EVENTS[event.kind]": _of(texts.EVENTS),
    "STATES[pathway.state]": _of(texts.STATES),
    "WEEKDAYS[day.weekday()]": list(WEEKDAYS),
    "band.label": _BANDS,
    "heading": list(indicators_file.HEADINGS),
    "indicator.group": _GROUPS,
    "indicator.name": _NAMES,
    "indicator.source": _SOURCES,
    "name": list(caseload_file.COLUMNS),
    "known.title": _LICENSED,
    "LICENSED[total.instrument].title": _LICENSED,
    "text": [*_of(caseload.STATES), *billing.TEXTS, *_of(billing_lines.LINES, REASON_TEXTS)],
    "text.bare": [rule.bare for rule in RULES.values() if rule.bare],
    "text.name": _RULES,
    "text.sentence": [rule.sentence for rule in RULES.values()],
    "text.source": [rule.source for rule in RULES.values()],
    "text.when": [rule.when for rule in RULES.values()],
    "texts.COLUMNS[by]": _of(indicators.COLUMNS),
    "texts.MASKED": [indicators.MASKED],
    "texts.NOBODY": [indicators.NOBODY],
    "texts.WHOLE": [indicators.WHOLE],
    "display(code)": _displays(*DISPLAYS),
    "texts.ORIENTATIONS[d.orientation]": _of(patient.ORIENTATIONS),
}
"""First argument of ``gettext`` -> the texts that it may read, in whatever module."""


def variables_of_templates() -> Iterator[str]:
    """Every expression that a template translates, up to its first bracket."""
    for template in sorted((APP / "templates").glob("**/*.html")):
        yield from _IN_A_TEMPLATE.findall(template.read_text())


def variables_of_code() -> Iterator[str]:
    """Every expression that the code translates."""
    for module in sorted(APP.glob("**/*.py")):
        calls = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call))
        said = (call.args[0] for call in calls if ast.unparse(call.func).endswith("gettext"))
        yield from (ast.unparse(text) for text in said if not isinstance(text, ast.Constant))
