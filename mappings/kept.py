"""What another system wrote beside a resource and no mapping reads: taken out of what came, put into what is published.

A built element always wins: a kept one fills what the mapping does not say, and is added to its lists. Elements that
the mapping ever writes, or that a command was made of, are never kept (``OWNED``): they would contradict what happens
later. Our own codes and identifiers are not kept either.
"""

from collections.abc import Mapping
from typing import Any

from sesame_fhir.fhir.canonical import ROOT, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.walk import strings
from sesame_fhir.fhir.writer import write_json

_OUR_PROFILES = own("StructureDefinition", "")
_EVERYWHERE = frozenset({"resourceType", "id", "language", "meta.versionId", "meta.lastUpdated", "implicitRules"})

OWNED: Mapping[str, frozenset[str]] = {
    "QuestionnaireResponse": frozenset(
        (
            *("questionnaire", "status", "subject", "authored", "author", "source"),
            *("item.text", "item.answer"),
        )
    ),
    "ServiceRequest": frozenset(
        (
            *("status", "intent", "subject", "encounter", "authoredOn", "requester", "reasonReference"),
            *("supportingInfo", "note"),
        )
    ),
    "Task": frozenset(
        (
            *("status", "statusReason", "businessStatus", "intent", "priority", "code", "description", "focus", "for"),
            *("authoredOn", "lastModified", "owner", "requester", "reasonReference", "input", "output", "note"),
        )
    ),
    "Appointment": frozenset(("status", "cancelationReason", "start", "end", "comment")),
    "Encounter": frozenset(
        ("status", "class", "subject", "episodeOfCare", "appointment", "period", "length", "statusHistory")
    ),
    "Consent": frozenset(
        ("status", "patient", "dateTime", "performer", "policyRule", "provision", "sourceReference", "sourceAttachment")
    ),
    "Coverage": frozenset(("status", "type", "beneficiary", "payor", "class", "costToBeneficiary")),
}
"""Type -> paths of what is the mapping's alone."""

_CLOSED = frozenset({("QuestionnaireResponse", "item")})
"""Lists to which nothing is added: an item that the instrument does not have is no answer of the patient."""

_PROFILE = "meta.profile"
_PEOPLE = ("Patient/", "Practitioner/", "PractitionerRole/")
_NAMES = (("linkId",), ("url",), ("system", "code"), ("system", "value"), ("reference",), ("id",))
"""What tells that two items of lists are the same thing, the first that both have."""


def kept_of(resource: Json, ours: frozenset[str] = frozenset()) -> str:
    """The elements to keep of a resource that came, as JSON; ``{}`` when there is nothing to keep.

    ``ours`` are URLs of extensions that a command has read.
    """
    kind = resource["resourceType"]
    owned = _EVERYWHERE | OWNED[kind]
    rest = _stripped(resource, owned, "", ours)
    if kind in {"Appointment", "Encounter"}:
        rest = _without_people(rest)
    return write_json(_without_unused(rest, resource)).decode()


def kept_still(resource: Json, before: Json, known: str, ours: frozenset[str] = frozenset()) -> str:
    """The same for an update: an element that the client leaves as it was published stays kept, or built, as it was."""
    sent, published, held = (
        read_json(text.encode()) for text in (kept_of(resource, ours), kept_of(before, ours), known)
    )
    same = {name: held[name] for name, value in sent.items() if published.get(name) == value and name in held}
    other = {name: value for name, value in sent.items() if published.get(name) != value}
    return write_json({**same, **other}).decode()


def with_kept(built: Json, kept: str | None) -> Json:
    """The published resource: what the mapping built, and what was kept beside it (``kept_of``)."""
    if kept is None:
        return built
    merged: Json = _merged(built, read_json(kept.encode()), built["resourceType"], "")
    return merged


def _stripped(node: Json, owned: frozenset[str], path: str, ours: frozenset[str]) -> Json:
    found: Json = {}
    for name, value in node.items():
        here = f"{path}{name}"
        # The extensions of an owned primitive go with it.
        if here in owned or f"{path}{name.removeprefix('_')}" in owned:
            continue
        rest = _rest(value, owned, here, ours)
        if rest not in ({}, []):
            found[name] = rest
    return found


def _rest(value: Any, owned: frozenset[str], here: str, ours: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {} if _is_ours(value, ours) else _stripped(value, owned, f"{here}.", ours)
    if isinstance(value, list):
        # What our own profiles ask is the mapping's to claim.
        items = [_rest(item, owned, here, ours) for item in value if not str(item).startswith(_OUR_PROFILES)]
        return [item for item in items if item not in ({}, []) and not (here == _PROFILE and _is_of_ours(item))]
    return value


def _is_ours(node: Json, ours: frozenset[str]) -> bool:
    """One of our own codes or identifiers, or an extension that a command has read."""
    return _is_of_ours(node.get("system")) or node.get("url") in ours


def _is_of_ours(url: object) -> bool:
    return str(url).startswith(f"{ROOT}/")


def _without_people(rest: Json) -> Json:
    """Who takes part for the pathway is the mapping's; a room, an interpreter, a device may come along."""
    others = [one for one in rest.get("participant", ()) if not _is_person(one)]
    return {**{k: v for k, v in rest.items() if k != "participant"}, **({"participant": others} if others else {})}


def _is_person(participant: Json) -> bool:
    named = participant.get("actor") or participant.get("individual") or {}
    literal = str(named.get("reference", ""))
    return not named or named.get("type") in {"Patient", "Practitioner"} or any(p in f"{literal}" for p in _PEOPLE)


def _without_unused(rest: Json, resource: Json) -> Json:
    """Leave out what was contained for an element that is not kept: R4 wants it used (dom-3)."""
    if "contained" not in resource:
        return rest
    others = {name: value for name, value in rest.items() if name != "contained"}
    used = {text for text in strings(others) if text.startswith("#")}
    contained = [one for one in resource["contained"] if f"#{one.get('id')}" in used]
    return {**others, **({"contained": contained} if contained else {})}


def _merged(built: Json, kept: Json, kind: str, path: str) -> Json:
    found = dict(built)
    for name, value in kept.items():
        here = f"{path}{name}"
        if name not in built:
            if (kind, here) not in _CLOSED:
                found[name] = value
        elif isinstance(value, dict) and isinstance(built[name], dict):
            found[name] = _merged(built[name], value, kind, f"{here}.")
        elif isinstance(value, list) and isinstance(built[name], list):
            found[name] = _joined(built[name], value, kind, here)
    return found


def _joined(built: list[Any], kept: list[Any], kind: str, here: str) -> list[Any]:
    found = list(built)
    for item in kept:
        at = next((n for n, known in enumerate(built) if _same(known, item)), None)
        if at is not None and isinstance(item, dict):
            found[at] = _merged(found[at], item, kind, f"{here}.")
        elif at is None and (kind, here) not in _CLOSED:
            found.append(item)
    return found


def _same(one: Any, other: Any) -> bool:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return bool(one == other)
    names = next((n for n in _NAMES if all(part in one and part in other for part in n)), None)
    return one == other if names is None else all(one[part] == other[part] for part in names)
