"""Invariants of Patient and Organization."""

from collections.abc import Iterator

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.walk import objects


def patient(resource: Json) -> Iterator[Problem]:
    """pat-1: a contact has a name, a telecom, an address or an organization."""
    for place, contact in enumerate(objects(resource, "contact")):
        if not contact.keys() & {"name", "telecom", "address", "organization"}:
            yield broken("pat-1", "Contact sans nom, moyen de contact, adresse ni organisation.", "contact", place)


def organization(resource: Json) -> Iterator[Problem]:
    """org-1: identifier or name; org-2, org-3: no home address, no home telecom."""
    if not resource.keys() & {"identifier", "name"}:
        yield broken("org-1", "Donner au moins un identifiant ou un nom.")
    for rule, key in (("org-2", "address"), ("org-3", "telecom")):
        for place, found in enumerate(objects(resource, key)):
            if found.get("use") == "home":
                yield broken(rule, "Une organisation n'a pas de domicile.", key, place)
