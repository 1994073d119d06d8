"""transaction: all entries or none, in R4's order (https://hl7.org/fhir/R4/http.html#trules).

Ids are given first, so that links between entries can be replaced; then every write is planned in one unit, with every
problem told, and the unit is written at once. What only reads is tried before, so that its refusal leaves nothing
written, and answered after, so that it sees what was.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.addresses import Interaction
from sesame_fhir.api.facade.bounds import bounded
from sesame_fhir.api.facade.bundle_writing import bundle, response_entry
from sesame_fhir.api.facade.deleting import plan_delete
from sesame_fhir.api.facade.entries import Entry, entry_of, located
from sesame_fhir.api.facade.exchange import Answer, Ask, Perform
from sesame_fhir.api.facade.identities import Identities, Identity
from sesame_fhir.api.facade.patching import plan_patch
from sesame_fhir.api.facade.planning import Plan, Planned, Step, plan_create, plan_update
from sesame_fhir.api.facade.relinking import Linker, Named
from sesame_fhir.api.facade.writing import done, in_unit
from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.api.operations.registry import find_operation
from sesame_fhir.fhir.errors import EntriesRefused, NotSupported, explain, rule_for
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, error
from sesame_fhir.fhir.validation import MAX_ISSUES
from sesame_fhir.fhir.walk import strings
from sesame_fhir.services.unit import Unit

_PLANS: dict[Interaction, Plan] = {
    "delete": plan_delete,
    "create": plan_create,
    "update": plan_update,
    "patch": plan_patch,
}
_ORDER: tuple[frozenset[Interaction], ...] = (
    frozenset({"delete"}),
    frozenset({"create"}),
    frozenset({"update", "patch"}),
)


T = TypeVar("T")
R = TypeVar("R")


def transaction(deps: ApiDeps, caller: Caller, ask: Ask, entries: Sequence[Json], perform: Perform) -> Answer:
    """Perform all entries in one unit; ``perform`` is for those that only read.

    Raises:
        EntriesRefused: entries stand against it; nothing has been written.
    """
    return _Transaction(deps, caller, ask, perform).run(entries)


class _Transaction:
    """One transaction on its way; ``answers`` by the entry's place."""

    def __init__(self, deps: ApiDeps, caller: Caller, ask: Ask, perform: Perform) -> None:
        self._perform = perform
        self._deps = deps
        self._caller = caller
        self._ask = ask
        self._answers: dict[int, Answer] = {}

    def run(self, given: Sequence[Json]) -> Answer:
        """Read, rehearse, write, answer."""
        entries = self._each(list(enumerate(given)), lambda one: entry_of(self._deps, self._ask, *one), *_of_given)
        writes = [one for step in _ORDER for one in _named_first([e for e in entries if e.interaction in step])]
        reads = [one for one in entries if one.interaction not in _PLANS]
        self._read(reads, {one.ask.path for one in writes if len(one.ask.path) > 1}, bounded(self._perform))
        if writes:
            planned, left = in_unit(self._deps, lambda unit: self._planned(unit, writes))
            for entry, plan in planned:
                self._answers[entry.place] = done(self._deps, self._caller, entry.ask, plan, left)
            self._read(reads, set(), self._perform)
        answered = [response_entry(self._answers[one.place], self._ask.returned) for one in entries]
        return Answer(200, bundle("transaction-response", None, (), answered))

    def _read(self, reads: list[Entry], written: set[tuple[str, ...]], perform: Perform) -> None:
        """Answer what reads; what is to be written is not there yet to be tried."""

        def one(entry: Entry) -> None:
            if entry.interaction == "operation":
                _check_harmless(entry)
            if entry.ask.path[:2] not in written:
                self._answers[entry.place] = perform(self._deps, self._caller, entry.ask)

        self._each(reads, one, *_of_entry)

    def _planned(self, unit: Unit, writes: list[Entry]) -> list[tuple[Entry, Planned]]:
        identities: dict[int, Identity] = {}
        known = Identities()

        def identified(entry: Entry) -> None:
            step = Step(self._deps, unit, self._caller, entry.ask)
            identities[entry.place] = known.of(step, entry.interaction)

        self._each(writes, identified, *_of_entry)
        named = (Named(one.full_url, identities[one.place], one.ask.body) for one in writes)
        linker = Linker(self._deps, self._caller, named)

        def plan(entry: Entry) -> tuple[Entry, Planned]:
            body = entry.ask.body
            ask = entry.ask if body is None else replace(entry.ask, body=linker.linked(body, entry.full_url))
            step = Step(self._deps, unit, self._caller, ask, identities[entry.place].resource_id)
            planned = _PLANS[entry.interaction](step)
            linker.stored(entry.full_url, planned.resource_type, planned.resource_id)
            return entry, planned

        return self._each(writes, plan, *_of_entry)

    @staticmethod
    def _each(
        given: Iterable[T], act: Callable[[T], R], place: Callable[[T], int], kind: Callable[[T], str]
    ) -> list[R]:
        """Act on each; every refusal is told, with its place."""
        found: list[R] = []
        status, issues = 0, list[Issue]()
        for one in given:
            try:
                found.append(act(one))
            except Exception as fault:
                if rule_for(fault) is None:
                    raise
                refused, own = explain(fault, "")
                status = status or refused
                issues += located(own, place(one), kind(one))
                if len(issues) >= MAX_ISSUES:
                    break
        if issues:
            raise EntriesRefused(status, *issues[:MAX_ISSUES])
        return found


def _named_first(entries: list[Entry]) -> list[Entry]:
    """What others link to comes before them: a command of a pathway may give another id than was foreseen."""
    by_name = {one.full_url: one for one in entries if one.full_url is not None}
    ordered: dict[int, Entry] = {}
    pending, seen = [(one, False) for one in reversed(entries)], set[int]()
    while pending:
        entry, linked = pending.pop()
        if linked:
            ordered[entry.place] = entry
        elif entry.place not in seen:
            seen.add(entry.place)
            pending.append((entry, True))
            names = {text.partition("#")[0] for text in strings(entry.ask.body)} & by_name.keys()
            pending += [(by_name[name], False) for name in sorted(names)]
    return list(ordered.values())


def _check_harmless(entry: Entry) -> None:
    operation = find_operation(OPERATIONS, entry.ask.path)
    if operation is not None and operation.affects_state:
        text = "Une opération qui écrit ne fait pas partie d'une transaction : l'appeler à part."
        raise NotSupported(error(IssueType.NOT_SUPPORTED, text))


def _place_of(entry: Entry) -> int:
    return entry.place


def _kind_of(entry: Entry) -> str:
    return str((entry.ask.body or {}).get("resourceType"))


def _given_kind(given: tuple[int, Json]) -> str:
    resource = given[1].get("resource")
    return str(resource.get("resourceType")) if isinstance(resource, dict) else ""


_of_entry = (_place_of, _kind_of)
_of_given: tuple[Callable[[tuple[int, Json]], int], Callable[[tuple[int, Json]], str]] = (
    lambda given: given[0],
    _given_kind,
)
