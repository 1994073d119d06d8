"""Use cases of the indicators: the figures of some sites, nurse and period, as one reader may see them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sesame_fhir.domain.actors import CLINICIANS, Role
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.indicators.breakdown import By, beginning, broken_down
from sesame_fhir.domain.indicators.definitions import INDICATORS, PARTITIONS
from sesame_fhir.domain.indicators.disclosure import MASKED, Shown, coarse, coarse_line, exact, withheld
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.indicators.model import Indicator, Unit, Value
from sesame_fhir.domain.indicators.objectives import Objective, Progress, applicable, penetration, progress
from sesame_fhir.domain.indicators.window import Window, chosen, known_on
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.services.ports import PathwayStore


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that is known of the reader's sites on a day.

    ``facts`` leave nothing out; ``nurses`` maps each nurse's id to one of her pathways, by which her name is found.
    """

    facts: Sequence[PathwayFacts]
    nurses: Mapping[str, PathwayId]

    @property
    def beginning(self) -> date | None:
        """The first day of which anything is known."""
        return beginning(self.facts)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: ``outside`` the care team small numbers are hidden and the others rounded."""

    outside: bool
    policy: PathwayPolicy

    def see(self, value: Value, unit: Unit) -> Shown:
        """One value."""
        return coarse(value, unit, self.policy) if self.outside else exact(value)


@dataclass(frozen=True, slots=True)
class ShownProgress:
    """An objective beside what was done, as the reader sees it; ``penetration`` None without adults or when hidden."""

    objective: Objective
    patients: Shown
    sequences: Shown
    screened: Shown
    penetration: float | None


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell of a breakdown."""

    key: str
    shown: Shown


def reader_of(role: Role, policy: PathwayPolicy) -> Reader:
    """The reader for a role: clinicians see exact figures."""
    return Reader(role not in CLINICIANS, policy)


def gather(pathways: PathwayStore, window: Window) -> Gathered:
    """Read the facts of the window's sites as known on its day, once; only what was known is kept.

    Args:
        pathways: where the facts are.
        window: its ``sites`` (the reader's reach) and ``as_of`` are used.
    """
    found: list[PathwayFacts] = []
    nurses: dict[str, PathwayId] = {}
    for facts in pathways.facts(sorted(window.sites)):
        known = known_on(facts, window.as_of)
        if known.merged or beginning([known]) is None:
            continue
        found.append(known)
        if known.nurse_id is not None:
            nurses.setdefault(known.nurse_id, known.pathway_id)
    return Gathered(found, nurses)


def figures(gathered: Gathered, window: Window, reader: Reader) -> dict[str, Shown]:
    """Every indicator of a window, by its code."""
    mine = chosen(gathered.facts, window)
    values = {one.code: one.compute(mine, window, reader.policy) for one in INDICATORS}
    shown = {one.code: reader.see(values[one.code], one.unit) for one in INDICATORS}
    for code in _given_away(values, reader.policy) if reader.outside else ():
        shown[code] = MASKED
    return shown


def _given_away(values: Mapping[str, Value], policy: PathwayPolicy) -> Iterator[str]:
    """Parts of a whole that must be hidden for the small ones among them: as cells of one table, each a count."""
    for codes in PARTITIONS:
        cells = [Value(None, values[code].count, values[code].count) for code in codes]
        yield from (codes[place] for place in withheld(cells, Unit.COUNT, policy))


def breakdown(
    indicator: Indicator, by: By, gathered: Gathered, window: Window, reader: Reader, *, whole: Shown
) -> list[ShownCell]:
    """The counts behind one indicator, of which ``whole`` is what the reader sees of all together.

    A month before anything was known is left out, and so are those without a nurse when there are none.
    """
    mine = chosen(gathered.facts, window)
    first = beginning(mine)
    if by is By.MONTH and first is not None:
        window = replace(window, start=max(window.start, min(first, window.end)))
    every = broken_down(indicator, by, mine, window, reader.policy)
    cells = [cell for cell in every if cell.key or cell.value.total]
    values = [cell.value for cell in cells]
    seen = coarse_line(whole, values, indicator.unit, reader.policy) if reader.outside else map(exact, values)
    return [ShownCell(cell.key, shown) for cell, shown in zip(cells, seen, strict=True)]


def compared(
    objectives: Iterable[Objective], gathered: Gathered, window: Window, reader: Reader, *, everywhere: bool
) -> list[ShownProgress]:
    """The objectives that the window's sites have, with what was done."""
    whole = replace(window, nurse_id=None)
    mine = chosen(gathered.facts, whole)
    asked = applicable(objectives, window, everywhere=everywhere)
    return [_seen(progress(one, mine, window.as_of, reader.policy), reader) for one in asked]


def _seen(found: Progress, reader: Reader) -> ShownProgress:
    screened, adults = reader.see(found.screened, Unit.COUNT), found.objective.adults
    return ShownProgress(
        found.objective,
        reader.see(found.patients, Unit.COUNT),
        reader.see(found.sequences, Unit.COUNT),
        screened,
        None if adults is None or screened.count is None else penetration(screened.count, adults),
    )
