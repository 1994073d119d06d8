"""Invariants of Questionnaire (que-*)."""

from collections.abc import Iterator

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.walk import has_choice, objects, text

_WITH_OPTIONS = frozenset(
    {"choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string", "quantity"}
)
_WITH_LENGTH = frozenset({"boolean", "decimal", "integer", "string", "text", "url", "open-choice"})
_NEVER_ON_DISPLAY = {"code": "que-3", "required": "que-6", "repeats": "que-6", "readOnly": "que-9"}


def nested_items(resource: Json) -> Iterator[tuple[Path, Json]]:
    """Every item with its path, in document order."""
    pending: list[tuple[Path, Json]] = [((), resource)]
    while pending:
        path, node = pending.pop()
        found = [((*path, "item", place), item) for place, item in enumerate(objects(node, "item"))]
        pending.extend(reversed(found))
        if path:
            yield path, node


def link_ids(resource: Json) -> Iterator[Problem]:
    """que-2: link ids are unique."""
    seen: set[str] = set()
    for path, item in nested_items(resource):
        link_id = text(item, "linkId")
        if link_id in seen:
            yield broken("que-2", "Ce linkId est déjà pris par une autre question.", *path, "linkId")
        seen.add(link_id)


def items(resource: Json) -> Iterator[Problem]:
    """que-1 and que-3 to que-13, item by item."""
    for path, item in nested_items(resource):
        for problem in (*_by_type(item), *_options(item), *_conditions(item)):
            yield Problem(problem.code, problem.diagnostics, (*path, *problem.path), problem.rule)


def _by_type(item: Json) -> Iterator[Problem]:
    kind = text(item, "type")
    if kind == "group" and "item" not in item:
        yield broken("que-1", "Un groupe contient des questions.")
    if kind == "display":
        if "item" in item:
            yield broken("que-1", "Un texte affiché ne contient pas de question.", "item")
        for key, rule in _NEVER_ON_DISPLAY.items():
            if key in item:
                yield broken(rule, f"{key} n'a pas de sens sur un texte affiché.", key)
    if kind in ("group", "display") and "initial" in item:
        yield broken("que-8", "Pas de valeur initiale sur un groupe ou un texte.", "initial")
    if "maxLength" in item and kind not in _WITH_LENGTH:
        yield broken("que-10", "maxLength seulement pour une question à réponse simple.", "maxLength")


def _options(item: Json) -> Iterator[Problem]:
    if "answerOption" in item and "answerValueSet" in item:
        yield broken("que-4", "answerOption et answerValueSet s'excluent.", "answerValueSet")
    if item.keys() & {"answerOption", "answerValueSet"} and text(item, "type") not in _WITH_OPTIONS:
        yield broken("que-5", "Pas de réponses proposées pour ce type de question.")
    if "answerOption" in item and "initial" in item:
        yield broken("que-11", "Avec answerOption, utiliser initialSelected plutôt que initial.", "initial")
    if len(objects(item, "initial")) > 1 and item.get("repeats") is not True:
        yield broken("que-13", "Plusieurs valeurs initiales seulement si la question se répète.", "initial")


def _conditions(item: Json) -> Iterator[Problem]:
    conditions = objects(item, "enableWhen")
    if len(conditions) > 1 and "enableBehavior" not in item:
        yield broken("que-12", "Plusieurs enableWhen : préciser enableBehavior.", "enableBehavior")
    for place, condition in enumerate(conditions):
        other = has_choice(condition, "answer") and "answerBoolean" not in condition
        if condition.get("operator") == "exists" and other:
            yield broken("que-7", "exists se compare à un booléen.", "enableWhen", place)
