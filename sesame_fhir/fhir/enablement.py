"""``enableWhen``: whether a question has to be asked, given the other answers (R4 Questionnaire, enableBehavior)."""

from decimal import Decimal

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import objects, text

Answers = dict[str, list[object]]
"""Answer values by linkId, wherever the question sits."""


def collect_answers(response: Json) -> Answers:
    """All answer values of a response."""
    found: Answers = {}
    pending = [response]
    while pending:
        node = pending.pop()
        for item in objects(node, "item"):
            pending.append(item)
            for answer in objects(item, "answer"):
                pending.append(answer)
                values = found.setdefault(text(item, "linkId"), [])
                values.extend(value for key, value in answer.items() if key.startswith("value"))
    return found


def enabled(definition: Json, answers: Answers) -> bool:
    """True without condition; else any of them with ``enableBehavior`` any, all of them otherwise."""
    conditions = objects(definition, "enableWhen")
    if not conditions:
        return True
    decide = any if definition.get("enableBehavior") == "any" else all
    return decide(_holds(condition, answers) for condition in conditions)


def _holds(condition: Json, answers: Answers) -> bool:
    given = answers.get(text(condition, "question"), [])
    wanted = next((value for key, value in condition.items() if key.startswith("answer")), None)
    sign = text(condition, "operator")
    if sign == "exists":
        return bool(given) is wanted
    if sign == "=":
        return any(same_value(value, wanted) for value in given)
    if sign == "!=":
        return bool(given) and not any(same_value(value, wanted) for value in given)
    return any(_ordered(sign, value, wanted) for value in given)


def same_value(value: object, wanted: object) -> bool:
    """Codings are the same by system and code, whatever their display; anything else by value."""
    if isinstance(value, dict) and isinstance(wanted, dict) and "code" in wanted:
        return text(value, "system") == text(wanted, "system") and value.get("code") == wanted["code"]
    return value == wanted


def _ordered(sign: str, value: object, wanted: object) -> bool:
    """Numbers are compared with numbers, texts and dates with texts; anything else does not hold."""
    if isinstance(value, int | Decimal) and isinstance(wanted, int | Decimal):
        order = int(value > wanted) - int(value < wanted)
    elif isinstance(value, str) and isinstance(wanted, str):
        order = 1 if value > wanted else -int(value < wanted)
    else:
        return False
    return {">": order > 0, "<": order < 0, ">=": order >= 0, "<=": order <= 0}.get(sign, False)
