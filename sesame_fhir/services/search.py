"""Search as values: what a resource is indexed by and what a search asks, independent of FHIR syntax and of SQL.

``sesame_fhir.fhir`` produces them (from resources and from query parameters), ``sesame_fhir.storage`` stores and
answers them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from sesame_fhir.services.reach import Limit

IndexKind = Literal["token", "string", "date", "reference", "uri", "quantity"]


class IndexEntry(NamedTuple):
    """One searchable value of a resource; a tuple, because every published resource makes about ten of them.

    token: ``system`` ("" when absent) and ``code``. string: ``text`` as written, ``folded`` without case and accents.
    date: half-open range [``low``, ``high``), aware, UTC. reference: ``ref_type`` and ``ref_id`` (``system``/``code``
    carry a logical identifier, alone or beside the literal reference). uri: ``text``. quantity: what the value may be,
    from ``least`` to ``most`` (None: open; an edge that is not reached itself is one of ``open_edges``), ``system`` and
    ``code`` of its unit and, in ``text``, the unit as people read it.
    """

    param: str
    kind: IndexKind
    system: str | None = None
    code: str | None = None
    text: str | None = None
    folded: str | None = None
    low: datetime | None = None
    high: datetime | None = None
    ref_type: str | None = None
    ref_id: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    open_edges: bool = False


class DatePrefix(StrEnum):
    """FHIR prefixes of dates and quantities."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    LT = "lt"
    GE = "ge"
    LE = "le"
    SA = "sa"
    EB = "eb"
    AP = "ap"


@dataclass(frozen=True, slots=True)
class TokenValue:
    """``system`` None: any system; "": no system. ``code`` None: any code of the system."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class DateValue:
    """A date range asked for, with its prefix; [low, high) as in the index.

    ``margin`` widens it at both ends for ``ap``. It depends on the time of the question, so it is no part of what a
    cursor belongs to: the next page is asked a little later.
    """

    prefix: DatePrefix
    low: datetime
    high: datetime
    margin: timedelta = field(default=timedelta(0), repr=False)


@dataclass(frozen=True, slots=True)
class QuantityValue:
    """A number asked for: ``exact`` for the comparing prefixes, [``low``, ``high``) as precise as it was written.

    ``system`` None: any, "": none. ``code`` None: any unit; without a system, the unit's text counts too.
    """

    prefix: DatePrefix
    exact: Decimal
    low: Decimal
    high: Decimal
    system: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """``ref_type`` None: any type."""

    ref_type: str | None
    ref_id: str


@dataclass(frozen=True, slots=True)
class TokenClause:
    """Any of the values (OR); ``negated``: none of them, which a resource without any value satisfies too."""

    param: str
    values: tuple[TokenValue, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class StringClause:
    """Any of the values; ``values`` are folded unless ``mode`` is exact."""

    param: str
    values: tuple[str, ...]
    mode: Literal["starts", "contains", "exact"] = "starts"


@dataclass(frozen=True, slots=True)
class DateClause:
    """Any of the ranges. ``param`` may be ``_lastUpdated``."""

    param: str
    values: tuple[DateValue, ...]


@dataclass(frozen=True, slots=True)
class ReferenceClause:
    """Any of the targets."""

    param: str
    values: tuple[ReferenceValue, ...]


@dataclass(frozen=True, slots=True)
class UriClause:
    """Any of the uris, exact."""

    param: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IdClause:
    """Any of the logical ids (``_id``)."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuantityClause:
    """Any of the quantities."""

    param: str
    values: tuple[QuantityValue, ...]


@dataclass(frozen=True, slots=True)
class AnyOfClause:
    """One of the alternatives holds: all of its clauses (the scopes of a token add up)."""

    alternatives: tuple[tuple[TokenClause, ...], ...]


@dataclass(frozen=True, slots=True)
class MissingClause:
    """Nothing is indexed (``missing``) or something is; ``kind`` is the parameter's."""

    param: str
    kind: IndexKind
    missing: bool


Simple = (
    TokenClause
    | StringClause
    | DateClause
    | ReferenceClause
    | UriClause
    | IdClause
    | QuantityClause
    | MissingClause
    | AnyOfClause
)
"""Clauses about the resource's own values."""


@dataclass(frozen=True, slots=True)
class ChainClause:
    """``param`` leads to a current resource of type ``target`` that satisfies every clause."""

    param: str
    target: str
    clauses: tuple[Simple, ...]


@dataclass(frozen=True, slots=True)
class HasClause:
    """A current resource of type ``source`` leads here by its ``param``, and satisfies every clause."""

    source: str
    param: str
    clauses: tuple[Simple, ...]


Linked = ChainClause | HasClause
Clause = Simple | Linked


@dataclass(frozen=True, slots=True)
class Sort:
    """``param`` is ``_lastUpdated``, ``_id`` or a parameter of the type, of that ``kind``."""

    param: str
    descending: bool = False
    kind: IndexKind = "date"


Total = Literal["none", "bounded", "estimate", "accurate"]
"""How a search counts: not at all; up to a limit, and not when there are more or counting costs; "at least" the limit
then; all of it."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """All clauses must hold (AND). ``cursor`` is an earlier page's opaque ``next``; ``count`` 0 asks the total only.

    ``sites`` limits what is found, and what chains pass through, to these sites or to a reach; None: no limit.
    """

    resource_type: str
    clauses: tuple[Clause, ...] = ()
    sort: tuple[Sort, ...] = field(default_factory=lambda: (Sort("_lastUpdated", descending=True),))
    count: int = 20
    cursor: str | None = None
    sites: Limit | None = None
    total: Total = "accurate"


@dataclass(frozen=True, slots=True)
class Include:
    """Resources to bring along: those that ``source`` resources name by ``param``, or (``reverse``) that name them.

    ``source`` is the type that holds the reference. ``param`` None: any of its references. ``target`` is the type that
    is referred to, None: any. ``iterate``: followed from what was brought along, too. ``clauses`` limit what is
    brought, of a named type.
    """

    source: str
    param: str | None
    target: str | None = None
    reverse: bool = False
    iterate: bool = False
    clauses: tuple[Simple, ...] = ()
