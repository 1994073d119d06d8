"""Phases, suspension, transfer, merge, exit: docs/rules/course.md and exits.md, and what they leave in the state."""

from dataclasses import replace

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from tests.specification import course, exits
from tests.specification.course import COLLEAGUE, OTHER_PATHWAY, TRANSFER
from tests.specification.model import Example, moment, on
from tests.specification.running import examples, refused
from tests.specification.situations import CARE, EXITED, INTERRUPTED, SCREENED
from tests.support.story import BINDING, GP, NURSE, PSYCHIATRIST


@pytest.mark.parametrize("example", [*examples(course.PAGE), *examples(exits.PAGE)])
def test_what_may_be_done(example: Example) -> None:
    assert refused(example) == example.refused


def test_a_suspension_lasts_until_the_resumption() -> None:
    twice = INTERRUPTED.then(
        on("2026-05-10", ev.PathwayResumed()),
        on("2026-05-20", ev.PathwayInterrupted()),
        on("2026-05-21", ev.PathwayResumed()),
    )
    assert [(p.since, p.until, p.reason) for p in twice.pathway.interruptions] == [
        (moment("2026-04-20"), moment("2026-05-10"), "Hospitalisation"),
        (moment("2026-05-20"), moment("2026-05-21"), None),
    ]


def test_a_transfer_replaces_the_nurse_and_nobody_else() -> None:
    team = CARE.then(on("2026-04-01", TRANSFER)).pathway.team
    assert {m.role: m.actor_id for m in team} == {
        Role.GP: GP.actor_id,
        Role.PSYCHIATRIST: PSYCHIATRIST.actor_id,
        Role.NURSE: COLLEAGUE.actor_id,
    }


def test_a_transfer_to_a_site_that_names_no_nurse_yet_keeps_the_team() -> None:
    before, after = CARE.pathway, CARE.then(on("2026-04-01", replace(TRANSFER, nurse=None))).pathway
    assert after.team == before.team
    assert after.on_team(NURSE)


def test_a_transferred_pathway_is_the_new_sites() -> None:
    assert CARE.then(on("2026-04-01", TRANSFER)).pathway.site == TRANSFER.to_site


def test_a_second_record_becomes_another_name_of_the_first() -> None:
    other = replace(BINDING, patient="Patient/p2")
    pathway = CARE.then(on("2026-04-01", ev.RecordsMerged(OTHER_PATHWAY, other))).pathway
    assert (pathway.aliases, pathway.absorbed) == ((other,), (OTHER_PATHWAY,))
    assert CARE.then(on("2026-04-01", ev.RecordsMerged(OTHER_PATHWAY))).pathway.aliases == ()


def test_the_absorbed_pathway_leads_to_the_one_that_goes_on() -> None:
    assert SCREENED.then(on("2026-04-01", ev.MergedInto(OTHER_PATHWAY))).pathway.merged_into == OTHER_PATHWAY


def test_an_exit_is_kept_with_who_and_when() -> None:
    left = EXITED.pathway.exit
    assert left is not None
    assert (left.reason, left.orientation, left.by, left.at) == (
        ev.ExitReason.REMISSION,
        ev.Orientation.NONE,
        NURSE,
        moment("2026-05-04"),
    )


def test_an_answered_survey_is_kept_with_the_exit() -> None:
    left = exits.LEFT_WITH_SURVEY.then(on("2026-06-01", ev.SurveyAnswered(8))).pathway.exit
    assert left is not None
    assert (left.survey, left.satisfaction, left.answered_at) == (True, 8, moment("2026-06-01"))
