"""The day's agenda, and the sequences whose last day has passed: both read along an index, soonest first."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from datetime import date, datetime

from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import AgendaSlot
from sesame_fhir.storage.caseload_rows import AGENDA
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.session import Row, Session, Value

_TOGETHER = 100  # sites merged in one statement
_ARM = f"SELECT {AGENDA.names} FROM agenda_slot WHERE site = ? AND planned_at >= ? AND planned_at < ?"
_SOONEST = (AGENDA.fields.index("planned_at"), AGENDA.fields.index("contact_id"))
_ORDER = ", ".join(str(place + 1) for place in _SOONEST)
_DUE = """
SELECT pathway_id FROM caseload
WHERE sequence_end < ? AND sequence_end IS NOT NULL AND bucket <> 'closed'{but}
ORDER BY sequence_end, pathway_key LIMIT ?"""


def agenda(  # noqa: PLR0917  the port's own arguments
    session: Session, sites: Sequence[SiteId], nurse_id: str | None, start: datetime, end: datetime, limit: int
) -> tuple[AgendaSlot, ...]:
    """Planned contacts from ``start`` to before ``end``, soonest first."""
    arm = _ARM if nurse_id is None else f"{_ARM} AND nurse_id = ?"
    within: tuple[Value, ...] = (to_micros(start), to_micros(end), *([] if nurse_id is None else [nurse_id]))
    wanted, found = sorted(set(sites)), list[Row]()
    for first in range(0, len(wanted), _TOGETHER):
        some = wanted[first : first + _TOGETHER]
        params = [value for site in some for value in (site, *within)]
        arms = " UNION ALL ".join([f"SELECT * FROM ({arm} ORDER BY {_ORDER}) arm"] * len(some))
        sql = f"{arms} ORDER BY {_ORDER} LIMIT ?"
        found += session.rows(sql, (*params, limit))
    found.sort(key=lambda row: tuple(row[place] for place in _SOONEST))
    return tuple(AGENDA.record(row) for row in found[:limit])


def sequences_due(
    session: Session, today: date, limit: int, but: frozenset[State] = frozenset()
) -> tuple[PathwayId, ...]:
    """Open pathways whose running sequence was planned to end before ``today``, longest due first."""
    states = sorted(state.value for state in but)
    sql = _DUE.format(but=f" AND state NOT IN ({', '.join('?' * len(states))})" if states else "")
    return tuple(PathwayId(row[0]) for row in session.rows(sql, (today.isoformat(), *states, limit)))
