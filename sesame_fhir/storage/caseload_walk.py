"""Reading the lists of the caseload: in order and by key, or (where there are few rows) all of them, then sorted.

Several lists are merged by the database, which reads no further than the page.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.storage.caseload_plan import Driver, Test
from sesame_fhir.storage.session import Session, Value

_TOGETHER = 100  # lists merged in one statement

Place = tuple[int | str, int]
"""Sort value and pathway key: where a row stands in the order."""


@dataclass(frozen=True, slots=True)
class Order:
    """The sort's column (None: by age alone), what it holds for rows without a value, and the direction."""

    column: str | None
    missing: int | None
    descending: bool

    def rank(self, place: Place) -> tuple[bool, int | str, int]:
        """What to sort by (backwards when descending): rows without a value come last either way."""
        value, key = place
        return self.descending and value != self.missing, value, key

    def follows(self, place: Place, after: Place) -> bool:
        """True when the place comes after the other one."""
        rank, last = self.rank(place), self.rank(after)
        return rank < last if self.descending else rank > last


@dataclass(frozen=True, slots=True)
class Way:
    """One way through the lists, in one order."""

    session: Session
    driver: Driver
    order: Order

    def count(self, numbers: Sequence[int], cap: int) -> int:
        """Count the rows of these lists, up to ``cap``."""
        where, params = self._where(_in(numbers))
        ((found,),) = self.session.rows(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {self._source} WHERE {where} LIMIT ?) counted", (*params, cap)
        )
        total: int = found
        return total

    def gathered(self, numbers: Sequence[int], after: Place | None, limit: int) -> list[Place]:
        """Fetch all rows of these lists, then sort."""
        where, params = self._where(_in(numbers))
        rows = self.session.rows(
            f"SELECT e.{self.order.column}, e.pathway_key FROM {self._source} WHERE {where}", params
        )
        places = sorted(((row[0], row[1]) for row in rows), key=self.order.rank, reverse=self.order.descending)
        return [place for place in places if after is None or self.order.follows(place, after)][:limit]

    def walked(self, numbers: Sequence[int], after: Place | None, limit: int) -> list[Place]:
        """Walk the lists in order; backwards, what has no value comes after everything else."""
        missing = self.order.missing
        if not self.order.descending or missing is None:
            return self._merged(numbers, self._after(after), limit)
        found = list[Place]()
        if after is None or after[0] != missing:
            begun = self._after(after) or Test(f"e.{self.order.column} < ?", (missing,))
            found, after = self._merged(numbers, begun, limit), None
        if len(found) < limit and self.driver.by is None:
            rest = Test(f"e.{self.order.column} = ?", (missing,))
            if after is not None:
                rest = Test(f"{rest.sql} AND e.pathway_key < ?", (missing, after[1]))
            found += self._merged(numbers, rest, limit - len(found))
        return found

    def _after(self, after: Place | None) -> Test | None:
        if after is None:
            return None
        sign = "<" if self.order.descending else ">"
        if self.order.column is None:
            return Test(f"e.pathway_key {sign} ?", (after[1],))
        return Test(f"(e.{self.order.column}, e.pathway_key) {sign} (?, ?)", after)

    def _merged(self, numbers: Sequence[int], begun: Test | None, limit: int) -> list[Place]:
        """The next places of all lists together."""
        found = list[Place]()
        for start in range(0, len(numbers), _TOGETHER):
            found += self._next(numbers[start : start + _TOGETHER], begun, limit)
        if len(numbers) > _TOGETHER:
            found.sort(reverse=self.order.descending)
        return found[:limit]

    def _next(self, numbers: Sequence[int], begun: Test | None, limit: int) -> list[Place]:
        by_age, backwards = self.order.column is None, " DESC" if self.order.descending else ""
        columns = "e.pathway_key" if by_age else f"e.{self.order.column}, e.pathway_key"
        ranks = f"1{backwards}" if by_age else f"1{backwards}, 2{backwards}"
        arms, params = list[str](), list[Value]()
        for number in numbers:
            where, given = self._where(Test("e.listing = ?", (number,)), *([begun] if begun else []))
            # Sorted one by one, or PostgreSQL would not see that its index already is, and read every list to its end.
            arms.append(f"SELECT * FROM (SELECT {columns} FROM {self._source} WHERE {where} ORDER BY {ranks}) arm")
            params += given
        sql = f"{' UNION ALL '.join(arms)} ORDER BY {ranks} LIMIT ?"
        return [(row[0], row[-1]) for row in self.session.rows(sql, (*params, limit))]

    @property
    def _source(self) -> str:
        # The order of the tables is fixed: the entries lead to their rows, never the other way.
        return "caseload_entry e CROSS JOIN caseload c" if self.driver.on_row else "caseload_entry e"

    def _where(self, *more: Test) -> tuple[str, tuple[Value, ...]]:
        joined = [Test("c.pathway_key = e.pathway_key", ())] if self.driver.on_row else []
        by = [self.driver.by.leading] if self.driver.by else []
        tests: list[Test] = [*more, *by, *joined, *self.driver.tests]
        return " AND ".join(test.sql for test in tests), tuple(value for test in tests for value in test.params)


def _in(numbers: Sequence[int]) -> Test:
    return Test(f"e.listing IN ({', '.join('?' * len(numbers))})", tuple(numbers))
