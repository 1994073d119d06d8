"""Mutations of primitive values: dates, codes, numbers, URLs, ids, texts, encoded data."""

import random
import re

from sesame_fhir.fhir.json_types import Json
from tests.conformance.mutants.places import Mutation, Place, act

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T.*)?)?)?")
_CODES = frozenset(
    {"status", "intent", "gender", "use", "kind", "mode", "docStatus", "lifecycleStatus", "content", "required"}
)
_URLS = frozenset({"system", "url", "profile", "questionnaire", "measure", "instantiatesCanonical", "fullUrl"})
_SHOWN = frozenset({"display", "text", "title", "description", "name", "family", "unit"})


def _is_date(place: Place) -> bool:
    return isinstance(place.value, str) and _DATE.fullmatch(place.value) is not None and "version" not in place.name


def _bad_date(place: Place, chance: random.Random) -> None:
    wrongs = ("2024-02-30", "2024-13-01", "2023-02-29", "2024-1-5", "24-01-05", "05/01/2024", "2024-01-05T", "hier")
    times = ("2024-01-05T10:00:00", "2024-01-05T25:00:00Z", "2024-01-05T10:00Z", "2024-01-05 10:00:00Z")
    place.set(chance.choice(wrongs + times if "T" in place.value else wrongs))


def _bad_code(place: Place, chance: random.Random) -> None:
    place.set(chance.choice(["inconnu", place.value.upper(), f"{place.value} ", f" {place.value}", "two  spaces"]))


def _bad_coding(place: Place, chance: random.Random) -> None:
    """A code that its own code system does not have, where that is HL7's and known."""
    place.value["code"] = chance.choice(["nonsense", place.value["code"].upper() + "X", "a b  c"])


def _is_hl7_coding(place: Place) -> bool:
    value = place.value
    return isinstance(value, dict) and "hl7.org/" in str(value.get("system")) and isinstance(value.get("code"), str)


def _bad_number(place: Place, chance: random.Random) -> None:
    wrongs = [-1, 3000000000, "3"] if isinstance(place.value, int) else ["1.5", "beaucoup"]
    place.set(chance.choice([*wrongs, 1.5] if isinstance(place.value, int) else wrongs))


def _bad_id(resource: Json, chance: random.Random) -> str:
    resource["id"] = chance.choice(["with space", "é", "a" * 65, "under_score", "", 7, "a/b"])
    return "id"


MUTATIONS: dict[str, Mutation] = {
    "bad date": act(_is_date, _bad_date),
    "bad code": act(lambda place: place.key in _CODES and isinstance(place.value, str), _bad_code),
    "unknown code of HL7": act(_is_hl7_coding, _bad_coding),
    "bad number": act(
        lambda place: not isinstance(place.value, bool | str | dict | list) and place.value is not None, _bad_number
    ),
    "bad boolean": act(
        lambda place: isinstance(place.value, bool), lambda place, chance: place.set(chance.choice(["true", 1, "oui"]))
    ),
    "bad URL": act(
        lambda place: place.name in _URLS and isinstance(place.value, str),
        lambda place, chance: place.set(chance.choice(["with space", "", "http://a b", 5, "\thttp://a"])),
    ),
    "bad id": _bad_id,
    "bad language": act(
        lambda place: place.key == "language" and isinstance(place.value, str),
        lambda place, chance: place.set(chance.choice(["français de France", "", "zz zz"])),
    ),
    "empty text": act(
        lambda place: place.name in _SHOWN and isinstance(place.value, str),
        lambda place, chance: place.set(chance.choice(["", " ", "\n", " "])),
    ),
    "control character": act(
        lambda place: place.name in _SHOWN and isinstance(place.value, str),
        lambda place, chance: place.set(place.value + chance.choice(["\x01", "\x08", "\x1f"])),
    ),
    "bad base64": act(
        lambda place: place.key in {"data", "hash"} and isinstance(place.value, str),
        lambda place, chance: place.set(chance.choice(["é€", "a", "****", "YQ="])),
    ),
    "bad narrative": act(
        lambda place: place.key == "div" and isinstance(place.value, str),
        lambda place, chance: place.set(
            chance.choice(
                [
                    "<p>sans espace de noms</p>",
                    '<div xmlns="http://www.w3.org/1999/xhtml"><script>x()</script></div>',
                    '<div xmlns="http://www.w3.org/1999/xhtml"></div>',
                    '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="x()">a</p></div>',
                    '<div xmlns="http://www.w3.org/1999/xhtml"><p>a</div>',
                ]
            )
        ),
    ),
}
