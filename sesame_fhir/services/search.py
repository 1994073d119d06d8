"""Search as values: what a resource is indexed by and what a search asks, independent of FHIR syntax and of SQL.

``sesame_fhir.fhir`` produces them (from resources and from query parameters), ``sesame_fhir.storage`` stores and
answers them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from sesame_fhir.domain.ids import SiteId

IndexKind = Literal["token", "string", "date", "reference", "uri"]


class IndexEntry(NamedTuple):
    """One searchable value of a resource; a tuple, because every published resource makes about ten of them.

    token: ``system`` ("" when absent) and ``code``. string: ``text`` as written, ``folded`` without case and accents.
    date: half-open range [``low``, ``high``), aware, UTC. reference: ``ref_type`` and ``ref_id`` (``system``/``code``
    carry a logical identifier when there is no literal reference). uri: ``text``.
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


class DatePrefix(StrEnum):
    """FHIR date prefixes."""

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
    """A date range asked for, with its prefix; [low, high) as in the index."""

    prefix: DatePrefix
    low: datetime
    high: datetime


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """``ref_type`` None: any type."""

    ref_type: str | None
    ref_id: str


@dataclass(frozen=True, slots=True)
class TokenClause:
    """Any of the values (OR)."""

    param: str
    values: tuple[TokenValue, ...]


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


Clause = TokenClause | StringClause | DateClause | ReferenceClause | UriClause | IdClause


@dataclass(frozen=True, slots=True)
class Sort:
    """``param`` is ``_lastUpdated``, ``_id`` or a date/string/token parameter of the type."""

    param: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """All clauses must hold (AND). ``cursor`` is an earlier page's opaque ``next``; ``count`` 0 asks the total only.

    ``sites`` limits what is found to resources of these sites; None: no limit.
    """

    resource_type: str
    clauses: tuple[Clause, ...] = ()
    sort: tuple[Sort, ...] = field(default_factory=lambda: (Sort("_lastUpdated", descending=True),))
    count: int = 20
    cursor: str | None = None
    sites: frozenset[SiteId] | None = None
