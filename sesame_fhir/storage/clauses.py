"""Search clauses about a resource's own values, as SQL conditions on the index tables."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sesame_fhir.services.search import (
    AnyOfClause,
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    MissingClause,
    QuantityClause,
    QuantityValue,
    ReferenceClause,
    Simple,
    StringClause,
    TokenClause,
    UriClause,
)
from sesame_fhir.storage.decimals import sortable
from sesame_fhir.storage.index import TABLES_OF, param_key
from sesame_fhir.storage.instants import MILLISECOND, to_micros
from sesame_fhir.storage.session import Value

_LAST = "\U0010ffff"  # after every character: the end of a prefix's range
_ESCAPE = "\\"
_UNSTORABLE = "\x00"
_NOTHING = "1 = 0"

# How many rows a clause is thought to leave, least first; the gaps are for chains, which multiply.
_RANK_ID, _RANK_IDENTIFIER, _RANK_REFERENCE, _RANK_URI, _RANK_TEXT = 0, 10, 20, 30, 40
RANK_BROAD = _RANK_TOKEN = 50
"""From here on a clause may leave most of its type."""
_RANK_QUANTITY, _RANK_DATE, _RANK_SCAN = 60, 70, 80
RANK_LAST = 1000
"""Of what can only test."""

ONE_BY_ONE = "LIMIT 1 OFFSET 0"
"""Ends a test of one candidate: PostgreSQL would else turn all of them into one join over the whole index."""

Sql = tuple[str, list[Value]]


@dataclass(frozen=True, slots=True)
class Condition:
    """``test`` is a test on the row ``{r}`` of ``resource``.

    ``drive`` is what follows SELECT to find the keys of every resource that passes by an index, some of them several
    times; None when there is no such index.
    Both take ``params``, unless ``driven`` says what ``drive`` takes.
    """

    test: str
    drive: str | None
    params: tuple[Value, ...]
    rank: int
    driven: tuple[Value, ...] | None = None

    @property
    def drive_params(self) -> tuple[Value, ...]:
        """Parameters of ``drive``."""
        return self.params if self.driven is None else self.driven

    @property
    def own_key(self) -> bool:
        """True when the resource itself is named: nothing is more selective."""
        return self.rank == _RANK_ID

    def on(self, alias: str) -> str:
        """Return the test of that row."""
        return self.test.format(r=alias)


def condition(resource_type: str, clause: Simple) -> Condition:
    """Return the condition of one clause; a clause without values finds nothing."""
    if isinstance(clause, MissingClause):
        return _missing(resource_type, clause)
    if isinstance(clause, AnyOfClause):
        return _any_of(resource_type, clause)
    if isinstance(clause, IdClause):
        sql, params = _any((("{r}.fhir_id = ?", [value]) for value in clause.values), clause.values)
        return Condition(sql, None, tuple(params), _RANK_ID)
    if isinstance(clause, DateClause) and clause.param == "_lastUpdated":
        sql, params = _any((_date(value, "{r}.last_updated", _END_OF_UPDATE) for value in clause.values), ())
        return Condition(sql, None, tuple(params), _RANK_DATE)
    table, build, rank = _BUILDERS[type(clause)]
    texts = clause.values if isinstance(clause, StringClause | UriClause) else ()
    sql, values = _any(build(clause), texts)
    params = [param_key(resource_type, clause.param), *values]
    if isinstance(clause, TokenClause) and clause.negated:
        return Condition(f"NOT {_exists(table, sql)}", None, tuple(params), RANK_LAST)
    drive = f"i.resource_key FROM {table} i WHERE i.param = ? AND {sql}"
    return Condition(_exists(table, sql), drive, tuple(params), rank(clause))


def _exists(table: str, sql: str) -> str:
    """Test candidates found otherwise.

    The sum keeps the planner off the index by value: the candidate's own few rows are the way. See ``ONE_BY_ONE``.
    """
    found = f"SELECT 1 FROM {table} i WHERE i.resource_key = {{r}}.resource_key AND i.param + 0 = ? AND {sql}"
    return f"EXISTS ({found} {ONE_BY_ONE})"


def _any_of(resource_type: str, clause: AnyOfClause) -> Condition:
    found = [[condition(resource_type, one) for one in alternative] for alternative in clause.alternatives]
    test = " OR ".join(f"({' AND '.join(one.test for one in alternative)})" for alternative in found)
    params = tuple(value for alternative in found for one in alternative for value in one.params)
    return Condition(f"({test})" if found else _NOTHING, None, params, RANK_LAST)


def _missing(resource_type: str, clause: MissingClause) -> Condition:
    tables = TABLES_OF[clause.kind]
    found = " OR ".join(_exists(table, "1 = 1") for table in tables)
    test = f"NOT ({found})" if clause.missing else f"({found})"
    return Condition(test, None, (param_key(resource_type, clause.param),) * len(tables), RANK_LAST)


_END_OF_UPDATE = f"({{r}}.last_updated + {MILLISECOND})"


def _any(alternatives: Iterable[Sql], texts: Iterable[str]) -> Sql:
    if any(_UNSTORABLE in text for text in texts):
        return _NOTHING, []
    parts = list(alternatives)
    if not parts:
        return _NOTHING, []
    return "(" + " OR ".join(sql for sql, _ in parts) + ")", [value for _, params in parts for value in params]


def _given(*wanted: tuple[str, str | None]) -> Sql:
    """All the tests whose value is given."""
    given = [(sql, text) for sql, text in wanted if text is not None]
    if any(_UNSTORABLE in text for _, text in given):
        return _NOTHING, []
    return " AND ".join(sql for sql, _ in given) or "1 = 1", [text for _, text in given]


def _tokens(clause: TokenClause) -> Iterator[Sql]:
    return (_given(("i.code = ?", value.code), ("i.system = ?", value.system)) for value in clause.values)


def _strings(clause: StringClause) -> Iterator[Sql]:
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


def _references(clause: ReferenceClause) -> Iterator[Sql]:
    for value in clause.values:
        sql, params = _given(("i.ref_id = ?", value.ref_id), ("i.ref_type = ?", value.ref_type))
        yield f"({sql})", params


def _uris(clause: UriClause) -> Iterator[Sql]:
    return (("i.uri = ?", [value]) for value in clause.values)


def _dates(clause: DateClause) -> Iterator[Sql]:
    return (_date(value, "i.low", "i.high") for value in clause.values)


def _date(value: DateValue, low: str, high: str) -> Sql:
    """Compare ranges as R4 search 3.1.1.4.7 says; "contained" has a redundant bound that the index can use."""
    asked_low, asked_high = to_micros(value.low - value.margin), to_micros(value.high + value.margin)
    contained = f"({low} >= ? AND {low} < ? AND {high} <= ?)"
    within: list[Value] = [asked_low, asked_high, asked_high]
    forms: dict[DatePrefix, Sql] = {
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


def _quantities(clause: QuantityClause) -> Iterator[Sql]:
    for value in clause.values:
        number, params = _number(value)
        unit, of_unit = _given(("i.system = ?", value.system), ("i.code = ?", value.code))
        if of_unit and value.system is None:  # without a system, the unit as people read it counts too
            unit, of_unit = "(i.code = ? OR i.unit = ?)", of_unit * 2
        yield f"({number} AND {unit})", [*params, *of_unit]


def _number(value: QuantityValue) -> Sql:
    """Compare as R4 search 3.1.1.4.6 says: equal within the precision asked for, greater and less exactly."""
    exact, low, high = sortable(value.exact), sortable(value.low), sortable(value.high)
    contained = "(i.low >= ? AND i.low < ? AND i.high < ?)"
    forms: dict[DatePrefix, Sql] = {
        DatePrefix.EQ: (contained, [low, high, high]),
        DatePrefix.NE: (f"NOT {contained}", [low, high, high]),
        DatePrefix.GT: ("i.high > ?", [exact]),
        DatePrefix.LT: ("i.low < ?", [exact]),
        DatePrefix.GE: ("i.high >= ?", [exact]),
        DatePrefix.LE: ("i.low <= ?", [exact]),
        DatePrefix.SA: ("i.low > ?", [exact]),
        DatePrefix.EB: ("i.high < ?", [exact]),
        DatePrefix.AP: ("(i.low <= ? AND i.high >= ?)", [high, low]),
    }
    return forms[value.prefix]


def _token_rank(clause: TokenClause) -> int:
    return _RANK_IDENTIFIER if clause.param == "identifier" else _RANK_TOKEN


def _string_rank(clause: StringClause) -> int:
    return _RANK_SCAN if clause.mode == "contains" else _RANK_TEXT


_Builder = tuple[str, Callable[[Any], Iterator[Sql]], Callable[[Any], int]]

_BUILDERS: dict[type[Simple], _Builder] = {
    TokenClause: ("index_token", _tokens, _token_rank),
    StringClause: ("index_string", _strings, _string_rank),
    DateClause: ("index_date", _dates, lambda _clause: _RANK_DATE),
    ReferenceClause: ("index_reference", _references, lambda _clause: _RANK_REFERENCE),
    UriClause: ("index_uri", _uris, lambda _clause: _RANK_URI),
    QuantityClause: ("index_quantity", _quantities, lambda _clause: _RANK_QUANTITY),
}
