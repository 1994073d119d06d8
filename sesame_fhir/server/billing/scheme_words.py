"""What the JSON Schema finds wrong in a scheme file, in words that say what to write instead."""

import json
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from importlib.resources import files
from typing import Any

import jsonschema

from sesame_fhir.server.billing.findings import Remark
from sesame_fhir.server.billing.toml_lines import KeyPath

JsonDict = dict[str, Any]

_BELOW_A_SCHEME = len(("scheme", 0, "biller", 0))
_KINDS = {
    "string": "a text in quotes",
    "integer": "a whole number, without quotes",
    "boolean": "true or false, without quotes",
    "array": "a list in square brackets",
    "object": "a table",
}


def schema() -> JsonDict:
    """The JSON Schema of a scheme file."""
    text = (files("sesame_fhir.server.billing") / "scheme.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def structure_remarks(document: JsonDict) -> Iterator[Remark]:
    """What the schema refuses, each once."""
    checker = jsonschema.FormatChecker(("date",))
    validator = jsonschema.Draft202012Validator(schema(), format_checker=checker)
    seen = set()
    for error in validator.iter_errors(document):
        for remark in _remarks(error):
            if remark not in seen:
                seen.add(remark)
                yield remark


def _remarks(error: jsonschema.ValidationError) -> Iterator[Remark]:
    path: KeyPath = tuple(error.absolute_path)
    found: Any = error.instance
    wanted: Any = error.validator_value
    of: Any = error.schema  # ours: always a table
    if error.validator == "required":
        for name in wanted:
            if name not in found:
                yield Remark((*path, name), f"missing; add {_assignment(name, _property(of, name))}")
    elif error.validator == "additionalProperties":
        for name in found:
            if name not in of["properties"]:
                yield Remark((*path, name), _unknown(path, name, of["properties"]))
    else:
        yield Remark(path, _told(str(error.validator), found, wanted, of, str(path[-1]) if path else ""))


def _told(rule: str, found: Any, wanted: Any, of: JsonDict, name: str) -> str:
    if (special := _SPECIAL.get(of.get("title", ""))) is not None:
        return special(found, name)
    words: Mapping[str, Callable[[], str]] = {
        "type": lambda: _other_kind(found, wanted, name, of),
        "enum": lambda: f"{_shown(found)} is not one of {', '.join(wanted)}{_nearest(found, wanted)}",
        "minimum": lambda: f"{found} is less than {wanted}, the least there can be",
        "maximum": lambda: f"{found} is more than {wanted}, the most there can be",
        "minLength": lambda: "it is empty",
        "maxLength": lambda: f"it has {len(found)} characters; {wanted} at most",
        "minItems": lambda: "at least one is needed",
        "uniqueItems": lambda: "the same entry is in it twice",
        "oneOf": lambda: "give finess or siret, one of the two",
    }
    return words.get(rule, lambda: _not_as_described(found, name, of))()


def _other_kind(found: object, wanted: str, name: str, of: JsonDict) -> str:
    if wanted == "array" and isinstance(found, dict):
        return f"write {_assignment(name, of).removeprefix('a table ')} in double brackets: there may be several"
    return f"expected {_KINDS[wanted]}, for example {_assignment(name, of)}"


def _not_as_described(found: object, name: str, of: JsonDict) -> str:
    return f"{_shown(found)} is not as it must be, for example {_assignment(name, of)}: {of['description']}"


def _amount(found: object, name: str) -> str:
    if not isinstance(found, str):
        return f'write the amount in quotes, so that nothing rounds it: {name} = "{found}"'
    if found.strip().startswith("-"):
        return f"{_shown(found)} is negative; an amount is not"
    return f'{_shown(found)} is no amount in euros and cents; digits, a point, two decimals at most: {name} = "123.45"'


def _percent(found: object, name: str) -> str:
    if not isinstance(found, str):
        return f'write the percentage in quotes, so that nothing rounds it: {name} = "{found}"'
    if found.isdigit():
        return f"{_shown(found)} is more than the whole; 100 at most"
    return f'{_shown(found)} is no percentage from 0 to 100 with two decimals at most: {name} = "12.5"'


def _day(found: object, name: str) -> str:
    if isinstance(found, str) and (found[10:11] in {"T", " "}):
        return f"{_shown(found)} has a time; a day has none: {name} = {found[:10]}"
    return f"{_shown(found)} is no day of the calendar; year, month, day: {name} = 2026-12-31 (quotes are optional)"


_SPECIAL: Mapping[str, Callable[[object, str], str]] = {"amount": _amount, "percent": _percent, "day": _day}


def _unknown(path: KeyPath, name: str, known: JsonDict) -> str:
    if len(path) == _BELOW_A_SCHEME and name in schema()["$defs"]["scheme"]["properties"]:
        return f"this key belongs to [[scheme]]: write it above the first [[scheme.{path[2]}]]"
    near = get_close_matches(name, known, 1)
    return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; the keys here are {', '.join(known)}"


def _nearest(found: object, wanted: list[str]) -> str:
    near = get_close_matches(found, wanted, 1) if isinstance(found, str) else []
    return f"; did you mean {_shown(near[0])}?" if near else ""


def _property(of: JsonDict, name: str) -> JsonDict:
    found = dict(of["properties"][name])
    definition = found.get("$ref", "").rpartition("/")[2]
    return found | schema()["$defs"][definition] if definition else found


def _assignment(name: str, of: JsonDict) -> str:
    if "examples" not in of:
        return f"a table [[{'' if name == 'scheme' else 'scheme.'}{name}]]"
    example = of["examples"][0]
    return f"{name} = {example if of.get('title') == 'day' else _shown(example)}"


def _shown(value: object) -> str:
    """A value as TOML and JSON both write it; a long one is cut."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  what fits a line
