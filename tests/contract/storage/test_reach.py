"""What is in somebody's reach, on both databases; the tests of the API compare it with the domain's own rule."""

from dataclasses import replace

import pytest

from mappings.code_systems import ROLES
from mappings.projector import PathwayProjector
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import CommandId, PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir.canonical import RPPS
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services import referral, screening
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.reach import Limit, Reach, Rule
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import AnyOfClause, Include, SearchQuery, TokenClause, TokenValue
from sesame_fhir.storage import Store
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import AGREED, BINDING, GP, SITE, TRAITS, answered
from tests.support.team_cases import CRITERIA

ELSEWHERE = SiteId("elsewhere")
OWN = Reach((SITE,), Rule.OWN, GP.actor_id, (RPPS, GP.actor_id), (ROLES.url, Role.GP.value))
STRANGER = replace(OWN, actor_id="somebody", person=(RPPS, "somebody"))


def referred(store: Store) -> PathwayId:
    """A patient whom the GP has referred."""
    clock, ids = HandClock(), CountingIds()
    policy = PathwayPolicy()
    engine = Engine(store.pathways, PathwayProjector(index, policy), store.audit, clock, ids, policy)

    def command() -> Command:
        return Command(CommandId(ids.new()), GP, SITE, clock.now())

    done = screening.RecordScreening(ScreeningId(ids.new()), InstrumentId.PHQ_2, answered(InstrumentId.PHQ_2, "33"))
    found = screening.record_screening(engine, command(), screening.PatientContext(TRAITS, BINDING), done).pathway_id
    referral.confirm_eligibility(engine, command(), found, CRITERIA, AGREED.status)
    referral.refer(engine, command(), found, referral.ReferralRequest(ReferralId(ids.new())))
    return found


def test_who_reaches_a_patient(store: Store) -> None:
    patient = referred(store)
    rows: list[tuple[Limit, bool]] = [
        (OWN, True),
        (STRANGER, False),
        (replace(STRANGER, person=(RPPS, GP.actor_id)), True),  # on the care team
        (replace(STRANGER, person=("urn:other", GP.actor_id)), False),
        (replace(STRANGER, rule=Rule.ALL), True),
        (replace(STRANGER, rule=Rule.REVIEW), False),
        (replace(OWN, rule=Rule.REVIEW), True),
        (replace(OWN, rule=Rule.NONE), False),
        (replace(OWN, rule=Rule.NONE, opened=(patient,)), False),
        (replace(STRANGER, opened=(patient,)), True),
        (replace(OWN, sites=(ELSEWHERE,)), False),
        (replace(OWN, sites=()), False),
        (replace(OWN, sites=(ELSEWHERE,), opened=(patient,)), True),
        (replace(OWN, client_sites=(SITE,)), True),
        (replace(OWN, client_sites=(ELSEWHERE,)), False),
        (replace(OWN, client_sites=()), False),
        (frozenset({SITE}), True),
        (frozenset({ELSEWHERE}), False),
        (frozenset[SiteId](), False),
    ]
    for limit, reached in rows:
        for kind in ("Patient", "Observation", "Task", "Provenance"):
            found = store.resources.search(SearchQuery(kind, sites=limit)).resources
            assert bool(found) is reached, (limit, kind)


def test_what_comes_along_is_limited_too(store: Store) -> None:
    patient = referred(store)
    (page,) = store.resources.search(SearchQuery("Patient")).resources

    def brought(limit: Limit | None) -> tuple[StoredResource, ...]:
        along = (Include("Observation", "subject", reverse=True),)
        return store.resources.included((page,), along, 10, limit).resources

    assert page.resource_id == patient
    assert len(brought(None)) == len(brought(OWN)) == 1
    assert brought(STRANGER) == brought(frozenset({ELSEWHERE})) == ()


def test_a_page_of_a_limited_search_goes_on(store: Store) -> None:
    referred(store)
    for limit in (OWN, frozenset({SITE, ELSEWHERE})):
        first = store.resources.search(SearchQuery("Provenance", count=1, sites=limit))
        second = store.resources.search(SearchQuery("Provenance", count=1, sites=limit, cursor=first.next_cursor))
        assert first.resources != second.resources


@pytest.mark.parametrize(
    ("alternatives", "found"),
    [
        ((("status", "final"),), True),
        ((("status", "final"), ("code", "55758-7")), True),
        ((("status", "final"), ("code", "other")), False),
        ((("status", "other"),), False),
        ((), False),
    ],
)
def test_alternatives(store: Store, alternatives: tuple[tuple[str, str], ...], *, found: bool) -> None:
    referred(store)
    wanted = tuple(TokenClause(param, (TokenValue(None, code),)) for param, code in alternatives)
    other = (TokenClause("status", (TokenValue("urn:x", "y"),)),)
    clause = AnyOfClause((other, wanted) if wanted else ())
    assert bool(store.resources.search(SearchQuery("Observation", (clause,))).resources) is found
