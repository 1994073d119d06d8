"""Encounter -> a contact that was held, or written again. Its notes are documents, not elements of an Encounter."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mappings.code_systems import CONTACT_MODES, CONTACT_TASKS
from mappings.incoming.elements import (
    absent,
    claims,
    coded,
    contradictory,
    given_moment,
    literal_id,
    names,
    needed_moment,
)
from sesame_fhir.domain.events import ContactMode, ContactTask
from sesame_fhir.fhir.canonical import UCUM, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects

PROFILE = own("StructureDefinition", "sesame-encounter")
_MINUTES = {"min": 1, "h": 60}
_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A contact that took place. ``appointment`` is the planned one, when the Encounter names it."""

    at: datetime
    minutes: int
    mode: ContactMode
    task: ContactTask
    appointment: str | None


def is_ours(resource: Json) -> bool:
    """True for a contact of the pathway: it says how or for what in our codes."""
    kinds = objects(resource, "type")
    return names(CONTACT_MODES, kinds) or names(CONTACT_TASKS, kinds) or claims(resource, PROFILE)


def held(resource: Json) -> Held:
    """The contact.

    Raises:
        UnprocessableResource: no beginning or no duration, two that disagree, no mode.
    """
    at = needed_moment(resource, "period", "start")
    kinds = objects(resource, "type")
    task = coded(CONTACT_TASKS, ContactTask, kinds) or ContactTask.FOLLOW_UP
    planned = (literal_id(one, "Appointment") for one in objects(resource, "appointment"))
    return Held(at, _minutes(resource, at), _mode(resource, kinds), task, next((one for one in planned if one), None))


def _mode(resource: Json, kinds: list[Json]) -> ContactMode:
    mode = coded(CONTACT_MODES, ContactMode, kinds)
    where = child(resource, "class").get("code")
    if mode is None:
        if where == "AMB":
            return ContactMode.ON_SITE
        raise absent("Encounter.type", "Dire comment : un code de sesame-contact-mode.")
    if where in {"AMB", "VR"} and (where == "AMB") is not (mode is ContactMode.ON_SITE):
        raise contradictory("La classe et le mode du contact se contredisent.", "Encounter.class", "Encounter.type")
    return mode


def _minutes(resource: Json, at: datetime) -> int:
    end, length = given_moment(resource, "period", "end"), child(resource, "length")
    counted = None if end is None else round((end - at) / timedelta(minutes=1))
    if not length:
        if counted is None:
            raise absent("Encounter.length", "Donner la durée : length en minutes, ou la fin dans period.")
        return counted
    factor = _MINUTES.get(str(length.get("code"))) if length.get("system") == UCUM else None
    if factor is None or length.get("value") is None:
        raise absent("Encounter.length", "Donner la durée en minutes (UCUM min).")
    minutes = round(Decimal(str(length["value"])) * factor)
    if counted is not None and abs(counted - minutes) * timedelta(minutes=1) > _SLACK:
        raise contradictory("La durée et la fin du contact se contredisent.", "Encounter.length", "Encounter.period")
    return minutes
