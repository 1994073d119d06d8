"""A search answered the slow way: every clause looked at in every resource, in plain Python, by the words of R4."""

from collections.abc import Iterable
from dataclasses import dataclass

from sesame_fhir.services.records import ResourceWrite
from sesame_fhir.services.search import (
    ChainClause,
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    HasClause,
    IdClause,
    IndexEntry,
    MissingClause,
    QuantityClause,
    QuantityValue,
    ReferenceClause,
    SearchQuery,
    StringClause,
    TokenClause,
    UriClause,
)


@dataclass(frozen=True)
class Oracle:
    """Holds every resource; ``find`` gives the ids."""

    resources: tuple[ResourceWrite, ...]

    def find(self, query: SearchQuery) -> set[str]:
        """Ids of the resources of the type that satisfy every clause."""
        return {one.resource_id for one in self._all(query.resource_type, query.clauses, query)}

    def _all(self, kind: str, clauses: Iterable[Clause], query: SearchQuery) -> list[ResourceWrite]:
        return [
            one
            for one in self.resources
            if one.resource_type == kind
            and (query.sites is None or (isinstance(query.sites, frozenset) and one.site in query.sites))
            and all(self._holds(one, clause, query) for clause in clauses)
        ]

    def _holds(self, one: ResourceWrite, clause: Clause, query: SearchQuery) -> bool:
        if isinstance(clause, ChainClause):
            targets = {found.resource_id for found in self._all(clause.target, clause.clauses, query)}
            return any(e.ref_type == clause.target and e.ref_id in targets for e in entries(one, clause.param))
        if isinstance(clause, HasClause):
            me = (one.resource_type, one.resource_id)
            sources = self._all(clause.source, clause.clauses, query)
            return any((e.ref_type, e.ref_id) == me for found in sources for e in entries(found, clause.param))
        if isinstance(clause, IdClause):
            return one.resource_id in clause.values
        if isinstance(clause, MissingClause):
            return clause.missing is not bool(entries(one, clause.param))
        if isinstance(clause, TokenClause):
            return clause.negated is not any(_token(e, clause) for e in entries(one, clause.param))
        return any(_value(e, clause) for e in entries(one, getattr(clause, "param", "")))


def entries(one: ResourceWrite, param: str) -> list[IndexEntry]:
    return [entry for entry in one.index if entry.param == param]


def _token(e: IndexEntry, clause: TokenClause) -> bool:
    return any(
        (v.code is None or e.code == v.code) and (v.system is None or (e.system or "") == v.system)
        for v in clause.values
        if e.code is not None
    )


def _value(e: IndexEntry, clause: Clause) -> bool:
    match clause:
        case StringClause():
            return any(_text(e, v, clause.mode) for v in clause.values)
        case UriClause():
            return e.text in clause.values
        case ReferenceClause():
            return any(e.ref_id == v.ref_id and v.ref_type in (None, e.ref_type) for v in clause.values)
        case DateClause():
            return any(_date(e, v) for v in clause.values)
        case QuantityClause():
            return any(_quantity(e, v) for v in clause.values)
    raise AssertionError(clause)


def _text(e: IndexEntry, wanted: str, mode: str) -> bool:
    if mode == "exact":
        return e.text == wanted
    folded = e.folded or ""
    return wanted in folded if mode == "contains" else folded.startswith(wanted)


def _date(e: IndexEntry, v: DateValue) -> bool:
    assert e.low is not None
    assert e.high is not None
    low, high = v.low - v.margin, v.high + v.margin
    inside = low <= e.low and e.high <= high
    answers: dict[DatePrefix, bool] = {
        DatePrefix.EQ: inside,
        DatePrefix.NE: not inside,
        DatePrefix.GT: e.high > high,
        DatePrefix.LT: e.low < low,
        DatePrefix.GE: e.high > high or inside,
        DatePrefix.LE: e.low < low or inside,
        DatePrefix.SA: e.low >= high,
        DatePrefix.EB: e.high <= low,
        DatePrefix.AP: e.low < high and e.high > low,
    }
    return answers[v.prefix]


def _quantity(e: IndexEntry, v: QuantityValue) -> bool:
    if v.system is not None and (e.system or "") != v.system:
        return False
    if v.code is not None and v.code not in ((e.code,) if v.system is not None else (e.code, e.text)):
        return False
    assert not e.open_edges
    below = [] if e.least is None else [e.least]
    above = [] if e.most is None else [e.most]
    inside = bool(below and above) and v.low <= below[0] and above[0] < v.high
    answers: dict[DatePrefix, bool] = {
        DatePrefix.EQ: inside,
        DatePrefix.NE: not inside,
        DatePrefix.GT: not above or above[0] > v.exact,
        DatePrefix.LT: not below or below[0] < v.exact,
        DatePrefix.GE: not above or above[0] >= v.exact,
        DatePrefix.LE: not below or below[0] <= v.exact,
        DatePrefix.SA: bool(below) and below[0] > v.exact,
        DatePrefix.EB: bool(above) and above[0] < v.exact,
        DatePrefix.AP: (not below or below[0] <= v.high) and (not above or above[0] >= v.low),
    }
    return answers[v.prefix]
