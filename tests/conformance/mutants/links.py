"""Mutations of references, contained resources, extensions and metadata."""

import random
from typing import Any

from sesame_fhir.fhir.json_types import Json
from tests.conformance.mutants.places import Mutation, act

_ANY = "https://sesame-fhir.fr/ig/StructureDefinition/unknown"
_NOWHERE = ("#absent", "Patient/with space", "not a reference", "", "Nothing/1", "Patient", 12)
_ORGANIZATION: Json = {"resourceType": "Organization", "id": "in", "name": "Fictive"}


def _contained(*inner: Json) -> Mutation:
    """Contained resources that are used: a Communication in French may hold an Organization, as may any other."""

    def mutate(resource: Json, chance: random.Random) -> str | None:
        if resource["resourceType"] in {"Bundle", "Parameters", "Binary"}:
            return None
        resource.setdefault("contained", []).extend(inner)
        # FR Core's Organization names extensions of R5 that are not here: with any at all, nobody can tell them apart.
        if chance.random() < 0.5 and resource["resourceType"] != "Organization":
            resource.setdefault("extension", []).append(_pointer(inner[0]))
        return "contained"

    return mutate


def _pointer(inner: Json) -> Json:
    return {"url": _ANY, "valueReference": {"reference": f"#{inner.get('id', 'in')}"}}


def _meta(**added: Any) -> Mutation:
    def mutate(resource: Json, _chance: random.Random) -> str:
        resource["meta"] = {**resource.get("meta", {}), **added}
        return "meta"

    return mutate


def _extension(extension: Json) -> Mutation:
    def mutate(resource: Json, _chance: random.Random) -> str | None:
        if resource["resourceType"] == "Bundle":
            return None
        resource.setdefault("extension", []).append(extension)
        return "extension"

    return mutate


MUTATIONS: dict[str, Mutation] = {
    "wrong reference": act(
        lambda place: place.key == "reference" and isinstance(place.value, str),
        lambda place, chance: place.set(chance.choice(_NOWHERE)),
    ),
    "reference to another type": act(
        lambda place: place.key == "reference" and isinstance(place.value, str) and "/" in place.value,
        lambda place, chance: place.set(chance.choice(["Medication/1", "Binary/1", "ValueSet/1", "Patient/1"])),
    ),
    "reference says another type": act(
        lambda place: isinstance(place.value, dict) and "reference" in place.value,
        lambda place, _: place.value.update({"type": "Medication"}),
    ),
    "type of a reference is no type": act(
        lambda place: isinstance(place.value, dict) and "identifier" in place.value and "type" in place.value,
        lambda place, _: place.value.update({"type": "Personne"}),
    ),
    "empty reference": act(
        lambda place: isinstance(place.value, dict) and place.value.keys() & {"reference", "display"} != set(),
        lambda place, _: place.set({"display": ""}),
    ),
    "contained resource": _contained(_ORGANIZATION),
    "contained without id": _contained({"resourceType": "Organization", "name": "Fictive"}),
    "contained inside contained": _contained({**_ORGANIZATION, "contained": [{**_ORGANIZATION, "id": "deep"}]}),
    "contained with a version": _contained({**_ORGANIZATION, "meta": {"versionId": "1"}}),
    "contained with a label": _contained({**_ORGANIZATION, "meta": {"security": [{"code": "R"}]}}),
    "contained twice": _contained(_ORGANIZATION, _ORGANIZATION),
    "contained is wrong": _contained({**_ORGANIZATION, "active": "yes"}),
    "contained breaks its rule": _contained({"resourceType": "Organization", "id": "in", "active": True}),
    "contained is no resource": _contained({"id": "in", "name": "Fictive"}),
    "contained of an unknown type": _contained({"resourceType": "Organisation", "id": "in"}),
    "bad lastUpdated": _meta(lastUpdated="2026-01-01"),
    "profile is no list": _meta(profile="https://sesame-fhir.fr/ig/StructureDefinition/sesame-patient"),
    "tag is a text": _meta(tag=["test"]),
    "extension without url": _extension({"valueString": "x"}),
    "extension without value": _extension({"url": _ANY}),
    "extension with both": _extension({"url": _ANY, "valueString": "x", "extension": [{"url": "a", "valueCode": "b"}]}),
    "extension with two values": _extension({"url": _ANY, "valueString": "x", "valueCode": "y"}),
    "extension of no type": _extension({"url": _ANY, "valueTexte": "x"}),
    "unknown modifier extension": lambda resource, _chance: (
        resource.setdefault("modifierExtension", []).append({"url": _ANY}) or "modifierExtension"
    ),
}
