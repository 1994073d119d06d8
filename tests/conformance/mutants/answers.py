"""Mutations of answers: a response that does not fit its questionnaire."""

import copy
import random
from collections.abc import Callable
from typing import Any

from sesame_fhir.fhir.json_types import Json
from tests.conformance.mutants.places import Mutation


def _on_item(change: Callable[[Json, random.Random], object]) -> Mutation:
    """Change one answered question."""

    def mutate(resource: Json, chance: random.Random) -> str | None:
        items = resource.get("item") if resource["resourceType"] == "QuestionnaireResponse" else None
        if not isinstance(items, list):
            return None
        places = [place for place, item in enumerate(items) if isinstance(item, dict) and item.get("answer")]
        if not places:
            return None
        place = chance.choice(places)
        change(items[place], chance)
        return f"item[{place}]"

    return mutate


def _on_items(change: Callable[[list[Any], random.Random], object]) -> Mutation:
    def mutate(resource: Json, chance: random.Random) -> str | None:
        items = resource.get("item") if resource["resourceType"] == "QuestionnaireResponse" else None
        if not isinstance(items, list) or len(items) < 2:
            return None
        change(items, chance)
        return "item"

    return mutate


def _swap(items: list[Any], _chance: random.Random) -> None:
    items[0], items[1] = items[1], items[0]


def _answer(value: Json) -> Mutation:
    return _on_item(lambda item, _: item.update({"answer": [copy.deepcopy(value)]}))


MUTATIONS: dict[str, Mutation] = {
    "unknown question": _on_item(lambda item, _: item.update({"linkId": "/00000-0"})),
    "question answered twice": _on_items(lambda items, _: items.append(copy.deepcopy(items[0]))),
    "question left out": _on_items(lambda items, chance: items.pop(chance.randrange(len(items)))),
    "questions in another order": _on_items(_swap),
    "answer that is not offered": _answer({"valueCoding": {"system": "http://loinc.org", "code": "LA9999-9"}}),
    "answer of another code system": _answer({"valueCoding": {"system": "http://snomed.info/sct", "code": "LA6568-5"}}),
    "answer as a text": _answer({"valueString": "Jamais"}),
    "answer as a number": _answer({"valueInteger": 1}),
    "answer without a value": _answer({"extension": [{"url": "https://sesame-fhir.fr/x", "valueCode": "y"}]}),
    "two answers where one may be": _on_item(lambda item, _: item["answer"].append(copy.deepcopy(item["answer"][0]))),
    "questions beside an answer": _on_item(lambda item, _: item.update({"item": [{"linkId": "/x"}]})),
    "question without linkId": _on_item(lambda item, _: item.pop("linkId")),
}
