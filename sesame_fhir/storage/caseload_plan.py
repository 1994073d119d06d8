"""How a question to the caseload can be answered: which lists lead, and how the rest is tested on their rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.caseload import Bucket, CaseloadQuery, CaseloadSort
from sesame_fhir.services.folding import fold
from sesame_fhir.storage.caseload_entries import ALWAYS, SORT_COLUMNS, listing
from sesame_fhir.storage.session import Value

_LAST = "\U0010ffff"  # after every character: the end of a prefix's range
_FLAG_OF = (
    "EXISTS (SELECT 1 FROM caseload_entry f "
    "WHERE f.pathway_key = e.pathway_key AND f.rule = ? AND f.since <= ? AND f.until >= ?)"
)
_FEW = 1_000
_FEW_FLAGS = 200  # a flag's list is short, and most of it is raised: walking it soon finds a page

OffIndex = Callable[[str], str]
"""``Session.off_index``."""


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on an entry ``e`` or (``on_row``) on its caseload row ``c``."""

    sql: str
    params: tuple[Value, ...]
    on_row: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Values of one column of an entry that are asked for: ``leading`` an index, or ``tested`` on what another gave.

    ``few``: up to so many rows of the range are sooner fetched and sorted than found along another order.
    """

    column: str
    leading: Test
    tested: Test
    few: int


@dataclass(frozen=True, slots=True)
class Lists:
    """One filter of the question as lists: ``names`` are (kind, value); ``test`` is the same on any other list's rows.

    ``raised`` is what must hold within these lists themselves: that the flag stands today.
    """

    names: tuple[tuple[str, str], ...]
    test: Test | None = None
    raised: Range | None = None


@dataclass(frozen=True, slots=True)
class Driver:
    """One way to answer: walk ``lists`` in order, or by the ``by`` range of one column; all ``tests`` must hold."""

    lists: Lists
    by: Range | None
    tests: tuple[Test, ...]
    ordered: bool

    @property
    def few(self) -> int:
        """Up to so many rows, it does not matter where among them the page begins."""
        return _FEW if self.ordered or self.by is None else self.by.few

    @property
    def on_row(self) -> bool:
        """True when a test needs the caseload row."""
        return any(test.on_row for test in self.tests)


@dataclass(frozen=True, slots=True)
class Question:
    """A query with its sets in one order, as lists, ranges and tests."""

    sites: tuple[SiteId, ...]
    buckets: tuple[Bucket, ...]
    lists: tuple[Lists, ...]
    ranges: tuple[Range, ...]
    tests: tuple[Test, ...]

    def arms(self, lists: Lists) -> Iterator[tuple[SiteId, int]]:
        """The numbers of these lists at each site, in the order of the sites."""
        for site in self.sites:
            for bucket in self.buckets:
                for kind, value in lists.names:
                    yield site, listing(kind, value, site, bucket.value)

    def drivers(self, sort: CaseloadSort | None) -> list[Driver]:
        """Every way to answer, the one thought best first; ``sort`` None when the order does not matter."""
        column = SORT_COLUMNS[sort].name if sort in SORT_COLUMNS else None
        return [driver for lists in self.lists for driver in self._led_by(lists, column)]

    def _led_by(self, lists: Lists, column: str | None) -> Iterator[Driver]:
        others = tuple(other.test for other in self.lists if other is not lists and other.test is not None)
        ranges = [*self.ranges, *([lists.raised] if lists.raised else [])]
        along = next((one for one in ranges if one.column == column), None)
        yield Driver(lists, along, (*self.tests, *others, *_tests(ranges, along)), ordered=True)
        for one in ranges:
            if one is not along:
                yield Driver(lists, one, (*self.tests, *others, *_tests(ranges, one)), ordered=False)


def _tests(ranges: Sequence[Range], leading: Range | None) -> Iterator[Test]:
    for one in ranges:
        if one is not leading:
            yield one.tested


def question(query: CaseloadQuery, off_index: OffIndex) -> Question:
    """Read a query; whatever order its sets come in, the same question results."""
    tests = [] if query.discuss is not False else [Test("c.discuss = ?", (False,), on_row=True)]
    return Question(
        sites=tuple(sorted(set(query.sites))),
        buckets=tuple(sorted(set(query.buckets))),
        lists=tuple(_lists(query, off_index)) or (Lists((("all", ""),)),),
        ranges=tuple(_ranges(query, off_index)),
        tests=tuple(tests),
    )


def _lists(query: CaseloadQuery, off_index: OffIndex) -> Iterator[Lists]:
    """The filters as lists, those thought shortest first: what is somebody's own does not grow with the database."""
    if query.reviewer_id is not None:
        yield _reviewed(query.reviewer_id, discuss=query.discuss)
    if query.referrer_id is not None:
        yield Lists((("referrer", query.referrer_id),), _equals("referrer_id", query.referrer_id))
    if query.nurse_id is not None:
        yield Lists((("nurse", query.nurse_id),), _equals("nurse_id", query.nurse_id))
    if query.flag is not None:
        today = query.today.toordinal()
        sql = "{0} > 0 AND {0} <= ? AND e.until >= ?"
        raised = _range("since", sql, (today, today), off_index, _FEW_FLAGS)
        yield Lists((("flag", query.flag),), Test(_FLAG_OF, (query.flag, today, today)), raised)
    if query.discuss and query.reviewer_id is None:
        yield Lists((("discussed", ""),), _equals("discuss", value=True))
    if query.states:
        states = tuple(sorted({state.value for state in query.states}))
        marks = ", ".join("?" * len(states))
        yield Lists(tuple(("state", state) for state in states), Test(f"c.state IN ({marks})", states, on_row=True))


def _reviewed(reviewer_id: str, *, discuss: bool | None) -> Lists:
    """Cases put to this psychiatrist: marked for discussion, or theirs."""
    marked, theirs = ("discussed", ""), ("reviewer", reviewer_id)
    if discuss:
        return Lists((marked,), _equals("discuss", value=True))
    if discuss is None:
        either = Test("(c.discuss = ? OR c.psychiatrist_id = ?)", (True, reviewer_id), on_row=True)
        return Lists((marked, theirs), either)
    return Lists((theirs,), _equals("psychiatrist_id", reviewer_id))


def _ranges(query: CaseloadQuery, off_index: OffIndex) -> Iterator[Range]:
    if query.name is not None and (beginning := fold(query.name)):
        yield _range("name", "{0} >= ? AND {0} < ?", (beginning, beginning + _LAST), off_index, _FEW)
    if query.attention_by is not None:
        day = query.attention_by.toordinal()
        yield _range("attention", "{0} > ? AND {0} <= ?", (ALWAYS, day), off_index, _FEW)


def _range(column: str, sql: str, params: tuple[Value, ...], off_index: OffIndex, few: int) -> Range:
    name = f"e.{column}"
    return Range(column, Test(sql.format(name), params), Test(sql.format(off_index(name)), params), few)


def _equals(column: str, value: Value) -> Test:
    return Test(f"c.{column} = ?", (value,), on_row=True)
