"""The synthetic cohort: plausible one by one, and with the published proportions as a whole."""

from collections import Counter
from datetime import date

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.eligibility import age_on
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.guards import Setting, refusals
from sesame_fhir.domain.identifiers import InsNature
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.indicators.facts import facts_of
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.services.cohort import proportions
from tests.support.cohort import NOW, histories, pathways
from tests.support.indicators import compute_all

# One worker lives the cohort for all of them.
pytestmark = pytest.mark.xdist_group("cohort")

COUNT = 200
EVER = Window(date(2020, 1, 1), local_day(NOW), local_day(NOW))
THREE_POINTS = 0.03


@pytest.mark.parametrize("code", [i.code for i in INDICATORS if i.published is not None])
def test_a_published_proportion_is_kept_within_three_points(code: str) -> None:
    found = compute_all(map(facts_of, pathways(COUNT)), EVER, DEFAULT_POLICY)[code].value
    published = next(i.published for i in INDICATORS if i.code == code)
    assert found is not None
    assert published is not None
    # One person weighs more than three points among few: the quota is then exact to that person.
    assert abs(found - published) <= max(THREE_POINTS, 1 / COUNT)


def test_the_number_of_sequences_per_patient_is_the_published_one() -> None:
    begun = [p for p in pathways(COUNT) if p.assessment is not None]
    assert sum(len(p.sequences) for p in begun) / len(begun) == pytest.approx(
        proportions.SEQUENCES_PER_PATIENT, abs=THREE_POINTS
    )


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert histories.__wrapped__(12, 7) == histories(12, 7)
    assert histories(12, 8) != histories(12, 7)


def test_every_event_passes_the_guards_as_if_it_had_been_typed() -> None:
    for history in histories(COUNT)[::20]:
        pathway = Pathway(PathwayId(history[0].pathway_id))
        for event in history:
            setting = Setting(event.actor, DEFAULT_POLICY, event.occurred_at, event.recorded_at)
            assert refusals(pathway, event.data, setting) == ()
            pathway = evolve(pathway, event)


def test_people_are_adults_with_distinct_test_matricules() -> None:
    found = [p.traits for p in pathways(COUNT) if p.traits is not None]
    assert len({t.ins.value for t in found if t.ins}) == COUNT
    assert {t.ins.nature for t in found if t.ins} == {InsNature.TEST}
    assert all(18 <= age_on(t.birth_date, date(2024, 12, 1)) <= 90 for t in found if t.birth_date)


def test_lives_are_varied() -> None:
    everybody = pathways(COUNT)
    assert len(Counter(p.state for p in everybody)) >= 5
    assert {len(p.sequences) for p in everybody} >= {0, 1, 2, 3}
    kinds = {type(e.data) for history in histories(COUNT) for e in history}
    assert {
        ev.CallAttempted,
        ev.ContactMissed,
        ev.CaseReviewed,
        ev.RecommendationDecided,
        ev.RenewalDecided,
        ev.PathwayExited,
        ev.SurveyAnswered,
    } <= kinds
    assert any(p.waiting_advice or p.discussion or p.unacknowledged for p in everybody)
