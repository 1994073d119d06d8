"""Expression-based population (SDC ``$populate``): a Questionnaire and a context -> the response to begin with.

What an expression yields is written where it fits the question's type; what could not be filled is told, with the
question, so that nobody believes an empty field to be an answer.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mappings.datatypes import compact, instant
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from sesame_fhir.fhir.small_fhirpath import UnknownExpressionError, evaluate
from sesame_fhir.fhir.walk import child, objects, text

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"
INITIAL_EXPRESSION = f"{SDC}/sdc-questionnaire-initialExpression"
LAUNCH_CONTEXT = f"{SDC}/sdc-questionnaire-launchContext"
FHIR_QUERY = "application/x-fhir-query"
MAX_DEPTH = 20

Search = Callable[[str], Json | None]
"""A relative query (``Observation?code=…``) -> its searchset; None when it may not be asked."""

_TYPES: dict[str, tuple[str, type]] = {
    "string": ("valueString", str),
    "text": ("valueString", str),
    "date": ("valueDate", str),
    "dateTime": ("valueDateTime", str),
    "boolean": ("valueBoolean", bool),
    "integer": ("valueInteger", int),
    "url": ("valueUri", str),
    "choice": ("valueCoding", dict),
    "open-choice": ("valueCoding", dict),
    "reference": ("valueReference", dict),
    "quantity": ("valueQuantity", dict),
}
_DAY = 10


@dataclass(frozen=True, slots=True)
class Context:
    """Where values come from: ``launch`` by name (patient, user, encounter), searches, the time."""

    launch: Mapping[str, Json]
    search: Search
    now: datetime


@dataclass(slots=True)
class _Filling:
    questionnaire: Json
    context: Context
    variables: dict[str, Any] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def tell(self, diagnostics: str, place: str) -> None:
        self.issues.append(Issue(Severity.WARNING, IssueType.INCOMPLETE, diagnostics, (place,)))


def populated(questionnaire: Json, subject: Json, context: Context, author: Json | None) -> tuple[Json, list[Issue]]:
    """The response in progress, and what could not be filled.

    Args:
        questionnaire: valid; its own context variables and queries are used.
        subject: reference to the patient.
        context: the launch context and how to search.
        author: reference to who will answer, if known.
    """
    filling = _Filling(questionnaire, context)
    filling.variables |= dict.fromkeys(_declared(questionnaire)) | dict(context.launch)
    for name in _declared(questionnaire):
        if name not in context.launch:
            filling.tell(f"Contexte absent : {name}.", f"Questionnaire.extension('{LAUNCH_CONTEXT}')")
    _read_variables(filling)
    version = text(questionnaire, "version")
    url = text(questionnaire, "url")
    encounter = context.launch.get("encounter")
    response = {
        "resourceType": "QuestionnaireResponse",
        "language": questionnaire.get("language"),
        "questionnaire": (f"{url}|{version}" if version else url) or None,
        "status": "in-progress",
        "subject": subject,
        "encounter": {"reference": f"Encounter/{encounter['id']}"} if encounter and "id" in encounter else None,
        "authored": instant(context.now),
        "author": author,
        "item": list(_items(filling, questionnaire, "Questionnaire", 0)),
    }
    return compact(response), filling.issues


def _declared(questionnaire: Json) -> Iterator[str]:
    """Names of the launch context that the questionnaire asks for."""
    for one in objects(questionnaire, "extension"):
        if text(one, "url") == LAUNCH_CONTEXT:
            for part in objects(one, "extension"):
                if text(part, "url") == "name":
                    yield text(child(part, "valueCoding"), "code") or text(part, "valueId")


def _read_variables(filling: _Filling) -> None:
    """Variables of the questionnaire, in order: a query's searchset, or an expression's values."""
    for place, one in enumerate(objects(filling.questionnaire, "extension")):
        if text(one, "url") != VARIABLE:
            continue
        told = child(one, "valueExpression")
        name, expression = text(told, "name"), text(told, "expression")
        where = f"Questionnaire.extension[{place}]"
        try:
            if text(told, "language") == FHIR_QUERY:
                filling.variables[name] = filling.context.search(_asked(expression, filling))
            else:
                filling.variables[name] = evaluate(expression, filling.variables, filling.context.now)
        except UnknownExpressionError:
            filling.variables[name] = None
            filling.tell(f"Expression non prise en charge : {name}.", where)


def _asked(query: str, filling: _Filling) -> str:
    """A query with the values of its ``{{expression}}`` parts.

    Raises:
        UnknownExpressionError: one of them has no single simple value.
    """
    parts = query.split("{{")
    built = [parts[0]]
    for part in parts[1:]:
        expression, closed, rest = part.partition("}}")
        found = evaluate(expression, filling.variables, filling.context.now)
        if not closed or len(found) != 1 or not isinstance(found[0], str | int):
            raise UnknownExpressionError(expression)
        built += [str(found[0]), rest]
    return "".join(built)


def _items(filling: _Filling, asked: Json, root: str, depth: int) -> Iterator[Json]:
    for place, item in enumerate(objects(asked, "item")):
        where = f"{root}.item[{place}]"
        answer = _answer(filling, item, where)
        inner = list(_items(filling, item, where, depth + 1)) if depth < MAX_DEPTH else []
        if answer is not None:
            built = {"linkId": item["linkId"], "text": item.get("text"), "answer": [answer | compact({"item": inner})]}
            yield compact(built)
        elif inner:
            yield compact({"linkId": item["linkId"], "text": item.get("text"), "item": inner})


def _answer(filling: _Filling, item: Json, where: str) -> Json | None:
    expressions = [one for one in objects(item, "extension") if text(one, "url") == INITIAL_EXPRESSION]
    if not expressions:
        initial = objects(item, "initial")
        return {key: value for key, value in initial[0].items() if key.startswith("value")} if initial else None
    name = f"{item.get('linkId')}"
    try:
        told = text(child(expressions[0], "valueExpression"), "expression")
        found = evaluate(told, filling.variables, filling.context.now)
    except UnknownExpressionError:
        filling.tell(f"Question {name} : expression non prise en charge.", where)
        return None
    answer = _fitting(item, found[0]) if found else None
    if answer is None:
        why = "valeur d'un autre type que la question" if found else "aucune valeur connue"
        filling.tell(f"Question {name} : {why}.", where)
    return answer


def _fitting(item: Json, value: Any) -> Json | None:
    """The value as an answer of the question's type; None when it is of another one."""
    key, kind = _TYPES.get(text(item, "type"), ("", dict))
    if key == "valueDate" and isinstance(value, str):
        value = value[:_DAY]
    fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    return {key: value} if key and fits else None
