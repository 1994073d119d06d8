"""The part of FHIRPath that our forms are populated with; anything else is refused by name, never guessed.

Understood: ``%name`` and names after it, ``first()``, ``last()``, ``where(name = 'text')``, ``[n]``, ``today()``,
``now()``, ``'text'``, joined by ``&`` or ``|``. A name also reaches a choice element (``value`` finds
``valueQuantity``) and everything in a list. Each step walks what the step before found: cost is linear.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.fhir.json_types import Json

MAX_LENGTH = 1000
"""Longest expression, in characters."""
_TOKEN = re.compile(
    r"\s*(?:(?P<variable>%(?:[A-Za-z_][\w-]*|`[^`]+`))|(?P<text>'[^'\\]*')|(?P<sign>[&|])"
    r"|(?P<call>\.?(?:first|last|today|now)\(\))"
    r"|(?P<where>\.where\(\s*(?P<name>\w+)\s*=\s*'(?P<value>[^'\\]*)'\s*\))"
    r"|\[(?P<place>\d{1,4})\]|\.(?P<step>[A-Za-z_]\w*))"
)


class UnknownExpressionError(ValueError):
    """The expression uses what is not understood here."""


def evaluate(expression: str, variables: Mapping[str, Any], now: datetime) -> list[Any]:
    """Values of an expression, none when something on the way is absent.

    Args:
        expression: FHIRPath of the part above.
        variables: by name without ``%``: a resource, a list of them, or a simple value.
        now: aware.

    Raises:
        UnknownExpressionError: syntax or a name beyond that part.
    """
    if len(expression) > MAX_LENGTH:
        raise UnknownExpressionError("expression too long")
    terms: list[list[Any]] = [[]]
    joiners: list[str] = []
    fresh = True
    for found in _tokens(expression):
        if found["sign"]:
            if fresh:
                raise UnknownExpressionError("nothing to join")
            joiners.append(found["sign"])
            terms.append([])
            fresh = True
            continue
        terms[-1] = _start(found, variables, now) if fresh else list(_step(found, terms[-1]))
        fresh = False
    if fresh:
        raise UnknownExpressionError("nothing to evaluate")
    return _joined(terms, joiners)


def _tokens(expression: str) -> Iterator[re.Match[str]]:
    place = 0
    text = expression.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise UnknownExpressionError(text[place : place + 20])
        yield found
        place = found.end()


def _start(found: re.Match[str], variables: Mapping[str, Any], now: datetime) -> list[Any]:
    if found["variable"]:
        name = found["variable"].strip("%`")
        if name not in variables:
            raise UnknownExpressionError(found["variable"])
        known = variables[name]
        return list(known) if isinstance(known, list) else [] if known is None else [known]
    if found["text"]:
        return [found["text"][1:-1]]
    if found["call"] == "today()":
        return [local_day(now).isoformat()]
    if found["call"] == "now()":
        return [now.isoformat(timespec="seconds")]
    raise UnknownExpressionError(found[0])


def _step(found: re.Match[str], values: list[Any]) -> Iterable[Any]:
    if found["step"]:
        return _inside(values, found["step"])
    if found["where"]:
        name, value = found["name"], found["value"]
        return [one for one in values if value in list(_inside([one], name))]
    if found["place"]:
        return values[int(found["place"]) : int(found["place"]) + 1]
    if found["call"] == ".first()":
        return values[:1]
    if found["call"] == ".last()":
        return values[-1:]
    raise UnknownExpressionError(found[0])


def _inside(values: Iterable[Any], name: str) -> Iterator[Any]:
    for value in values:
        if isinstance(value, dict):
            found = value.get(name, _choice(value, name))
            yield from found if isinstance(found, list) else () if found is None else (found,)


def _choice(node: Json, name: str) -> Any:
    size = len(name)
    return next((value for key, value in node.items() if key.startswith(name) and key[size : size + 1].isupper()), None)


def _joined(terms: list[list[Any]], joiners: list[str]) -> list[Any]:
    """``|`` keeps all values, each once; ``&`` writes one text, an absent part being empty."""
    result = terms[0]
    for sign, term in zip(joiners, terms[1:], strict=True):
        if sign == "|":
            result = [*result, *(one for one in term if one not in result)]
        else:
            result = ["".join(str(one) for one in (*result[:1], *term[:1]))]
    return result
