"""Pages of the audit log, by time and position.

One clause may lead: a position, a patient or an actor, by its index; else the index of the time does. Everything else
is tested on what it leads to, at most ``AuditQuery.walk`` entries for a page: then the page ends where the walk did.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this module; every value is a parameter

from dataclasses import dataclass

import msgspec

from sesame_fhir.services.audit_trail import AuditClause, AuditPage, AuditQuery, Between, Names, OneOf, Positioned, Test
from sesame_fhir.services.errors import InvalidCursor
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.storage.access_schema import audit
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Session, Value

_MAP = RowMapper(AuditEntry, audit)
_LEADS = ("entry_id", "patient", "actor_id")
"""What has an index, the most selective first."""
_LAST_POSITION = 2**63 - 1
_UNSTORABLE = "\x00"
_json = msgspec.json.Encoder()

Sql = tuple[str, list[Value]]


@dataclass(frozen=True, slots=True)
class _Walk:
    """``leading`` chooses the entries that are walked, ``testing`` those of them that are found."""

    leading: Sql
    testing: Sql
    order: str

    def of(self, columns: str, at_most: int) -> Sql:
        """Return the statement of the walk."""
        where, params = self.leading
        return f"SELECT {columns} FROM audit WHERE {where} ORDER BY {self.order} LIMIT ?", [*params, at_most]


def find(session: Session, query: AuditQuery) -> AuditPage:
    """Answer one page. Raises ``InvalidCursor`` when no entry is at ``query.after``."""
    total = _total(session, query) if query.counted else None
    if query.count == 0:
        return AuditPage((), total=total)
    walk = _walk(query, _place(session, query))
    inner, params = walk.of(f"{_MAP.names}, entry_id", query.walk)
    test, tested = walk.testing
    sql = f"SELECT w.* FROM ({inner}) w WHERE {test} ORDER BY {walk.order} LIMIT ?"
    rows = session.rows(sql, [*params, *tested, query.count + 1])
    page = tuple(Positioned(row[-1], _MAP.record(row)) for row in rows[: query.count])
    following = page[-1].position if len(rows) > query.count else _end_of(session, walk, query.walk)
    return AuditPage(page, following, total)


def _end_of(session: Session, walk: _Walk, at_most: int) -> int | None:
    """Where the walk stopped; None when it came to the end of the log."""
    sql, params = walk.of("entry_id", 1)
    row = session.row(f"{sql} OFFSET ?", [*params, at_most - 1])
    return None if row is None else int(row[0])


def _total(session: Session, query: AuditQuery) -> int | None:
    walk = _walk(query, None)
    inner, params = walk.of(f"{_MAP.names}, entry_id", query.walk + 1)
    test, tested = walk.testing
    ((walked, found),) = session.rows(
        f"SELECT COUNT(*), COUNT(CASE WHEN {test} THEN 1 END) FROM ({inner}) w", [*tested, *params]
    )
    return int(found) if walked <= query.walk else None


def _place(session: Session, query: AuditQuery) -> tuple[int, int] | None:
    if query.after is None:
        return None
    row = session.row("SELECT at FROM audit WHERE entry_id = ?", [min(query.after, _LAST_POSITION)])
    if row is None:
        raise InvalidCursor
    return row[0], query.after


def _walk(query: AuditQuery, place: tuple[int, int] | None) -> _Walk:
    leads = [lead for held in _LEADS for clause in query.clauses if (lead := _lead(clause, held)) is not None]
    leading: list[Sql] = [_any(lead) for lead in leads[:1]]
    testing: list[Sql] = []
    for clause in query.clauses:
        if _is_span(clause):
            leading.append(_any(clause))
        elif clause not in leads[:1]:
            testing.append(_any(clause))
    if query.sites is not None:
        testing.append(_test(OneOf("site", tuple(sorted(query.sites)))))
    if place is not None:
        leading.append((f"(at, entry_id) {'>' if query.oldest_first else '<'} (?, ?)", list(place)))
    direction = "ASC" if query.oldest_first else "DESC"
    return _Walk(_all(leading), _all(testing), f"at {direction}, entry_id {direction}")


def _lead(clause: AuditClause, held: str) -> AuditClause | None:
    """What an index finds of a clause; None when an alternative says nothing of what the index is of."""
    named = [
        next((one for one in tests if isinstance(one, OneOf) and one.held == held and not one.negated), None)
        for tests in clause
    ]
    return None if None in named else tuple((one,) for one in named if one is not None)


def _is_span(clause: AuditClause) -> bool:
    """True for one span of time, which the index is entered by."""
    return len(clause) == 1 and all(isinstance(one, Between) and not one.negated for one in clause[0])


def _all(found: list[Sql]) -> Sql:
    return " AND ".join(sql for sql, _ in found) or "1 = 1", [value for _, params in found for value in params]


def _any(clause: AuditClause) -> Sql:
    found = [_all([_test(one) for one in tests]) for tests in clause]
    return f"({' OR '.join(f'({sql})' for sql, _ in found) or '1 = 0'})", [v for _, params in found for v in params]


def _test(test: Test) -> Sql:
    if isinstance(test, OneOf):
        values: list[Value] = [one for one in test.values if not _unstorable(one)]
        if not values:
            return ("1 = 1" if test.negated else "1 = 0"), []
        among = f"IN ({', '.join('?' * len(values))})"
        return (f"({test.held} IS NULL OR {test.held} NOT {among})" if test.negated else f"{test.held} {among}"), values
    if isinstance(test, Names):
        # ``extra`` is compact JSON, in which a text's own quotes are escaped: the pair can be nothing but itself.
        pair = f"{_json.encode(test.key).decode()}:{_json.encode(test.value).decode()}"
        return f"REPLACE(extra, ?, '') {'=' if test.negated else '<>'} extra", [pair]
    return _span(test)


def _unstorable(value: str | int) -> bool:
    return _UNSTORABLE in value if isinstance(value, str) else value > _LAST_POSITION


def _span(test: Between) -> Sql:
    low, high = (None if moment is None else to_micros(moment) for moment in (test.low, test.high))
    found: list[Sql] = [(part, [at]) for part, at in (("at >= ?", low), ("at < ?", high)) if at is not None]
    sql, params = _all(found)
    return (f"NOT ({sql})" if test.negated else sql), params
