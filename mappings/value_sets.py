"""ValueSets: what each coded element of our profiles may hold.

One per CodeSystem of ours, and lists of codes of others'.

Regenerate the published files with ``python -m mappings.profiles --write``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mappings.code_systems import PUBLISHED, PUBLISHER, SYSTEMS, TOTALS, VERSION
from mappings.datatypes import compact
from mappings.document import DocumentKind
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument
from sesame_fhir.fhir.canonical import LOINC, own
from sesame_fhir.fhir.json_types import Json

_FHIR = "http://hl7.org/fhir"
_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_LOINC_NOTICE = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief Institute, Inc. "
    "and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is available at no cost under the "
    "license at http://loinc.org/license."
)


@dataclass(frozen=True, slots=True)
class CodeList:
    """One ValueSet: ``name`` ends its canonical URL; ``included`` maps a system to its codes, None for all of them."""

    name: str
    title: str
    included: dict[str, tuple[str, ...] | None]


def answers_name(instrument: Instrument) -> str:
    """Name of the ValueSet of an instrument's answers."""
    return f"sesame-answer-{instrument.id.value}"


def _answers(instrument: Instrument) -> CodeList:
    codes = dict.fromkeys(answer.code for item in instrument.items for answer in item.answers)
    return CodeList(answers_name(instrument), f"Réponses : {instrument.title}", {LOINC: tuple(codes)})


_TOTALS = tuple(i.total_loinc for i in INSTRUMENTS.values() if i.total_loinc)
_DOCUMENTS = tuple(kind.value[0] for kind in DocumentKind)

LISTS: tuple[CodeList, ...] = (
    *(CodeList(system.name, system.title, {system.url: None}) for system in SYSTEMS),
    *map(_answers, INSTRUMENTS.values()),
    CodeList("sesame-score", "Scores totaux", {LOINC: _TOTALS, TOTALS.url: None}),
    CodeList("sesame-document-type", "Types des documents du parcours", {LOINC: _DOCUMENTS}),
    CodeList("sesame-encounter-class", "Contact sur place ou à distance", {_ACT_CODE: ("AMB", "VR")}),
    CodeList("sesame-consent-rule", "Accord explicite ou non-opposition", {_ACT_CODE: ("OPTIN", "OPTOUT")}),
    CodeList(
        "sesame-final-status",
        "États d'une mesure publiée",
        {f"{_FHIR}/observation-status": ("final", "amended", "entered-in-error")},
    ),
    CodeList(
        "sesame-goal-status", "États d'un objectif", {f"{_FHIR}/goal-status": ("active", "completed", "cancelled")}
    ),
)
"""Every ValueSet; national and international codes carry no display of ours."""


def value_set(codes: CodeList) -> Json:
    """Build the ValueSet resource of one list."""
    return compact(
        {
            "resourceType": "ValueSet",
            "id": codes.name,
            "language": "fr",
            "url": own("ValueSet", codes.name),
            "version": VERSION,
            "name": "".join(part.capitalize() for part in codes.name.split("-")),
            "title": codes.title,
            "status": "active",
            "experimental": False,
            "date": PUBLISHED,
            "publisher": PUBLISHER,
            "description": codes.title + ".",
            "immutable": False,
            "copyright": _LOINC_NOTICE if LOINC in codes.included else None,
            "compose": {"include": list(_included(codes))},
        }
    )


def _included(codes: CodeList) -> Iterable[Json]:
    for system, some in codes.included.items():
        yield compact({"system": system, "concept": [{"code": code} for code in some or ()]})
