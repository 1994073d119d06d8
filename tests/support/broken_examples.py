"""A failing example for each rule of our profiles, made from the passing ones.

``python -m tests.support.broken_examples`` writes them again.

Each breaks its rule and, as far as the rule allows it, nothing else. What cannot be derived from a rule itself is in
``tests.support.broken_table``. The files are committed: ``profiles/examples/index.json`` says what each is for.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from mappings.profile_rules import Kind, Rule, elements_of, rules_of, value_of
from mappings.profiles import FOLDER
from sesame_fhir.fhir.json_types import Json
from tests.support.broken_table import FOREIGN, INSTEAD, OTHER_TYPES, REFERENCES

EXAMPLES = FOLDER / "examples"
INDEX = EXAMPLES / "index.json"
Spot = tuple[Json, str, int | None]
"""Where a value is: the object that holds it, under which name, and its place when it is in a list."""


def profiles() -> list[Json]:
    """Our profiles of resources, by id."""
    return [one for one in _definitions() if one["type"] != "Extension"]


def extensions() -> list[Json]:
    """Our extensions, by id; each is shown where a resource carries it."""
    return [one for one in _definitions() if one["type"] == "Extension"]


def _definitions() -> list[Json]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("StructureDefinition-*.json"))]


def passing(profile: Json) -> dict[str, Json]:
    """The passing examples of a profile, or of an extension, by file name."""
    found = {}
    for path in sorted(EXAMPLES.glob(f"pass-{profile['id']}-*.json")):
        resource = json.loads(path.read_text(encoding="utf-8"))
        if _roots(resource, profile):
            found[path.name] = resource
    return found


def _roots(resource: Json, profile: Json) -> list[Json]:
    """What the profile is about: the resource that claims it, or the extensions that have its url."""
    if profile["type"] == "Extension":
        return [one for one in resource.get("extension", ()) if one["url"] == profile["url"]]
    return [resource] if profile["url"] in resource["meta"]["profile"] else []


def spots(node: Json, segments: list[str], profile: Json, above: str) -> Iterator[Spot]:
    """Where an element (its id, split) has values in a resource, slices told apart as the profile tells them."""
    segment, *rest = segments
    name, _, slice_name = segment.partition(":")
    here = f"{above}.{segment}"
    for key in _keys(node, name):
        values = node[key] if isinstance(node[key], list) else [node[key]]
        for place, value in enumerate(values):
            if slice_name and not _belongs(value, here, profile):
                continue
            if rest and isinstance(value, dict):
                yield from spots(value, rest, profile, here)
            elif not rest:
                yield node, key, place if isinstance(node[key], list) else None


def _keys(node: Json, name: str) -> list[str]:
    stem = name.removesuffix("[x]")
    if stem == name:
        return [name] if name in node else []
    return [key for key in node if key.startswith(stem) and key[len(stem) :][:1].isupper()]


def _belongs(value: Any, slice_id: str, profile: Json) -> bool:
    known = {element["id"]: element for element in elements_of(profile)}
    for discriminator in known[slice_id.rpartition(":")[0]]["slicing"]["discriminator"]:
        asked = value_of(known[f"{slice_id}.{discriminator['path']}"])
        if asked is None or not _holds(value, discriminator["path"].split("."), asked[1]):
            return False
    return True


def _holds(value: Any, path: list[str], asked: Any) -> bool:
    if isinstance(value, list):
        return any(_holds(item, path, asked) for item in value)
    if path:
        return isinstance(value, dict) and path[0] in value and _holds(value[path[0]], path[1:], asked)
    if isinstance(asked, dict):
        return all(name in value and _holds(value[name], [], inner) for name, inner in asked.items())
    return _holds(value, [], asked[0]) if isinstance(asked, list) else bool(value == asked)


def broken(rule: Rule, profile: Json, resource: Json) -> Json | None:
    """A copy that breaks the rule; None where the example does not have what the rule is about."""
    made = deepcopy(resource)
    if rule.id in INSTEAD:
        return _assigned(made, INSTEAD[rule.id])
    if rule.kind is Kind.CONSTRAINT:
        raise LookupError(f"tests.support.broken_table says nothing of {rule.id}")
    segments = rule.element.split(".")[1:]
    found = [spot for root in _roots(made, profile) for spot in spots(root, segments, profile, profile["type"])]
    if not found:
        return None
    if rule.kind is Kind.MIN:
        _remove(found, rule.detail)
    elif rule.kind is Kind.MAX:
        return made if _repeat(found, int(rule.detail)) else None
    else:
        _change(rule, *found[0])
    return made


def _remove(found: list[Spot], least: int) -> None:
    """Leave one value less than asked where the element first is."""
    holder, key, _ = found[0]
    places = [place for node, name, place in found if node is holder and name == key]
    for place in reversed(places[least - 1 :]):
        if place is None:
            del holder[key]
        else:
            del holder[key][place]
    if key in holder and holder[key] == []:
        del holder[key]


def _repeat(found: list[Spot], most: int) -> bool:
    holder, key, place = found[0]
    if place is None:
        return False
    there = sum(1 for node, name, _ in found if node is holder and name == key)
    holder[key] += [deepcopy(holder[key][place]) for _ in range(most + 1 - there)]
    return True


def _change(rule: Rule, holder: Json, key: str, place: int | None) -> None:
    value = holder[key] if place is None else holder[key][place]
    if rule.kind is Kind.TYPE:
        del holder[key]
        name, other = OTHER_TYPES[rule.element.rpartition(".")[2]]
        holder[name] = other
        return
    if rule.kind is Kind.TARGET:
        other = REFERENCES.get(key, "Basic")
        value = {"type": other, "reference": f"{other}/1"}
    elif rule.kind is Kind.VALUE:
        value = deepcopy(FOREIGN["uri"] if isinstance(value, str) else FOREIGN["concept"])
    else:
        value = _with_other_codes(value)
    if place is None:
        holder[key] = value
    else:
        holder[key][place] = value


def _with_other_codes(value: Any) -> Any:
    codings = value.get("coding", [value])
    for coding in codings:
        coding["code"] = "inconnu"
        coding.pop("display", None)
    return value


def _assigned(resource: Json, changes: dict[str, Any]) -> Json | None:
    """Set (or, with None, remove) values by paths such as ``item[0].answer``; None where there is no such place."""
    for path, value in changes.items():
        *way, last = path.replace("[", ".[").split(".")
        node: Any = resource
        for step in way:
            try:
                node = node[int(step[1:-1])] if step.startswith("[") else node[step]
            except (KeyError, IndexError):
                return None
        key: Any = int(last[1:-1]) if last.startswith("[") else last
        if value is not None:
            node[key] = deepcopy(value)
        elif key in (range(len(node)) if isinstance(node, list) else node):
            del node[key]
        else:
            return None
    return resource


def failing() -> Iterator[tuple[Rule, str, str, Json]]:
    """Every rule with the passing example it is seen in, the failing file's name, and the failing resource.

    Raises:
        LookupError: no passing example has what a rule is about, or the rule needs an entry of the table.
    """
    for profile in [*profiles(), *extensions()]:
        examples = passing(profile)
        for rule in rules_of(profile):
            made = ((name, broken(rule, profile, one)) for name, one in examples.items())
            name, resource = next(((n, r) for n, r in made if r is not None and r != examples[n]), (None, None))
            if name is None or resource is None:
                raise LookupError(f"no passing example shows {rule.id}")
            yield rule, name, file_name(rule), resource


def file_name(rule: Rule) -> str:
    """``fail-sesame-encounter-type-task-min.json``."""
    words = rule.id.replace("[x]", "").replace("/", "-").replace(":", "-").replace(".", "-")
    return f"fail-{words}.json"


def write(folder: Path) -> int:
    """Write the failing examples and the index; returns how many rules there are."""
    index = []
    for rule, passed, failed, resource in failing():
        resource["id"] = "exemple-en-echec"
        (folder / failed).write_text(json.dumps(resource, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        index.append({"profile": rule.profile, "rule": rule.id, "pass": passed, "fail": failed})
    text = json.dumps(index, ensure_ascii=False, indent=1)
    (folder / INDEX.name).write_text(text + "\n", encoding="utf-8")
    return len(index)


if __name__ == "__main__":
    for left in EXAMPLES.glob("fail-*.json"):
        left.unlink()
    print(write(EXAMPLES), "rules")  # noqa: T201
