"""Sections of the summary document in French words, each made from the resources that the section refers to."""

from collections.abc import Iterable, Iterator
from datetime import date
from html import escape

from mappings import french
from mappings.datatypes import moment
from mappings.displays import display
from sesame_fhir.domain.events import Sex
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects, text

STATUSES = {
    "planned": "adressé",
    "waitlist": "en attente du premier contact",
    "active": "en cours",
    "onhold": "suspendu",
    "finished": "terminé",
    "cancelled": "sans suite",
    "entered-in-error": "saisi par erreur",
}
"""EpisodeOfCare.status in French."""


def narrative(paragraphs: Iterable[str]) -> Json:
    """A generated narrative: one paragraph, or a list of several; every text is escaped."""
    told = [escape(one, quote=False) for one in paragraphs if one]
    inner = f"<p>{told[0]}</p>" if len(told) == 1 else f"<ul>{''.join(f'<li>{one}</li>' for one in told)}</ul>"
    div = f'<div xmlns="http://www.w3.org/1999/xhtml" lang="fr" xml:lang="fr">{inner}</div>'
    return {"status": "generated", "div": div}


def identity(patients: Iterable[Json]) -> Iterator[str]:
    """Name, sex, birth date and INS."""
    for patient in patients:
        name = next(iter(objects(patient, "name")), {})
        given = " ".join(str(one) for one in name.get("given", ()))
        yield " ".join(part for part in (text(name, "family").upper(), given) if part) or "Identité inconnue"
        if text(patient, "gender"):
            yield display(Sex(text(patient, "gender")))
        if text(patient, "birthDate"):
            yield f"Naissance : {_when(text(patient, 'birthDate'))}"
        for one in objects(patient, "identifier"):
            kind = next((text(c, "code") for c in objects(child(one, "type"), "coding")), "Identifiant")
            yield f"{kind} : {text(one, 'value')}"


def episode(episodes: Iterable[Json]) -> Iterator[str]:
    """Where the pathway stands, since when, with whom."""
    for one in episodes:
        period = child(one, "period")
        until = f" au {_when(text(period, 'end'))}" if text(period, "end") else ""
        since = (
            f", du {_when(text(period, 'start'))}{until}" if until else f", depuis le {_when(text(period, 'start'))}"
        )
        yield f"Parcours SÉSAME {STATUSES.get(text(one, 'status'), '')}{since if text(period, 'start') else ''}"
        manager = text(child(one, "careManager"), "display")
        if manager:
            yield f"Suivi par : {manager}"


def problems(conditions: Iterable[Json]) -> Iterator[str]:
    """Problems in words."""
    return (f"Problème : {words(child(one, 'code'))}" for one in conditions)


def scores(observations: Iterable[Json]) -> Iterator[str]:
    """Each total with its day, its band and whether it was corrected."""
    for one in observations:
        band = next((words(found) for found in objects(one, "interpretation")), "")
        corrected = " (corrigé)" if text(one, "status") == "amended" else ""
        value = child(one, "valueQuantity").get("value")
        told = f"{words(child(one, 'code'))} : {value}" + (f", {band}" if band else "")
        yield f"{_when(text(one, 'effectiveDateTime'))} – {told}{corrected}"


def plan(plans: Iterable[Json]) -> Iterator[str]:
    """Title, phase and actions of the plan."""
    for one in plans:
        phase = next((words(found) for found in objects(one, "category")), "")
        yield " : ".join(part for part in (text(one, "title"), phase) if part)
        for activity in objects(one, "activity"):
            detail = child(activity, "detail")
            yield " : ".join(part for part in (words(child(detail, "code")), text(detail, "description")) if part)
        yield from (text(found, "text") for found in objects(one, "note"))


def goals(aims: Iterable[Json]) -> Iterator[str]:
    """Goals in the patient's words, with the day by which and whether reached."""
    for one in aims:
        due = next((text(target, "dueDate") for target in objects(one, "target")), "")
        reached = {"completed": " (atteint)", "cancelled": " (abandonné)"}.get(text(one, "lifecycleStatus"), "")
        by = f", pour le {_when(due)}" if due else ""
        yield f"Objectif : {words(child(one, 'description'))}{by}{reached}"


def contacts(encounters: Iterable[Json]) -> Iterator[str]:
    """Contacts held: when, what for, how, how long, with whom."""
    for one in encounters:
        kinds = ", ".join(words(found) for found in objects(one, "type"))
        length = child(one, "length").get("value")
        who = next((text(child(found, "individual"), "display") for found in objects(one, "participant")), "")
        told = [kinds, f"{length} min" if length else "", who]
        yield f"{_when(text(child(one, 'period'), 'start'))} – {', '.join(part for part in told if part)}"


def reviews(communications: Iterable[Json]) -> Iterator[str]:
    """Case reviews in the words that were sent to the team."""
    for one in communications:
        said = " ; ".join(text(part, "contentString") for part in objects(one, "payload"))
        yield f"Revue de cas du {_when(text(one, 'sent'))}, {text(child(one, 'sender'), 'display')} : {said}"


def recommendations(tasks: Iterable[Json]) -> Iterator[str]:
    """Recommendations with what the GP decided."""
    for one in tasks:
        fate = words(child(one, "businessStatus")) or "réponse du médecin attendue"
        why = words(child(one, "statusReason"))
        yield f"Recommandation : {text(one, 'description')} ({fate}{f' : {why}' if why else ''})"


def leaving(observations: Iterable[Json]) -> Iterator[str]:
    """Why and where to the patient left."""
    for one in observations:
        yield f"Sortie le {_when(text(one, 'effectiveDateTime'))} : {words(child(one, 'valueCodeableConcept'))}"
        yield from (f"Orientation : {words(child(part, 'valueCodeableConcept'))}" for part in objects(one, "component"))
        yield from (text(found, "text") for found in objects(one, "note"))


def words(concept: Json) -> str:
    """Text of a CodeableConcept, else the display of its first coding."""
    return text(concept, "text") or next((text(one, "display") for one in objects(concept, "coding")), "")


def _when(written: str) -> str:
    """A day as a French reader expects it, in Paris; what is no full date stays as it was written."""
    at = moment(written)
    try:
        return french.day(at.astimezone(french.PARIS).date() if at else date.fromisoformat(written))
    except ValueError:
        return written
