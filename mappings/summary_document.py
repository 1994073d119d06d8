"""EpisodeOfCare and what was published about it -> a document: a Bundle with its Composition first.

The sections refer to resources as they are published, and say the same in words. The document's identifier and the
Composition's id depend on the versions inside alone: the same content is the same document.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from mappings import summary_document_text as told
from mappings.claimed import claimed
from mappings.code_systems import PATHWAY, RECOMMENDATIONS
from mappings.datatypes import coding, compact, concept, instant, reference
from mappings.document import DocumentKind
from sesame_fhir.fhir.canonical import LOINC, OBSERVATION_CATEGORY, URI_SYSTEM, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects, text

TITLE = "SÉSAME – Synthèse du parcours"
_DEVICE = "sesame-fhir"
_EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_PLAN_OF_CARE, _ENCOUNTERS = "18776-5", "46240-8"
"""LOINC codes of the sections that have one."""


@dataclass(frozen=True, slots=True)
class Material:
    """``episode`` and ``patient``; ``held`` are the resources about the patient by type, in the order of their ids.

    ``linked`` are others that they refer to, ``hidden`` the types that the reader may not read.
    """

    episode: Json
    patient: Json
    held: Mapping[str, Sequence[Json]]
    linked: Sequence[Json] = ()
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    entries: tuple[Json, ...]
    lines: tuple[str, ...]
    withheld: bool
    code: str | None = None


def summary_document(material: Material, base_url: str, now: datetime) -> Json:
    """Build the document; ``base_url`` makes the fullUrls, by which its relative references resolve."""
    resources = _resources(material)
    versions = sorted(f"{key}/{text(child(one, 'meta'), 'versionId')}" for key, one in resources.items())
    document_id = str(uuid5(NAMESPACE_URL, "\n".join([base_url, *versions])))
    composition = _composition(material, document_id, now)
    entries = [composition, *resources.values(), _device()]
    return {
        "resourceType": "Bundle",
        "language": "fr",
        "identifier": {"system": URI_SYSTEM, "value": f"urn:uuid:{document_id}"},
        "type": "document",
        "timestamp": instant(now),
        "entry": [{"fullUrl": f"{base_url}/{_key(one)}", "resource": one} for one in entries],
    }


def is_recommendation(task: Json) -> bool:
    """True for the Task of a psychiatrist's recommendation."""
    return any(text(one, "system") == RECOMMENDATIONS.url for one in objects(child(task, "code"), "coding"))


def _key(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _resources(material: Material) -> dict[str, Json]:
    """What the sections refer to, and what that refers to; each once, in a fixed order."""
    named = [one for section in _sections(material) for one in section.entries]
    return {_key(one): one for one in (material.patient, material.episode, *named, *material.linked)}


def referred(material: Material) -> Iterator[Json]:
    """The resources that the document holds before anything that they refer to is added."""
    yield from _resources(material).values()


def _composition(material: Material, document_id: str, now: datetime) -> Json:
    author = reference("Device", _DEVICE)
    return compact(
        {
            "resourceType": "Composition",
            "id": document_id,
            "meta": claimed("Composition", "summary"),
            "language": "fr",
            "text": told.narrative([TITLE, *told.identity([material.patient])]),
            "identifier": {"system": URI_SYSTEM, "value": f"urn:uuid:{document_id}"},
            "status": "final",
            "type": concept(coding(LOINC, DocumentKind.EXIT.value[0]), text=DocumentKind.EXIT.value[1]),
            "subject": material.episode["patient"],
            "date": instant(now),
            "author": [author],
            "title": TITLE,
            "custodian": material.episode.get("managingOrganization"),
            "event": [
                compact(
                    {
                        "period": material.episode.get("period"),
                        "detail": [reference("EpisodeOfCare", material.episode["id"])],
                    }
                )
            ],
            "section": [_written(section) for section in _sections(material)],
        }
    )


def _device() -> Json:
    """What wrote the document: software, from resources that people have signed."""
    return {
        "resourceType": "Device",
        "id": _DEVICE,
        "identifier": [{"system": URI_SYSTEM, "value": own("Device", _DEVICE)}],
        "deviceName": [{"name": "SÉSAME", "type": "user-friendly-name"}],
    }


def _written(section: _Section) -> Json:
    empty = "withheld" if section.withheld else "nilknown"
    shown = {"withheld": "Information Withheld", "nilknown": "Nil Known"}[empty]
    nothing = "Hors des droits de ce lecteur." if section.withheld else "Rien de connu."
    return compact(
        {
            "title": section.title,
            "code": concept(coding(LOINC, section.code)) if section.code else None,
            "text": told.narrative(section.lines or (nothing,)),
            "entry": [{"reference": _key(one)} for one in section.entries],
            "emptyReason": None if section.entries else concept(coding(_EMPTY, empty, shown)),
        }
    )


def _sections(material: Material) -> Iterator[_Section]:
    held = material.held
    observations, tasks = held.get("Observation", ()), held.get("Task", ())
    yield _section(material, "Identité", ("Patient", [material.patient], told.identity))
    yield _section(
        material,
        "Parcours",
        ("EpisodeOfCare", [material.episode], told.episode),
        ("Condition", held.get("Condition", ()), told.problems),
    )
    yield _section(material, "Scores", ("Observation", _by_date(filter(_is_score, observations)), told.scores))
    plans = [one for one in held.get("CarePlan", ()) if "partOf" not in one]
    yield _section(
        material,
        "Plan de soins et objectifs",
        ("CarePlan", plans, told.plan),
        ("Goal", held.get("Goal", ()), told.goals),
        code=_PLAN_OF_CARE,
    )
    encounters = sorted(held.get("Encounter", ()), key=lambda one: text(child(one, "period"), "start"))
    yield _section(material, "Contacts", ("Encounter", encounters, told.contacts), code=_ENCOUNTERS)
    yield _section(
        material,
        "Revues de cas et recommandations",
        ("Communication", list(filter(_is_review, held.get("Communication", ()))), told.reviews),
        ("Task", list(filter(is_recommendation, tasks)), told.recommendations),
    )
    yield _section(material, "Sortie", ("Observation", list(filter(_is_exit, observations)), told.leaving))


_Part = tuple[str, Sequence[Json], Callable[[Iterable[Json]], Iterator[str]]]


def _section(material: Material, title: str, *contents: _Part, code: str | None = None) -> _Section:
    entries = tuple(one for _, resources, _ in contents for one in resources)
    lines = tuple(line for _, resources, tell in contents for line in tell(resources))
    withheld = not entries and any(kind in material.hidden for kind, _, _ in contents)
    return _Section(title, entries, lines, withheld, code)


def _is_score(observation: Json) -> bool:
    concepts = objects(observation, "category")
    survey = any(
        text(c, "system") == OBSERVATION_CATEGORY and c.get("code") == "survey"
        for o in concepts
        for c in objects(o, "coding")
    )
    return survey and "valueQuantity" in observation


def _is_exit(observation: Json) -> bool:
    return any(
        (text(c, "system"), c.get("code")) == (PATHWAY.url, "exit")
        for c in objects(child(observation, "code"), "coding")
    )


def _is_review(communication: Json) -> bool:
    concepts = objects(communication, "category")
    return any(
        (text(c, "system"), c.get("code")) == (PATHWAY.url, "case-review")
        for o in concepts
        for c in objects(o, "coding")
    )


def _by_date(observations: Iterable[Json]) -> list[Json]:
    return sorted(observations, key=lambda one: (text(one, "effectiveDateTime"), text(one, "issued"), text(one, "id")))
