"""``Patient/$match`` (R4 patient-operation-match): who this may be, by INS and by traits; nothing is ever merged.

Candidates come from indexed searches, each bounded: the INS, the birth date, the names. They are judged by
``services.matching``.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from mappings.identity import identity_of
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.bundle_writing import bundle
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.parameters import Parameter, read_parameters
from sesame_fhir.api.operations.reach import BY_ID, page, seen
from sesame_fhir.api.operations.registry import Operation
from sesame_fhir.fhir.canonical import EXTENSION_ROOT, own
from sesame_fhir.fhir.dates import date_range
from sesame_fhir.fhir.errors import UnprocessableResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import require_valid
from sesame_fhir.services.folding import fold
from sesame_fhir.services.matching import Grade, Identity, Match, compare
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    SearchQuery,
    StringClause,
    TokenClause,
    TokenValue,
)

MAX_CANDIDATES = 200
"""Most candidates of one search."""
MAX_COUNT = 50
_DEFAULT_COUNT = 10
_PARAMETERS = (
    Parameter("resource", "Resource", required=True),
    Parameter("onlyCertainMatches", "boolean"),
    Parameter("count", "integer"),
)
_MATCH_GRADE = f"{EXTENSION_ROOT}/match-grade"


def run(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$match``."""
    caller.access("Patient", "s")
    given = read_parameters(_PARAMETERS, ask.pairs, ask.body, "resource")
    sought: Json = given.one("resource")
    require_valid(sought, "Patient")
    count = _DEFAULT_COUNT if given.one("count") is None else given.one("count")
    if count < 1:
        raise given.wrong("count", "count : nombre positif attendu.")
    identity = identity_of(sought)
    if not identity.ins and (not identity.birth_date) + (not identity.family) + (not identity.given) > 1:
        text = "Donner l'INS, ou deux traits au moins : nom de naissance, prénom, date de naissance."
        raise UnprocessableResource(error(IssueType.REQUIRED, text, "Patient"))
    audit(deps, caller, "match", "Patient")
    found = _matches(deps, caller, identity)
    if given.one("onlyCertainMatches"):
        found = [(stored, match) for stored, match in found if match.grade is Grade.CERTAIN]
    shown = found[: min(count, MAX_COUNT)]
    entries = [_entry(deps, stored, match) for stored, match in shown]
    links = [("self", f"{deps.base_url}/Patient/$match")]
    return Answer(200, bundle("searchset", len(shown), links, entries))


def _matches(deps: ApiDeps, caller: Caller, identity: Identity) -> list[tuple[StoredResource, Match]]:
    """Candidates that may be the person, the surest first; the latest id first among equals."""
    judged = [
        (stored, compare(identity, identity_of(read_json(stored.body or b"{}"))))
        for stored in _candidates(deps, caller, identity)
    ]
    kept = [pair for pair in judged if pair[1].grade is not Grade.CERTAINLY_NOT]
    order = list(Grade)
    return sorted(kept, key=lambda pair: (order.index(pair[1].grade), -pair[1].score, pair[0].resource_id))


def _candidates(deps: ApiDeps, caller: Caller, identity: Identity) -> Iterable[StoredResource]:
    found: dict[str, StoredResource] = {}
    for clauses in _searches(identity):
        got = page(deps, caller, SearchQuery("Patient", clauses, BY_ID, MAX_CANDIDATES))
        for stored in got.resources if got is not None else ():
            if seen(caller, stored):
                found.setdefault(stored.resource_id, stored)
    return found.values()


def _searches(identity: Identity) -> Iterator[tuple[Clause, ...]]:
    """The INS; the birth date; the beginnings of both names."""
    if identity.ins:
        numbers = tuple(TokenValue(system, value) for system, value in identity.ins.items())
        yield (TokenClause("identifier", numbers),)
    born = date_range(identity.birth_date) if identity.birth_date else None
    if born is not None:
        sexes = () if identity.sex in ("", "unknown", "other") else (identity.sex, "unknown", "other")
        gender = (TokenClause("gender", tuple(TokenValue(None, sex) for sex in sexes)),) if sexes else ()
        yield (DateClause("birthdate", (DateValue(DatePrefix.EQ, *born),)), *gender)
    if identity.family and identity.given:
        family, given = (fold(name).replace("-", " ").split()[:1] for name in (identity.family, identity.given))
        if family and given:
            yield (StringClause("family", tuple(family)), StringClause("given", tuple(given)))


def _entry(deps: ApiDeps, stored: StoredResource, match: Match) -> bytes:
    search: dict[str, Any] = {
        "extension": [{"url": _MATCH_GRADE, "valueCode": match.grade.value}],
        "mode": "match",
        "score": match.score,
    }
    head = orjson.dumps({"fullUrl": f"{deps.base_url}/Patient/{stored.resource_id}", "search": search})[:-1]
    return b"".join((head, b',"resource":', stored.body or b"{}", b"}"))


MATCH_OPERATIONS = (
    Operation(
        "match", own("OperationDefinition", "patient-match"), ("type",), ("Patient",), run, _PARAMETERS, "resource"
    ),
)
