"""Assessment, plan, team, relapse plan: the examples of docs/rules/care.md, and what they leave in the state."""

from dataclasses import replace

import pytest

from tests.specification.care import ANXIETY, PAGE, PLAN, RELAPSE_PLAN, assessed
from tests.specification.model import Example, moment, on
from tests.specification.running import examples, refused
from tests.specification.situations import ASSESSMENT, CARE, TEAM
from tests.support.story import GP, NURSE, PSYCHIATRIST


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_may_be_done(example: Example) -> None:
    assert refused(example) == example.refused


def test_the_assessment_is_kept_with_its_author() -> None:
    done = ASSESSMENT.then(on("2026-03-10", assessed(ANXIETY))).pathway.assessment
    assert done is not None
    assert (done.data.problem, done.by, done.at) == (ANXIETY, NURSE, moment("2026-03-10"))


def test_a_plan_written_again_is_its_next_version() -> None:
    note = replace(PLAN, note="Rythme revu")
    plan = CARE.then(on("2026-03-11", PLAN), on("2026-04-11", note)).pathway.plan
    assert plan is not None
    assert (plan.version, plan.data, plan.first_at, plan.at) == (2, note, moment("2026-03-11"), moment("2026-04-11"))


def test_a_relapse_plan_written_again_is_its_next_version() -> None:
    plan = CARE.then(on("2026-03-11", RELAPSE_PLAN), on("2026-04-11", RELAPSE_PLAN)).pathway.relapse_plan
    assert plan is not None
    assert (plan.version, plan.at) == (2, moment("2026-04-11"))


def test_the_team_is_the_one_named_last() -> None:
    pathway = CARE.then(on("2026-03-11", replace(TEAM, members=TEAM.members[:2]))).pathway
    assert pathway.on_team(NURSE)
    assert pathway.on_team(GP)
    assert not pathway.on_team(PSYCHIATRIST)
