"""What was planned for a period, and how far it is: patients, sequences, screening penetration.

Source: domain page, "Billing" (objectives exist and are followed) and "What has to be measured". The numbers are
configuration; none is a default. Patients are compared with the patients followed, sequences with those billed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators import measures
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.indicators.model import Value
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.policy import PathwayPolicy


@dataclass(frozen=True, slots=True)
class Objective:
    """Planned from ``start`` to ``end``, both included. ``site`` None: the whole deployment.

    ``adults``: adult patients of the practices in the period, the denominator of screening penetration; None: unknown.
    """

    start: date
    end: date
    patients: int
    sequences: int
    site: SiteId | None = None
    adults: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """An objective beside what was done in its own period, whatever period the page shows.

    ``screened`` is what penetration is made of: patients screened, among ``Objective.adults``.
    """

    objective: Objective
    patients: Value
    sequences: Value
    screened: Value


def applicable(objectives: Iterable[Objective], window: Window, *, everywhere: bool) -> tuple[Objective, ...]:
    """The objectives that can be compared: of a chosen site, or of the deployment when all of it is looked at.

    A nurse has none of her own. ``everywhere``: the window's sites are all sites of the deployment.
    """
    if window.nurse_id is not None:
        return ()
    return tuple(
        objective
        for objective in objectives
        if objective.start <= window.end
        and objective.end >= window.start
        and (everywhere if objective.site is None else objective.site in window.sites)
    )


def progress(objective: Objective, facts: Sequence[PathwayFacts], as_of: date, policy: PathwayPolicy) -> Progress:
    """How far an objective is; ``facts`` are those of the window's sites as known on ``as_of``."""
    mine = [fact for fact in facts if objective.site in {None, fact.site}]
    window = Window(objective.start, objective.end, as_of)
    return Progress(
        objective,
        measures.followed(mine, window, policy),
        measures.sequences_billed(mine, window, policy),
        measures.screened(mine, window, policy),
    )


def penetration(screened: int, adults: int) -> float:
    """Share of the practices' adults who were screened, at most 1: an estimate of the adults may be too low."""
    return min(1.0, screened / adults)
