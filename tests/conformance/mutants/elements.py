"""Mutations of the structure: elements missing, unknown, doubled, empty, of another JSON type."""

import random
from typing import Any

from sesame_fhir.fhir.json_types import Json
from tests.conformance.mutants.places import Mutation, Place, act

_REQUIRED = {
    "Appointment": ("status", "participant"),
    "AuditEvent": ("type", "recorded", "agent", "source"),
    "CarePlan": ("status", "intent", "subject"),
    "Claim": ("status", "type", "use", "patient", "created", "provider", "priority", "insurance"),
    "ClaimResponse": ("status", "type", "use", "patient", "created", "insurer", "outcome"),
    "Communication": ("status",),
    "Composition": ("status", "type", "date", "author", "title"),
    "Condition": ("subject",),
    "Consent": ("status", "scope", "category"),
    "Coverage": ("status", "beneficiary", "payor"),
    "DocumentReference": ("status", "content"),
    "Encounter": ("status", "class"),
    "EpisodeOfCare": ("status", "patient"),
    "Flag": ("status", "code", "subject"),
    "Goal": ("lifecycleStatus", "description", "subject"),
    "Measure": ("status",),
    "MeasureReport": ("status", "type", "measure", "period"),
    "MedicationStatement": ("status", "subject", "medicationCodeableConcept"),
    "Observation": ("status", "code"),
    "PaymentReconciliation": ("status", "created", "paymentDate", "paymentAmount"),
    "Provenance": ("target", "recorded", "agent"),
    "Questionnaire": ("status",),
    "QuestionnaireResponse": ("status",),
    "ServiceRequest": ("status", "intent", "subject"),
    "Task": ("status", "intent"),
}
_INNER_REQUIRED = frozenset(
    {"actor", "agent", "code", "content", "attachment", "linkId", "type", "url", "who", "target", "actions", "sequence"}
)
_CHOICES = ("value", "effective", "onset", "occurrence", "deceased", "medication", "multipleBirth", "serviced")


def _drop_required(resource: Json, chance: random.Random) -> str | None:
    there = [name for name in _REQUIRED.get(resource["resourceType"], ()) if name in resource]
    if not there:
        return None
    name = chance.choice(there)
    del resource[name]
    return name


def _is_property(place: Place) -> bool:
    return isinstance(place.holder, dict)


def _other_type(place: Place, chance: random.Random) -> None:
    place.set(chance.choice([one for one in _wrongs(place.value) if one != place.value]))


def _wrongs(value: Any) -> list[Any]:
    """The same content as another JSON type would hold it."""
    match value:
        case bool():
            return [str(value).lower(), int(value)]
        case str():
            return [12, True, [value], {"value": value}]
        case dict():
            return [[value], "text", 1]
        case list():
            return [value[0], {"0": value[0]}, "text"]
        case _:
            return [str(value), [value], True]


def _choice_stem(name: str) -> str | None:
    found = (stem for stem in _CHOICES if name.startswith(stem) and name[len(stem) :][:1].isupper())
    return next(found, None)


def _second_value(place: Place, chance: random.Random) -> None:
    stem = _choice_stem(place.key)
    others = {"String": "deux", "Boolean": True, "DateTime": "2026-01-01", "Integer": 3}
    name = chance.choice([kind for kind in others if f"{stem}{kind}" not in place.holder])
    place.holder[f"{stem}{name}"] = others[name]


def _not_offered(place: Place, _chance: random.Random) -> None:
    place.remove()
    place.holder["valueMoney"] = {"value": 1}


def _rename(place: Place, chance: random.Random) -> None:
    name = str(place.key)
    other = chance.choice([f"{name}s", name.upper(), f"{name[:-1]}", f"x{name}"])
    place.holder[other] = place.holder.pop(place.key)


def _double(place: Place, _chance: random.Random) -> None:
    place.set([place.value, place.value])


def _is_single_object(place: Place) -> bool:
    return isinstance(place.value, dict) and _is_property(place)


MUTATIONS: dict[str, Mutation] = {
    "required element dropped": _drop_required,
    "inner element dropped": act(
        lambda place: _is_property(place) and len(place.path) > 1 and place.key in _INNER_REQUIRED,
        lambda place, _: place.remove(),
    ),
    "any element dropped": act(
        lambda place: _is_property(place) and place.key not in {"id", "meta", "language"},
        lambda place, _: place.remove(),
    ),
    "wrong JSON type": act(lambda place: place.value not in ([], {}), _other_type),
    "unknown element": act(
        lambda place: isinstance(place.value, dict),
        lambda place, chance: place.value.update({chance.choice(["sesame", "comment_", "valeur", "div1"]): "x"}),
    ),
    "element renamed": act(lambda place: _is_property(place) and not str(place.key).startswith("_"), _rename),
    "two values of a choice": act(
        lambda place: _is_property(place) and _choice_stem(str(place.key)) is not None, _second_value
    ),
    "choice of a type that is not offered": act(
        lambda place: _is_property(place) and _choice_stem(str(place.key)) == "value" and "extension" not in place.path,
        _not_offered,
    ),
    "empty object": act(lambda place: isinstance(place.value, dict), lambda place, _: place.set({})),
    "empty list": act(lambda place: isinstance(place.value, list), lambda place, _: place.set([])),
    "null": act(_is_property, lambda place, _: place.set(None)),
    "null in a list": act(lambda place: isinstance(place.value, list), lambda place, _: place.value.append(None)),
    "one where several may be": act(
        lambda place: isinstance(place.value, list) and len(place.value) == 1,
        lambda place, _: place.set(place.value[0]),
    ),
    "several where one may be": act(_is_single_object, _double),
}
