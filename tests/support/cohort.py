"""A cohort for tests: two fictitious sites, everybody lived through once per test process."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.events import Event
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.services.cohort.load import Order, lives
from sesame_fhir.services.cohort.people import SiteStaff
from sesame_fhir.services.records import Projections

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def _staff(site: str, n: int) -> SiteStaff:
    return SiteStaff(
        SiteId(site),
        (Actor(f"gp-{n}", Role.GP, f"Dr Fictif {n}"),),
        (Actor(f"nurse-{n}", Role.NURSE, f"Infirmière Fictive {n}"),),
        (Actor(f"psychiatrist-{n}", Role.PSYCHIATRIST, f"Dr Psy Fictif {n}"),),
    )


STAFF = (_staff("site-a", 1), _staff("site-b", 2))


def order(count: int, seed: int = 1) -> Order:
    """Ask for a cohort."""
    return Order(count, seed, NOW, STAFF, DEFAULT_POLICY)


def nothing_projected(before: Pathway, after: Pathway, events: Sequence[Event]) -> Projections:  # noqa: ARG001
    """A projector for tests that look at the pathways only."""
    return Projections(caseload=None, resources=(), outbox=(), patient_keys=(), open=True)  # type: ignore[arg-type]


@cache
def histories(count: int, seed: int = 1) -> tuple[tuple[Event, ...], ...]:
    """Events of each pathway of a cohort."""
    return tuple(
        tuple(event for commit in commits for event in commit.events)
        for _, commits in lives(order(count, seed), nothing_projected)
    )


@cache
def pathways(count: int, seed: int = 1) -> tuple[Pathway, ...]:
    """Each pathway of a cohort, folded."""
    return tuple(fold(PathwayId(events[0].pathway_id), events) for events in histories(count, seed))
