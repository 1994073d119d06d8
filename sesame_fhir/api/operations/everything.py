"""``Patient/[id]/$everything`` (R4 patient-operation-everything): a patient's whole compartment, page by page.

One type after the other, each in the order of its ids, so that a page is one bounded search and the pages stay the same
whatever is written meanwhile. What the token may not read is not there; the professionals, organizations and places
that a page names come with it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.bundle_writing import bundle, search_entry
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.facade.interactions import types_with
from sesame_fhir.api.operations.parameters import Given, Parameter, read_parameters
from sesame_fhir.api.operations.reach import BY_ID, page, readable, required
from sesame_fhir.api.operations.registry import R4_OPERATION, Operation
from sesame_fhir.fhir.dates import date_range
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.fhir.search_parameters import APART, parameters_of
from sesame_fhir.fhir.walk import walk
from sesame_fhir.services.errors import InvalidCursor
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
)

DEFAULT_COUNT = 200
MAX_COUNT = 1000
_LINKED = frozenset({"Location", "Organization", "Practitioner", "PractitionerRole"})
_PARAMETERS = (
    *(Parameter("start", "date"), Parameter("end", "date"), Parameter("_since", "instant")),
    *(Parameter("_type", "string", repeats=True), Parameter("_count", "integer"), Parameter("_cursor", "string")),
)
_CARE_DATES = {
    "Appointment": "date",
    "CarePlan": "date",
    "CareTeam": "date",
    "Claim": "created",
    "ClaimResponse": "created",
    "Communication": "sent",
    "Composition": "date",
    "Condition": "recorded-date",
    "Consent": "date",
    "DocumentReference": "date",
    "Encounter": "date",
    "EpisodeOfCare": "date",
    "Flag": "date",
    "MeasureReport": "period",
    "MedicationStatement": "effective",
    "Observation": "date",
    "Provenance": "recorded",
    "QuestionnaireResponse": "authored",
    "ServiceRequest": "authored",
    "Task": "authored-on",
}
"""The parameter that says when care happened, by type; a type without one is never left out for its date."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is wanted: types in their order, limits in time, page size."""

    patient: str
    types: tuple[str, ...]
    span: tuple[DateValue, ...]
    since: tuple[DateValue, ...]
    count: int

    @property
    def searched(self) -> tuple[str, ...]:
        """The types of the compartment, in their order."""
        return tuple(name for name in self.types if name != "Patient" and name not in _LINKED)

    def query(self, resource_type: str, cursor: str | None, room: int) -> SearchQuery:
        """The search of up to ``room`` resources of a type."""
        clauses: list[Clause] = [ReferenceClause("patient", (ReferenceValue("Patient", self.patient),))]
        dated = _CARE_DATES.get(resource_type)
        if dated is not None:
            clauses += [DateClause(dated, (one,)) for one in self.span]
        clauses += [DateClause("_lastUpdated", (one,)) for one in self.since]
        return SearchQuery(resource_type, tuple(clauses), BY_ID, room, cursor)


def run(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$everything``."""
    given = read_parameters(_PARAMETERS, ask.pairs, ask.body)
    asked = _asked(ask.path[1], given)
    patient = required(deps, caller, "everything", "Patient", asked.patient)
    start = _start(asked, given.text("_cursor"))
    found = [patient] if start is None and "Patient" in asked.types else []
    more, following = _gather(deps, caller, asked, start or (0, None), asked.count - len(found))
    found += more
    entries = [_entry(deps, one, "match") for one in found]
    entries += [_entry(deps, one, "include") for one in _linked(deps, caller, asked, found)]
    address, kept = f"{deps.base_url}/Patient/{asked.patient}/$everything", _pairs(given)
    links = [("self", _url(address, kept))]
    if following is not None:
        links.append(("next", _url(address, [*kept, ("_cursor", following)])))
    return Answer(200, bundle("searchset", None, links, entries))


def _asked(patient: str, given: Given) -> _Asked:
    offered = [name for name in types_with("search-type") if "patient" in parameters_of(name) and name not in APART]
    every = ("Patient", *offered, *sorted(_LINKED))
    wanted = {part for value in given.all("_type") for part in str(value).split(",") if part}
    if wanted - set(every):
        raise given.wrong("_type", "_type : type absent du dossier d'un patient.", IssueType.NOT_SUPPORTED)
    count = DEFAULT_COUNT if given.one("_count") is None else given.one("_count")
    if count < 1:
        raise given.wrong("_count", "_count : nombre positif attendu.")
    return _Asked(
        patient,
        tuple(name for name in every if not wanted or name in wanted),
        (*_limit(given, "start", DatePrefix.GE), *_limit(given, "end", DatePrefix.LE)),
        tuple(_limit(given, "_since", DatePrefix.GE)),
        min(count, MAX_COUNT),
    )


def _limit(given: Given, name: str, prefix: DatePrefix) -> Iterator[DateValue]:
    text = given.text(name)
    if text is None:
        return
    span = date_range(text.replace(" ", "+"))
    if span is None:
        raise given.wrong(name, f"{name} : date attendue, par exemple 2026-03-01.")
    yield DateValue(prefix, *span)


def _start(asked: _Asked, cursor: str | None) -> tuple[int, str | None] | None:
    """Where a page begins: a type's place and its own cursor; None for the first page.

    Raises:
        InvalidCursor: the text is no cursor of this question.
    """
    if cursor is None:
        return None
    name, _, inner = cursor.partition("~")
    if name not in asked.searched:
        raise InvalidCursor
    return asked.searched.index(name), inner or None


def _gather(
    deps: ApiDeps, caller: Caller, asked: _Asked, start: tuple[int, str | None], room: int
) -> tuple[list[StoredResource], str | None]:
    """One page of the types from ``start`` on, and the cursor of the next one."""
    found: list[StoredResource] = []
    cursor = start[1]
    for name in asked.searched[start[0] :]:
        if len(found) >= room:
            return found, f"{name}~"
        got = page(deps, caller, asked.query(name, cursor, room - len(found)))
        cursor = None
        if got is not None:
            found += got.resources
            if got.next_cursor is not None:
                return found, f"{name}~{got.next_cursor}"
    return found, None


def _linked(deps: ApiDeps, caller: Caller, asked: _Asked, found: Iterable[StoredResource]) -> Iterator[StoredResource]:
    """Who and what the page names outside the compartment, each once."""
    named: dict[tuple[str, str], None] = {}
    for one in found:
        for _, node in walk(read_json(one.body or b"{}")).nodes:
            target = split_reference(str(node.get("reference", "")))
            if target[0] in _LINKED and target[0] in asked.types:
                named[target[0], target[1]] = None
    for resource_type, resource_id in named:
        stored = readable(deps, caller, resource_type, resource_id)
        if stored is not None:
            yield stored


def _entry(deps: ApiDeps, stored: StoredResource, mode: str) -> bytes:
    return search_entry(f"{deps.base_url}/{stored.resource_type}/{stored.resource_id}", stored.body or b"{}", mode)


def _pairs(given: Given) -> list[tuple[str, str]]:
    """The parameters as a query, without the place."""
    return [(one.name, str(value)) for one in _PARAMETERS if one.name != "_cursor" for value in given.all(one.name)]


def _url(address: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(pairs)}" if pairs else address


EVERYTHING_OPERATIONS = (
    Operation("everything", f"{R4_OPERATION}/Patient-everything", ("instance",), ("Patient",), run, _PARAMETERS),
)
