"""A QuestionnaireResponse against its Questionnaire: known questions, offered answers, nothing required left out.

Rule of SDC: status may not become ``completed`` while an enabled required question is empty.
"""

from collections.abc import Iterator

from sesame_fhir.fhir.enablement import Answers, collect_answers, enabled, same_value
from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.outcomes import Issue, IssueType
from sesame_fhir.fhir.problems import Problem
from sesame_fhir.fhir.walk import objects, text

_FINISHED = frozenset({"completed", "amended"})
_VALUE_KEYS: dict[str, tuple[str, ...]] = {
    "boolean": ("valueBoolean",),
    "decimal": ("valueDecimal",),
    "integer": ("valueInteger",),
    "date": ("valueDate",),
    "dateTime": ("valueDateTime",),
    "time": ("valueTime",),
    "string": ("valueString",),
    "text": ("valueString",),
    "url": ("valueUri",),
    "choice": ("valueCoding",),
    "open-choice": ("valueCoding", "valueString"),
    "attachment": ("valueAttachment",),
    "reference": ("valueReference",),
    "quantity": ("valueQuantity",),
}
_NO_ANSWER = frozenset({"group", "display"})


def check_answers(response: Json, questionnaire: Json) -> list[Issue]:
    """Every disagreement between a response and its questionnaire, as issues on the response's elements."""
    return [problem.issue("QuestionnaireResponse") for problem in answer_problems(response, questionnaire)]


def answer_problems(response: Json, questionnaire: Json) -> Iterator[Problem]:
    """Same, as problems relative to the response."""
    asked = text(response, "questionnaire").partition("|")[0]
    if asked and asked != questionnaire.get("url"):
        yield Problem(IssueType.INVALID, "La réponse désigne un autre questionnaire.", ("questionnaire",))
    checker = _Checker(collect_answers(response), finished=text(response, "status") in _FINISHED)
    yield from checker.level(response, questionnaire, ())


class _Checker:
    """Walks questionnaire and response together, one level of items at a time."""

    def __init__(self, answers: Answers, *, finished: bool) -> None:
        self._answers = answers
        self._finished = finished

    def level(self, given: Json, asked: Json, path: Path) -> Iterator[Problem]:
        """Compare the items under one response node with the items under one questionnaire node."""
        definitions = {text(item, "linkId"): item for item in objects(asked, "item")}
        order = {link_id: rank for rank, link_id in enumerate(definitions)}
        seen: set[str] = set()
        reached = 0
        for place, item in enumerate(objects(given, "item")):
            here = (*path, "item", place)
            link_id = text(item, "linkId")
            definition = definitions.get(link_id)
            if definition is None:
                yield Problem(IssueType.CODE_INVALID, "Question inconnue à cette place.", (*here, "linkId"))
                continue
            repeats = definition.get("repeats") is True and definition.get("type") == "group"
            if link_id in seen and not repeats:
                yield Problem(IssueType.DUPLICATE, "Question présente deux fois.", (*here, "linkId"))
            if order[link_id] < reached:
                yield Problem(IssueType.STRUCTURE, "Suivre l'ordre des questions du questionnaire.", here)
            reached = max(reached, order[link_id])
            seen.add(link_id)
            yield from self._item(item, definition, here)
        for link_id, definition in definitions.items():
            if link_id not in seen:
                yield from self._missing(definition, path)

    def _item(self, item: Json, definition: Json, path: Path) -> Iterator[Problem]:
        answers = objects(item, "answer")
        if not enabled(definition, self._answers):
            if answers or "item" in item:
                yield Problem(IssueType.BUSINESS_RULE, "Question sans objet d'après les autres réponses.", path)
            return
        if answers and text(definition, "type") in _NO_ANSWER:
            yield Problem(IssueType.STRUCTURE, "Ce n'est pas une question : pas de réponse.", (*path, "answer"))
            return
        if len(answers) > 1 and definition.get("repeats") is not True:
            yield Problem(IssueType.STRUCTURE, "Une seule réponse est permise.", (*path, "answer"))
        for place, answer in enumerate(answers):
            here = (*path, "answer", place)
            yield from _answer(answer, definition, here)
            yield from self.level(answer, definition, here)
        if definition.get("type") == "group":
            yield from self.level(item, definition, path)
        elif not answers:
            yield from self._missing(definition, path)
            yield from (
                Problem(IssueType.STRUCTURE, "Sous-question sans réponse à la question.", (*path, "item"))
                for _ in objects(item, "item")[:1]
            )

    def _missing(self, definition: Json, path: Path) -> Iterator[Problem]:
        """A required, enabled question without answer, or the required questions of an absent group."""
        kind = definition.get("type")
        # Conditions cost most: they are looked at only where their result can matter.
        needed = kind == "group" or (definition.get("required") is True and kind != "display")
        if not self._finished or not needed or not enabled(definition, self._answers):
            return
        if kind == "group":
            for inner in objects(definition, "item"):
                yield from self._missing(inner, path)
        else:
            text_ = f"Réponse obligatoire absente : {text(definition, 'linkId')}."
            yield Problem(IssueType.REQUIRED, text_, path)


def _answer(answer: Json, definition: Json, path: Path) -> Iterator[Problem]:
    keys = _VALUE_KEYS.get(text(definition, "type"), ())
    key = next((name for name in keys if name in answer), None)
    if key is None:
        if any(name.startswith("value") for name in answer):
            yield Problem(IssueType.STRUCTURE, f"Réponse attendue : {' ou '.join(keys)}.", path)
        return
    value = answer[key]
    limit = definition.get("maxLength")
    if isinstance(limit, int) and isinstance(value, str) and len(value) > limit:
        yield Problem(IssueType.TOO_LONG, f"Réponse de plus de {limit} caractères.", (*path, key))
    options = objects(definition, "answerOption")
    free_text = definition.get("type") == "open-choice" and key == "valueString"
    if options and not free_text and not any(same_value(value, option.get(key)) for option in options):
        yield Problem(IssueType.CODE_INVALID, "Réponse absente de la liste proposée.", (*path, key))
