"""ConceptMaps: from our problems to the French classifications, from our instruments to LOINC.

Code of each target: CISP-2 (WONCA) and CIM-10 chapters V and XXI, as published. Both systems of CISP-2 are given
(mappings.condition). No SNOMED CT content is shipped: its use in France needs an affiliate licence.
"""

from dataclasses import dataclass

from mappings.code_systems import INSTRUMENT_NAMES, PROBLEMS, PUBLISHED, PUBLISHER, VERSION, LocalSystem
from mappings.datatypes import compact
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.fhir.canonical import CIM_10, CISP_2, ICPC_2, LOINC, own
from sesame_fhir.fhir.json_types import Json


@dataclass(frozen=True, slots=True)
class Target:
    """One target; R4 wants a comment where it is not the same thing."""

    code: str | None
    equivalence: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class CodeMap:
    """One ConceptMap: the same targets in each of ``systems``."""

    name: str
    title: str
    source: LocalSystem
    systems: tuple[str, ...]
    targets: dict[str, tuple[Target, ...]]


_CISP: dict[str, tuple[Target, ...]] = {
    "depression": (Target("P76", "equivalent"),),
    "anxiety": (Target("P74", "equivalent"),),
    "insomnia": (Target("P06", "wider", "Toute perturbation du sommeil."),),
    "burn-out": (Target("P78", "wider", "Neurasthénie et surmenage."),),
}
_CIM: dict[str, tuple[Target, ...]] = {
    "depression": (
        Target("F32", "narrower", "Premier épisode."),
        Target("F33", "narrower", "Trouble récurrent."),
    ),
    "anxiety": (
        Target("F40", "narrower", "Troubles phobiques."),
        Target("F41", "narrower", "Autres troubles anxieux."),
    ),
    "insomnia": (
        Target("F51.0", "narrower", "Insomnie non organique."),
        Target("G47.0", "narrower", "Insomnie organique."),
    ),
    "burn-out": (Target("Z73.0", "equivalent"),),
}
_NO_TOTAL = (Target(None, "unmatched", "Pas de code LOINC vérifié pour le score total."),)
_TOTALS: dict[str, tuple[Target, ...]] = {
    **{
        i.id.value: (Target(i.total_loinc, "relatedto", "Le score total."),) if i.total_loinc else _NO_TOTAL
        for i in INSTRUMENTS.values()
    },
    **{instrument.value: _NO_TOTAL for instrument in LICENSED},
}

MAPS: tuple[CodeMap, ...] = (
    CodeMap("sesame-problem-cisp-2", "Troubles du parcours vers la CISP-2", PROBLEMS, (CISP_2, ICPC_2), _CISP),
    CodeMap("sesame-problem-cim-10", "Troubles du parcours vers la CIM-10", PROBLEMS, (CIM_10,), _CIM),
    CodeMap("sesame-instrument-loinc", "Scores totaux vers LOINC", INSTRUMENT_NAMES, (LOINC,), _TOTALS),
)
"""Every map: a help for whoever codes, never a diagnosis made from a score."""


def concept_map(known: CodeMap) -> Json:
    """Build the ConceptMap resource."""
    return {
        "resourceType": "ConceptMap",
        "id": known.name,
        "language": "fr",
        "url": own("ConceptMap", known.name),
        "version": VERSION,
        "name": "".join(part.capitalize() for part in known.name.split("-")),
        "title": known.title,
        "status": "active",
        "experimental": False,
        "date": PUBLISHED,
        "publisher": PUBLISHER,
        "description": known.title + ".",
        "sourceCanonical": own("ValueSet", known.source.name),
        "group": [_group(known, system) for system in known.systems],
    }


def _group(known: CodeMap, system: str) -> Json:
    return {
        "source": known.source.url,
        "sourceVersion": VERSION,
        "target": system,
        "element": [
            {"code": code, "display": known.source.concepts[code], "target": [_target(one) for one in targets]}
            for code, targets in known.targets.items()
        ],
    }


def _target(one: Target) -> Json:
    return compact({"code": one.code, "equivalence": one.equivalence, "comment": one.comment})
