"""Search parameters of AuditEvent -> tests on the entries of the log: what ``audit_event`` writes, the other way round.

The two are held to each other by a test that asks the same of the log and of the resources.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from mappings import audit_codes as codes
from mappings.audit_event import is_rpps
from mappings.claimed import claimed
from mappings.code_systems import ROLES
from sesame_fhir.fhir.canonical import RPPS, identifier_system
from sesame_fhir.fhir.errors import InvalidSearch
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.schema.resource_types import RESOURCE_TYPES
from sesame_fhir.services.audit_trail import AuditClause, Between, Held, Names, OneOf, Test, read_position
from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    ReferenceClause,
    ReferenceValue,
    Sort,
    TokenClause,
    TokenValue,
    UriClause,
)

_NOBODY: AuditClause = ()
_EVERYBODY: AuditClause = ((),)
_THROUGH = OneOf("action", (codes.CLIENTS_CHANGED,), negated=True)
"""The client is the software that was used, not what was changed."""
_ACCOUNTS = "Practitioner"


def audit_clauses(clauses: Iterable[Clause]) -> tuple[AuditClause, ...]:
    """The tests of a search.

    Raises:
        InvalidSearch: a form of question that the log does not answer (``:missing``, a system without a code).
    """
    return tuple(one for clause in clauses for one in _tests(clause))


def oldest_first(sort: tuple[Sort, ...]) -> bool:
    """The order asked for.

    Raises:
        InvalidSearch: not by time.
    """
    if len(sort) != 1 or sort[0].param not in ("date", "_lastUpdated"):
        raise InvalidSearch(error(IssueType.NOT_SUPPORTED, "_sort : date ou -date pour AuditEvent."))
    return not sort[0].descending


def _tests(clause: Clause) -> Iterator[AuditClause]:
    """A negated clause excludes each of its values by itself."""
    match clause:
        case IdClause():
            yield _one_of("entry_id", [at for one in clause.values if (at := read_position(one)) is not None])
        case DateClause():
            yield tuple(tests for value in clause.values for tests in _dates(value))
        case ReferenceClause() if clause.param in _REFERENCES:
            yield tuple(tests for value in clause.values for tests in _REFERENCES[clause.param](value))
        case TokenClause() if clause.param in ("agent", "entity"):
            yield tuple(tests for value in clause.values for tests in _identified(clause.param, value))
        case TokenClause() if clause.param in _TOKENS:
            found = [tests for value in clause.values for tests in _TOKENS[clause.param](value)]
            yield from (
                ((_without(tests),) for tests in found) if clause.negated else (tuple((one,) for one in found),)
            )
        case TokenClause(param="_tag" | "_security"):
            yield _EVERYBODY if clause.negated else _NOBODY
        case UriClause():
            ours = clause.param == "_profile" and set(clause.values) & set(claimed("AuditEvent", "access")["profile"])
            yield _EVERYBODY if ours else _NOBODY
        case _:
            text = "AuditEvent se cherche par ses propres paramètres, sans modificateur :missing ni enchaînement."
            raise InvalidSearch(error(IssueType.NOT_SUPPORTED, text))


def _one_of(held: Held, values: Iterable[str | int]) -> AuditClause:
    return ((OneOf(held, tuple(values)),),)


def _without(test: OneOf) -> tuple[Test, ...]:
    return (OneOf(test.held, test.values, not test.negated),)


def _dates(value: DateValue) -> Iterator[tuple[Test, ...]]:
    """A moment against a range (R4 search 3.1.1.4.7): no moment lies over the edge of one."""
    low, high = value.low - value.margin, value.high + value.margin
    spans: dict[DatePrefix, tuple[datetime | None, datetime | None]] = {
        **dict.fromkeys((DatePrefix.EQ, DatePrefix.NE, DatePrefix.AP), (low, high)),
        **dict.fromkeys((DatePrefix.GT, DatePrefix.SA), (high, None)),
        **dict.fromkeys((DatePrefix.LT, DatePrefix.EB), (None, low)),
        DatePrefix.GE: (low, None),
        DatePrefix.LE: (None, high),
    }
    yield (Between(*spans[value.prefix], negated=value.prefix is DatePrefix.NE),)


# -- references --------------------------------------------------------------------------------------------------------


def _patients(value: ReferenceValue) -> Iterator[tuple[Test, ...]]:
    """By the entry's patient alone, which has an index; an access to a Patient itself names it there too."""
    if value.ref_type in (None, "Patient") and "|" not in value.ref_id:
        yield (OneOf("patient", (value.ref_id, f"Patient/{value.ref_id}")),)


def _agents(value: ReferenceValue) -> Iterator[tuple[Test, ...]]:
    if value.ref_type in (None, _ACCOUNTS):
        yield (OneOf("actor_id", (f"{_ACCOUNTS}/{value.ref_id}",)),)


def _entities(value: ReferenceValue) -> Iterator[tuple[Test, ...]]:
    if value.ref_type in (None, "Patient"):
        yield from _patients(value)
    if value.ref_type in (None, _ACCOUNTS):
        yield (Names("staff_id", value.ref_id),)
    types = RESOURCE_TYPES if value.ref_type is None else {value.ref_type} & set(RESOURCE_TYPES)
    yield (OneOf("detail", tuple(types)), Names("id", value.ref_id))


def _identified(param: str, value: TokenValue) -> Iterator[tuple[Test, ...]]:
    """``agent:identifier`` and ``entity:identifier``."""
    code = _code(value)
    if param == "agent":
        kinds = {RPPS: _by_rpps, identifier_system("actor"): _by_actor, identifier_system("client"): _by_client}
    else:
        kinds = {identifier_system("record-patient"): _by_record, identifier_system("client"): _client_changed}
    for system, tests in kinds.items():
        if value.system in (None, system):
            yield from tests(code)


def _by_rpps(code: str) -> Iterator[tuple[Test, ...]]:
    if is_rpps(code):
        yield (OneOf("actor_id", (code,)),)


def _by_actor(code: str) -> Iterator[tuple[Test, ...]]:
    if not is_rpps(code) and not code.startswith(f"{_ACCOUNTS}/"):
        yield (OneOf("actor_id", (code,)), Names("client", code, negated=True))


def _by_client(code: str) -> Iterator[tuple[Test, ...]]:
    yield (Names("client", code), _THROUGH)
    yield (Names("client", code), OneOf("actor_id", (code,)))


def _by_record(code: str) -> Iterator[tuple[Test, ...]]:
    if "|" in code:
        yield (OneOf("patient", (code,)),)


def _client_changed(code: str) -> Iterator[tuple[Test, ...]]:
    yield (Names("client", code), OneOf("action", (codes.CLIENTS_CHANGED,)))


# -- tokens ------------------------------------------------------------------------------------------------------------


def _code(value: TokenValue) -> str:
    if value.code is None:
        raise InvalidSearch(error(IssueType.NOT_SUPPORTED, "AuditEvent : préciser le code, non le système seul."))
    return value.code


def _classed(held: Held, table: dict[str, str], default: str, wanted: str) -> OneOf:
    """The words of the log that the table gives this code; all that it does not have, for the default."""
    if wanted == default:
        return OneOf(held, tuple(word for word, code in table.items() if code != default), negated=True)
    return OneOf(held, tuple(word for word, code in table.items() if code == wanted))


def _plain(value: TokenValue) -> str:
    """The code of an element without a system; empty when another system is asked for, which finds nothing."""
    return _code(value) if not value.system else ""


def _actions(value: TokenValue) -> Iterator[OneOf]:
    yield _classed("action", codes.LETTERS, codes.EXECUTED, _plain(value))


def _outcomes(value: TokenValue) -> Iterator[OneOf]:
    yield _classed("outcome", codes.OUTCOMES, codes.REFUSED, _plain(value))


def _types(value: TokenValue) -> Iterator[OneOf]:
    table = {word: _written(one["system"], one["code"]) for word, one in codes.TYPES.items()}
    default = _written(codes.RECORD["system"], codes.RECORD["code"])
    for written in {*table.values(), default}:
        system, _, code = written.rpartition("|")
        if code == _code(value) and value.system in (None, system):
            yield _classed("action", table, default, written)


def _written(system: str, code: str) -> str:
    return f"{system}|{code}"


def _subtypes(value: TokenValue) -> Iterator[OneOf]:
    code = _code(value)
    if value.system in (None, codes.RESTFUL):
        yield OneOf("action", tuple(word for word, one in codes.INTERACTIONS.items() if one == code))
    if value.system in (None, codes.OWN_ACTION) and code not in codes.INTERACTIONS:
        yield OneOf("action", (code,))
    if value.system in (None, codes.OWN_DETAIL) and code not in RESOURCE_TYPES:
        yield OneOf("detail", (code,))


def _roles(value: TokenValue) -> Iterator[OneOf]:
    if value.system in (None, ROLES.url):
        yield OneOf("role", tuple({_code(value)} & set(ROLES.concepts)))


def _sites(value: TokenValue) -> Iterator[OneOf]:
    yield OneOf("site", (_plain(value),))


_REFERENCES: dict[str, Callable[[ReferenceValue], Iterator[tuple[Test, ...]]]] = {
    "agent": _agents,
    "entity": _entities,
    "patient": _patients,
}
_TOKENS: dict[str, Callable[[TokenValue], Iterator[OneOf]]] = {
    "action": _actions,
    "agent-role": _roles,
    "outcome": _outcomes,
    "site": _sites,
    "subtype": _subtypes,
    "type": _types,
}
