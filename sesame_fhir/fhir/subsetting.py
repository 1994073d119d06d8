"""Parts of a resource, as ``_summary`` and ``_elements`` ask for them (https://hl7.org/fhir/R4/search.html#summary).

Only the levels that are cut are decoded; what is kept passes as it was written, decimals included. Whatever is asked,
what is mandatory or modifies the meaning is kept, and the tag SUBSETTED warns not to write the rest back.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from sesame_fhir.fhir.elements import element_table
from sesame_fhir.fhir.errors import InvalidSearch
from sesame_fhir.fhir.outcomes import IssueType, error

MAX_ELEMENTS = 100
"""Most names in one ``_elements``."""

Summary = Literal["true", "text", "data"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_TAG = msgspec.Raw(b'{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}')
_ALWAYS = frozenset({"resourceType", "id", "meta"})

_Node = dict[str, msgspec.Raw]
_NODE = msgspec.json.Decoder(_Node)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TAGS = msgspec.json.Decoder(list[dict[str, object]])
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class View:
    """The part asked for: a summary, or the elements named."""

    summary: Summary | None = None
    elements: frozenset[str] = frozenset()


def read_view(pairs: Iterable[tuple[str, str]]) -> View | None:
    """The part that the parameters of a read ask for; None: all of it.

    Raises:
        InvalidSearch: a value that is none of ours, both parameters at once, or a count, which is for searches.
    """
    given = [(name, value) for name, value in pairs if name in ("_summary", "_elements") and value]
    if not given:
        return None
    if len(given) > 1:
        raise InvalidSearch(error(IssueType.INVALID, "_summary ou _elements, une seule fois."))
    name, value = given[0]
    view = view_of(name, value)
    if view is None:
        raise InvalidSearch(error(IssueType.VALUE, f"{name} : valeur non prise en charge ici."))
    return None if view == View() else view


def view_of(name: str, value: str) -> View | None:
    """The view of one parameter (the whole resource: ``View()``), None for a value that is not one."""
    if name == "_elements":
        named = value.split(",")
        if len(named) > MAX_ELEMENTS or not all(map(_NAME.fullmatch, named)):
            return None
        return View(elements=frozenset(named))
    modes: Mapping[str, View] = {
        "false": View(),
        "true": View("true"),
        "text": View("text"),
        "data": View("data"),
    }
    return modes.get(value)


def subset(body: bytes, view: View) -> bytes:
    """The part of a resource's JSON, tagged SUBSETTED."""
    node = _NODE.decode(body)
    resource_type: str = msgspec.json.decode(node["resourceType"])
    node["meta"] = _tagged(node.get("meta"))
    if view.summary == "true":
        return _encode(_pruned(node, resource_type))
    return _encode({name: value for name, value in node.items() if _wanted(name, resource_type, view)})


def _wanted(name: str, resource_type: str, view: View) -> bool:
    if view.summary == "data":
        return name not in ("text", "_text")
    plain = name.removeprefix("_")
    if plain in _ALWAYS or plain in element_table().kept.get(resource_type, frozenset()):
        return True
    if view.summary == "text":
        return plain == "text"
    return plain in view.elements or any(_is_choice(plain, stem) for stem in view.elements)


def _is_choice(name: str, stem: str) -> bool:
    """``value`` asks for ``valueQuantity`` too."""
    return name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper()


def _pruned(node: _Node, definition: str) -> _Node:
    """What the summary keeps of an object; primitives keep their extensions."""
    kept = element_table().summary.get(definition)
    if kept is None:
        return node
    found: _Node = {}
    for name, value in node.items():
        inside = kept.get(name.removeprefix("_"))
        if inside is not None or name == "resourceType":
            found[name] = _inside(value, inside) if inside else value
    return found


def _inside(value: msgspec.Raw, definition: str) -> msgspec.Raw:
    first = bytes(value).lstrip()[:1]
    if first == b"{":
        return msgspec.Raw(_encode(_pruned(_NODE.decode(value), definition)))
    if first == b"[":
        return msgspec.Raw(_encode([_inside(item, definition) for item in _LIST.decode(value)]))
    return value


def _tagged(meta: msgspec.Raw | None) -> msgspec.Raw:
    node = {} if meta is None else _NODE.decode(meta)
    tags = _LIST.decode(node["tag"]) if "tag" in node else []
    if not any(one.get("code") == "SUBSETTED" for one in _TAGS.decode(node.get("tag", msgspec.Raw(b"[]")))):
        node["tag"] = msgspec.Raw(_encode([*tags, _TAG]))
    return msgspec.Raw(_encode(node))
