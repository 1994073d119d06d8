"""Search clauses as SQL conditions on the index tables."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    ReferenceClause,
    StringClause,
    TokenClause,
    UriClause,
)
from sesame_fhir.storage.index import param_key
from sesame_fhir.storage.instants import MILLISECOND, to_micros
from sesame_fhir.storage.session import Value

_LAST = "\U0010ffff"  # after every character: the end of a prefix's range
_ESCAPE = "\\"
_UNSTORABLE = "\x00"

# How many rows a clause is thought to leave, least first.
_RANK_ID, _RANK_IDENTIFIER, _RANK_REFERENCE, _RANK_URI, _RANK_TEXT, _RANK_TOKEN, _RANK_DATE, _RANK_SCAN = range(8)

_Sql = tuple[str, list[Value]]


@dataclass(frozen=True, slots=True)
class Condition:
    """``sql`` is a test on a row ``i`` of ``table`` (or on ``r`` itself when there is none)."""

    table: str | None
    sql: str
    params: tuple[Value, ...]
    rank: int

    @property
    def own_key(self) -> bool:
        """True when the resource itself is named: nothing is more selective."""
        return self.rank == _RANK_ID

    def testing(self) -> str:
        """Return the form that tests candidates found otherwise."""
        if self.table is None:
            return self.sql
        # The sum keeps the planner off the index by value: the candidate's own few rows are the way.
        sql = self.sql.replace("i.param = ?", "i.param + 0 = ?")
        return f"EXISTS (SELECT 1 FROM {self.table} i WHERE i.resource_key = r.resource_key AND {sql})"


def conditions(resource_type: str, clause: Clause) -> Iterator[Condition]:
    """Return the conditions (all must hold) of one clause; a clause without values finds nothing."""
    if isinstance(clause, IdClause):
        sql, params = _any((("r.fhir_id = ?", [value]) for value in clause.values), clause.values)
        yield Condition(None, sql, tuple(params), _RANK_ID)
        return
    if isinstance(clause, DateClause) and clause.param == "_lastUpdated":
        sql, params = _any((_date(value, "r.last_updated", _END_OF_UPDATE) for value in clause.values), ())
        yield Condition(None, sql, tuple(params), _RANK_DATE)
        return
    table, build, rank = _BUILDERS[type(clause)]
    texts = clause.values if isinstance(clause, StringClause | UriClause) else ()
    sql, params = _any(build(clause), texts)
    yield Condition(table, f"i.param = ? AND {sql}", (param_key(resource_type, clause.param), *params), rank(clause))


_END_OF_UPDATE = f"(r.last_updated + {MILLISECOND})"


def _any(alternatives: Iterable[_Sql], texts: Iterable[str]) -> _Sql:
    if any(_UNSTORABLE in text for text in texts):
        return "1 = 0", []
    parts = list(alternatives)
    if not parts:
        return "1 = 0", []
    return "(" + " OR ".join(sql for sql, _ in parts) + ")", [value for _, params in parts for value in params]


def _tokens(clause: TokenClause) -> Iterator[_Sql]:
    for value in clause.values:
        wanted = [("i.code = ?", value.code), ("i.system = ?", value.system)]
        given = [(sql, text) for sql, text in wanted if text is not None]
        if any(_UNSTORABLE in text for _, text in given):
            yield "1 = 0", []
        else:
            yield " AND ".join(sql for sql, _ in given) or "1 = 1", [text for _, text in given]


def _strings(clause: StringClause) -> Iterator[_Sql]:
    for value in clause.values:
        if clause.mode == "exact":
            yield "i.text = ?", [value]
        elif clause.mode == "contains":
            yield f"i.folded LIKE ? ESCAPE '{_ESCAPE}'", [f"%{_literal(value)}%"]
        else:
            yield "(i.folded >= ? AND i.folded < ?)", [value, value + _LAST]


def _literal(text: str) -> str:
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return text


def _references(clause: ReferenceClause) -> Iterator[_Sql]:
    for value in clause.values:
        if _UNSTORABLE in value.ref_id or _UNSTORABLE in (value.ref_type or ""):
            yield "1 = 0", []
        elif value.ref_type is None:
            yield "i.ref_id = ?", [value.ref_id]
        else:
            yield "(i.ref_id = ? AND i.ref_type = ?)", [value.ref_id, value.ref_type]


def _uris(clause: UriClause) -> Iterator[_Sql]:
    return (("i.uri = ?", [value]) for value in clause.values)


def _dates(clause: DateClause) -> Iterator[_Sql]:
    return (_date(value, "i.low", "i.high") for value in clause.values)


def _date(value: DateValue, low: str, high: str) -> _Sql:
    """Compare ranges as R4 search 3.1.1.4.7 says; "contained" has a redundant bound that the index can use."""
    asked_low, asked_high = to_micros(value.low), to_micros(value.high)
    contained = f"({low} >= ? AND {low} < ? AND {high} <= ?)"
    within: list[Value] = [asked_low, asked_high, asked_high]
    forms: dict[DatePrefix, _Sql] = {
        DatePrefix.EQ: (contained, within),
        DatePrefix.NE: (f"NOT {contained}", within),
        DatePrefix.GT: (f"{high} > ?", [asked_high]),
        DatePrefix.LT: (f"{low} < ?", [asked_low]),
        DatePrefix.GE: (f"({high} > ? OR {contained})", [asked_high, *within]),
        DatePrefix.LE: (f"({low} < ? OR {contained})", [asked_low, *within]),
        DatePrefix.SA: (f"{low} >= ?", [asked_high]),
        DatePrefix.EB: (f"{high} <= ?", [asked_low]),
        DatePrefix.AP: (f"({low} < ? AND {high} > ?)", [asked_high, asked_low]),
    }
    return forms[value.prefix]


def _token_rank(clause: TokenClause) -> int:
    return _RANK_IDENTIFIER if clause.param == "identifier" else _RANK_TOKEN


def _string_rank(clause: StringClause) -> int:
    return _RANK_SCAN if clause.mode == "contains" else _RANK_TEXT


_Builder = tuple[str, Callable[[Any], Iterator[_Sql]], Callable[[Any], int]]

_BUILDERS: dict[type[Clause], _Builder] = {
    TokenClause: ("index_token", _tokens, _token_rank),
    StringClause: ("index_string", _strings, _string_rank),
    DateClause: ("index_date", _dates, lambda _clause: _RANK_DATE),
    ReferenceClause: ("index_reference", _references, lambda _clause: _RANK_REFERENCE),
    UriClause: ("index_uri", _uris, lambda _clause: _RANK_URI),
}
