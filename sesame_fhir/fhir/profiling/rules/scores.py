"""Rules on questionnaires, answers and scores: every total lies within its instrument."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sesame_fhir.fhir.canonical import LOINC, ROOT
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiling.model import Holds
from sesame_fhir.fhir.profiling.rules.asking import codes, codings, status
from sesame_fhir.fhir.walk import child, objects, text

_HIGHEST = {
    "55758-7": 6,
    "44261-6": 27,
    "70274-6": 21,
    "gad-2-total": 6,
    "75626-2": 12,
    "isi-total": 28,
    "whodas-12-total": 48,
    "c-ssrs-total": 5,
    "sf-12-physical-total": 100,
    "sf-12-mental-total": 100,
    "wsas-total": 40,
}
"""Highest total by its code; the lowest is 0 (domain page, instruments)."""
_ANSWERED = frozenset({"55758-7", "44261-6", "70274-6", "gad-2-total", "75626-2"})


def _integers(node: Json) -> Iterator[tuple[str, int]]:
    """Whole numbers answered at the first level, with their linkId."""
    for item in objects(node, "item"):
        for answer in objects(item, "answer"):
            if isinstance(answer.get("valueInteger"), int):
                yield text(item, "linkId"), answer["valueInteger"]


def _quantity(node: Json) -> Any:
    return child(node, "valueQuantity").get("value")


def _within(node: Json) -> bool:
    value = _quantity(node)
    highest = [_HIGHEST[code] for code in codes(node, "code") if code in _HIGHEST]
    return all(isinstance(value, int | Decimal) and 0 <= value <= one for one in highest)


def _ours(node: Json) -> bool:
    return any(one.get("system") == LOINC or one.get("code") == "gad-2-total" for one in codings(node, "code"))


def _whole(node: Json) -> bool:
    value = _quantity(node)
    return value is None or (isinstance(value, int | Decimal) and value % 1 == 0)


def _specialised(node: Json) -> bool:
    return "specialised-care" in codes(node, "valueCodeableConcept")


def _without_care(node: Json) -> bool:
    return any("none" in codes(one, "valueCodeableConcept") for one in objects(node, "component"))


SCORES: dict[str, Holds] = {
    "ses-qr-1": lambda node: (
        text(node, "questionnaire").startswith(f"{ROOT}/Questionnaire/") or "questionnaire" not in node
    ),
    "ses-qr-2": lambda node: status(node) not in {"completed", "amended"} or any(True for _ in _integers(node)),
    "ses-qr-3": lambda node: all(
        0 <= value <= _HIGHEST[link_id] for link_id, value in _integers(node) if link_id in _ANSWERED
    ),
    "ses-que-1": lambda node: all(
        len(objects(one, "answerOption")) > 1 for one in objects(node, "item") if one.get("type") == "choice"
    ),
    "ses-que-2": lambda node: all(
        one.get("readOnly") is True for one in objects(node, "item") if one.get("type") == "integer"
    ),
    "ses-obs-1": _within,
    "ses-obs-2": lambda node: not _ours(node) or "derivedFrom" in node,
    "ses-obs-3": _whole,
    "ses-exi-1": lambda node: not (_specialised(node) and _without_care(node)),
}
