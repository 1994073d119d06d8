"""Search parameters of a request, understood: from query text to the clauses that storage answers.

https://hl7.org/fhir/R4/search.html. A parameter we do not have is an error when the client asks for strict handling,
a warning otherwise; a value or modifier we cannot understand is always an error, since ignoring it would answer
another question.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sesame_fhir.fhir.errors import InvalidSearch
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from sesame_fhir.fhir.search_links import read_chain, read_has, read_include
from sesame_fhir.fhir.search_parameters import SearchParameter, parameters_of
from sesame_fhir.fhir.search_values import NotUnderstoodError, ValueReader
from sesame_fhir.fhir.subsetting import View, view_of
from sesame_fhir.services.search import Clause, Include, SearchQuery, Simple, Sort

MAX_COUNT = 1000
"""Largest page; a greater ``_count`` is lowered to it, as FHIR allows."""
MAX_PARAMETERS = 30
"""Most parameters of one search: each is a join, and a database plans joins in more than linear time."""
MAX_SORTS = 5
"""Most keys in one ``_sort``, for the same reason."""
MAX_LINKS = 5
"""Most chains and ``_has``: each is a search of its own."""
MAX_INCLUDES = 10
"""Most ``_include`` and ``_revinclude``: each is a statement of its own."""
MAX_ALTERNATIVES = 400
"""Most values of all parameters together, for the same reason; a single parameter has a limit of its own."""
MAX_SHOWN = 60
"""Characters of an unknown parameter's name that are repeated to the client."""
MAX_TEXT = 16_000
"""Most characters of one value."""
MAX_DIGITS = 9

_IGNORED = frozenset({"_format", "_pretty"})
_LAST_UPDATED = SearchParameter("_lastUpdated", "date", ())
_TOTALS = frozenset({"none", "estimate", "accurate"})


@dataclass(frozen=True, slots=True)
class ParsedSearch:
    """``warnings``: parameters that were ignored, to be told in the searchset's outcome entry.

    ``view``: the part of each resource that is wanted. ``used``: the parameters as they were understood, for the
    ``self`` link, without the cursor.
    """

    query: SearchQuery
    warnings: tuple[Issue, ...] = ()
    includes: tuple[Include, ...] = ()
    view: View | None = None
    used: tuple[tuple[str, str], ...] = field(default=(), compare=False)


def parse_search(
    resource_type: str, parameters: Iterable[tuple[str, str]], *, now: datetime, strict: bool = False, base: str = ""
) -> ParsedSearch:
    """Understand the decoded query parameters of ``GET [base]/[resource_type]?…`` (or of its POST form).

    Args:
        resource_type: the type searched.
        parameters: names (with modifiers) and values, in order, repetitions included (they are ANDed).
        now: aware; only ``ap`` depends on it.
        strict: the client sent ``Prefer: handling=strict``.
        base: our FHIR base URL, taken off absolute references.

    Raises:
        InvalidSearch: carries an issue for each parameter that cannot be understood.
    """
    reader = _Reader(resource_type, now, base)
    given = list(parameters)
    if len(given) > MAX_PARAMETERS:
        raise InvalidSearch(Issue(Severity.ERROR, IssueType.TOO_COSTLY, f"Au plus {MAX_PARAMETERS} paramètres."))
    for name, value in given:
        reader.read(name, value)
    reader.check_together()
    ignored = [reader.unknown(name, Severity.ERROR if strict else Severity.WARNING) for name in reader.ignored]
    errors = [*reader.errors, *(ignored if strict else ())]
    if errors:
        raise InvalidSearch(*errors)
    return ParsedSearch(reader.query(), tuple(ignored), tuple(reader.includes), reader.view, tuple(reader.used))


class _Reader:
    """Collects clauses, control values and problems, one parameter at a time."""

    def __init__(self, resource_type: str, now: datetime, base: str) -> None:
        self._type = resource_type
        self._values = ValueReader(now, base)
        self._clauses: list[Clause] = []
        self._links = 0
        self._alternatives = 0
        self._controls: dict[str, Any] = {}
        self._control_readers: dict[str, Callable[[str], str]] = {
            "_count": self._count,
            "_sort": self._sort,
            "_cursor": self._cursor,
            "_total": self._total,
            "_summary": self._summary,
            "_elements": self._elements,
        }
        self._controlled: set[str] = set()
        self.includes: list[Include] = []
        self.view: View | None = None
        self.errors: list[Issue] = []
        self.ignored: list[str] = []
        self.used: list[tuple[str, str]] = []

    def query(self) -> SearchQuery:
        """What was understood; the defaults are those of ``SearchQuery``."""
        return SearchQuery(self._type, tuple(self._clauses), **self._controls)

    def unknown(self, name: str, severity: Severity) -> Issue:
        """The issue about a parameter that this type does not have."""
        text = f"Paramètre de recherche inconnu pour {self._type} : {name[:MAX_SHOWN]}."
        return Issue(severity, IssueType.NOT_SUPPORTED, text)

    def read(self, name: str, value: str) -> None:
        """Take one parameter; an empty value is no criterion (R4 says to ignore it)."""
        if not value or name in _IGNORED:
            return
        code = name.partition(":")[0]
        try:
            understood = self._take(name, value)
        except NotUnderstoodError as problem:
            self.errors.append(Issue(Severity.ERROR, problem.code, f"{code[:MAX_SHOWN]} : {problem}"))
            return
        if understood is None:
            self.ignored.append(name)
        elif code != "_cursor":
            self.used.append((name, understood))

    def _take(self, name: str, value: str) -> str | None:
        """Returns the value as it was understood, None for a parameter that does not exist."""
        code, _, modifier = name.partition(":")
        if len(value) > MAX_TEXT:
            raise NotUnderstoodError(f"au plus {MAX_TEXT} caractères.", IssueType.TOO_LONG)
        if code in self._control_readers:
            return self._control(code, modifier, value)
        if code in ("_include", "_revinclude"):
            self._include(code, modifier, value)
            return value
        return value if self._criterion(name, value) else None

    def check_together(self) -> None:
        """R4: the text of a resource says nothing about what came along with it."""
        if self.includes and self.view is not None and self.view.summary == "text":
            text = "_summary=text ne se combine pas avec _include et _revinclude."
            self.errors.append(Issue(Severity.ERROR, IssueType.INVALID, text))

    def _criterion(self, name: str, value: str) -> bool:
        """Add the clause of a parameter; False for one that does not exist."""
        clause: Clause | None
        if name.startswith("_has:") or "." in name:
            self._links += 1
            if self._links > MAX_LINKS:
                raise NotUnderstoodError(f"au plus {MAX_LINKS} enchaînements.", IssueType.TOO_COSTLY)
            read = read_has if name.startswith("_has:") else read_chain
            clause = read(self._type, name, value, self._simple)
        else:
            clause = self._simple(self._type, name, value)
        if clause is not None:
            self._clauses.append(clause)
        return clause is not None

    def _simple(self, resource_type: str, name: str, value: str) -> Simple | None:
        """The clause about a type's own values; None when it has no such parameter."""
        self._alternatives += 1 + value.count(",")
        if self._alternatives > MAX_ALTERNATIVES:
            raise NotUnderstoodError(f"au plus {MAX_ALTERNATIVES} valeurs en tout.", IssueType.TOO_COSTLY)
        code, _, modifier = name.partition(":")
        if code == "_id":
            if modifier:
                raise NotUnderstoodError("_id ne prend pas de modificateur.", IssueType.NOT_SUPPORTED)
            return self._values.ids(value)
        parameter = _LAST_UPDATED if code == "_lastUpdated" else parameters_of(resource_type).get(code)
        return None if parameter is None else self._values.clause(parameter, modifier, value)

    def _include(self, code: str, modifier: str, value: str) -> None:
        if modifier not in ("", "iterate"):
            raise NotUnderstoodError("modificateur non pris en charge.", IssueType.NOT_SUPPORTED)
        if len(self.includes) >= MAX_INCLUDES:
            raise NotUnderstoodError(f"au plus {MAX_INCLUDES}.", IssueType.TOO_COSTLY)
        found = read_include(self._type, value, reverse=code == "_revinclude", iterate=modifier == "iterate")
        if found not in self.includes:
            self.includes.append(found)

    def _control(self, code: str, modifier: str, value: str) -> str:
        """Take a control; returns its value as it was understood."""
        if modifier or code in self._controlled:
            raise NotUnderstoodError("une seule fois, sans modificateur.")
        self._controlled.add(code)
        return self._control_readers[code](value)

    def _count(self, value: str) -> str:
        if not (value.isascii() and value.isdigit()) or len(value) > MAX_DIGITS:
            raise NotUnderstoodError("nombre entier attendu.")
        count = min(int(value), MAX_COUNT)
        self._controls.setdefault("count", count)
        return str(count)

    def _cursor(self, value: str) -> str:
        self._controls["cursor"] = value
        return value

    def _total(self, value: str) -> str:
        if value not in _TOTALS:
            raise NotUnderstoodError("none, estimate ou accurate attendu.", IssueType.VALUE)
        self._controls["total"] = value
        return value

    def _summary(self, value: str) -> str:
        if value == "count":
            self._controls["count"] = 0
        else:
            self._look("_summary", value)
        return value

    def _elements(self, value: str) -> str:
        self._look("_elements", value)
        return value

    def _look(self, code: str, value: str) -> None:
        view = view_of(code, value)
        if view is None:
            raise NotUnderstoodError("valeur non prise en charge.", IssueType.VALUE)
        if view != View():
            if self.view is not None:
                raise NotUnderstoodError("_summary ou _elements, pas les deux.")
            self.view = view

    def _sort(self, value: str) -> str:
        keys = value.split(",")
        if len(keys) > MAX_SORTS:
            raise NotUnderstoodError(f"au plus {MAX_SORTS} clés de tri.", IssueType.TOO_COSTLY)
        self._controls["sort"] = tuple(self._one_sort(part) for part in keys)
        return value

    def _one_sort(self, part: str) -> Sort:
        name, descending = part.removeprefix("-"), part.startswith("-")
        if name in ("_id", "_lastUpdated"):
            return Sort(name, descending)
        parameter = parameters_of(self._type).get(name)
        if parameter is None:
            raise NotUnderstoodError("tri possible sur _lastUpdated, _id ou un paramètre de ce type.")
        return Sort(name, descending, parameter.kind)
