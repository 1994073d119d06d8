"""Which resources a search is about: its clauses put together, the one thought most selective in front.

The first condition drives the query, the others are tested on its rows, so that "this patient's observations of that
category" never walks a whole category. The order of the tables is fixed (CROSS JOIN): SQLite, which keeps no
statistics here, otherwise walks the whole type. A chain is a search of its own on the other type, joined by the index
of references.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.services.reach import Limit
from sesame_fhir.services.search import ChainClause, Clause, HasClause
from sesame_fhir.storage.clauses import ONE_BY_ONE, RANK_BROAD, RANK_LAST, Condition, condition
from sesame_fhir.storage.index import param_key
from sesame_fhir.storage.reach import limited
from sesame_fhir.storage.session import Value

Sites = Limit | None

_CHAINED = 15  # what a chain adds to the rank of what it ends in


@dataclass(frozen=True, slots=True)
class Candidates:
    """``source`` and ``where`` of a query on a row of ``resource``; ``keys`` selects a key for each, by itself.

    ``indexed`` is False when every resource of the type is walked. ``broad`` selects something for each row that drives
    a query whose driver may leave most of the type; None for the others.
    """

    source: str
    where: str
    keys: str
    params: tuple[Value, ...]
    indexed: bool
    broad: tuple[str, tuple[Value, ...]] | None = None


def candidates(kind: str, clauses: Sequence[Clause], sites: Sites, alias: str = "r") -> Candidates:
    """Drive by the first condition that can; a type without one by its order of change."""
    found = sorted(conditions(kind, clauses, sites), key=lambda one: one.rank)
    driver = next((one for one in found if one.drive is not None), None)
    if driver is None or found[0].own_key:
        return _walk(kind, found, alias)
    rest = [one for one in found if one is not driver]
    # A parameter's number stands for the type too, and only what is not deleted has index rows.
    source = f"(SELECT DISTINCT {driver.drive}) c CROSS JOIN resource {alias}"
    where = " AND ".join([f"{alias}.resource_key = c.resource_key", *(one.on(alias) for one in rest)])
    params = (*driver.drive_params, *(value for one in rest for value in one.params))
    keys = f"SELECT {alias}.resource_key FROM {source} WHERE {where}" if rest else f"SELECT DISTINCT {driver.drive}"
    broad = (f"SELECT {driver.drive}", driver.drive_params) if driver.rank >= RANK_BROAD else None
    return Candidates(source, where, keys, params, indexed=True, broad=broad)


def walked(kind: str, clauses: Sequence[Clause], sites: Sites) -> Candidates:
    """Every resource of the type is tested, in the order of change: where most of them pass, a page is soon full."""
    return _walk(kind, sorted(conditions(kind, clauses, sites), key=lambda one: one.rank), "r")


def _walk(kind: str, found: Sequence[Condition], alias: str) -> Candidates:
    tests = (one.on(alias) for one in found)
    where = " AND ".join([f"{alias}.resource_type = ?", f"{alias}.body_key IS NOT NULL", *tests])
    params = (kind, *(value for one in found for value in one.params))
    keys = f"SELECT {alias}.resource_key FROM resource {alias} WHERE {where}"
    return Candidates(f"resource {alias}", where, keys, params, indexed=bool(found) and found[0].own_key)


def conditions(kind: str, clauses: Sequence[Clause], sites: Sites) -> list[Condition]:
    """The conditions (all must hold) of a type's clauses, and of the sites."""
    limits = [] if sites is None else [limited(kind, sites)]
    return [*(_condition(kind, clause, sites) for clause in clauses), *limits]


def _condition(kind: str, clause: Clause, sites: Sites) -> Condition:
    if isinstance(clause, ChainClause):
        return _chain(kind, clause, sites)
    if isinstance(clause, HasClause):
        return _has(kind, clause, sites)
    return condition(kind, clause)


def _chain(kind: str, clause: ChainClause, sites: Sites) -> Condition:
    """From the targets found to whoever names them, or from a candidate's own references to their targets."""
    inner = conditions(clause.target, clause.clauses, sites)
    link: tuple[Value, ...] = (param_key(kind, clause.param), clause.target)
    tests = " AND ".join(["t.body_key IS NOT NULL", *(one.on("t") for one in inner)])
    test = (
        "EXISTS (SELECT 1 FROM index_reference i CROSS JOIN resource t WHERE i.resource_key = {r}.resource_key "
        f"AND i.param + 0 = ? AND i.ref_type = ? AND t.resource_type = ? AND t.fhir_id = i.ref_id AND {tests} "
        f"{ONE_BY_ONE})"
    )
    tested = (*link, clause.target, *(value for one in inner for value in one.params))
    targets = candidates(clause.target, clause.clauses, sites, "t")
    if not targets.indexed:
        return Condition(test, None, tested, RANK_LAST)
    drive = (
        f"i.resource_key FROM {targets.source} CROSS JOIN index_reference i WHERE {targets.where} "
        "AND i.param = ? AND i.ref_type = ? AND i.ref_id = t.fhir_id"
    )
    return _either(test, tested, drive, (*targets.params, *link), inner)


def _has(kind: str, clause: HasClause, sites: Sites) -> Condition:
    """From the sources found to what they name, or from a candidate to whoever names it."""
    inner = conditions(clause.source, clause.clauses, sites)
    link: tuple[Value, ...] = (param_key(clause.source, clause.param), kind)
    tests = "".join(f" AND {one.on('s')}" for one in inner)
    test = (
        "EXISTS (SELECT 1 FROM index_reference i CROSS JOIN resource s WHERE i.param = ? AND i.ref_type = ? "
        f"AND i.ref_id = {{r}}.fhir_id AND s.resource_key = i.resource_key{tests} {ONE_BY_ONE})"
    )
    tested = (*link, *(value for one in inner for value in one.params))
    sources = candidates(clause.source, clause.clauses, sites, "s")
    if not sources.indexed:
        return Condition(test, None, tested, RANK_LAST)
    drive = (
        f"o.resource_key FROM {sources.source} CROSS JOIN index_reference i CROSS JOIN resource o "
        f"WHERE {sources.where} AND i.resource_key = s.resource_key AND i.param + 0 = ? AND i.ref_type = ? "
        "AND o.resource_type = ? AND o.fhir_id = i.ref_id AND o.body_key IS NOT NULL"
    )
    return _either(test, tested, drive, (*sources.params, *link, kind), inner)


def _either(
    test: str, tested: tuple[Value, ...], drive: str, driven: tuple[Value, ...], inner: Sequence[Condition]
) -> Condition:
    """A condition whose two forms take their parameters in different orders."""
    return Condition(test, drive, tested, min(one.rank for one in inner) + _CHAINED, driven)
