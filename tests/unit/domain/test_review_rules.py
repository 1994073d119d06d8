"""The case review: the examples of docs/rules/review.md, and what they leave in the state."""

import pytest

from sesame_fhir.domain import events as ev
from tests.specification.model import Example, moment, on
from tests.specification.review import ADAPT, PAGE, PUT, REVIEW, REVIEWED, SERTRALINE
from tests.specification.running import examples, refused
from tests.support.story import GP, PSYCHIATRIST


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_may_be_done(example: Example) -> None:
    assert refused(example) == example.refused


def test_a_review_takes_the_case_off_the_list_and_its_advice_waits_for_the_gp() -> None:
    assert PUT.pathway.discussion is not None
    pathway = PUT.then(on("2026-03-12", REVIEW, PSYCHIATRIST)).pathway
    assert pathway.discussion is None
    assert [advice.data for advice in pathway.waiting_advice] == [SERTRALINE]
    (review,) = pathway.reviews
    assert (review.by, review.at, review.see_again_weeks) == (PSYCHIATRIST, moment("2026-03-12"), 4)


def test_the_mark_can_be_taken_off() -> None:
    assert PUT.then(on("2026-03-12", ev.ReviewMarkRemoved())).pathway.discussion is None


def test_the_gps_answer_is_kept_with_its_reason() -> None:
    pathway = REVIEWED.then(on("2026-03-13", ADAPT, GP)).pathway
    assert pathway.waiting_advice == ()
    advice = pathway.advice("r1-a")
    assert advice is not None
    assert advice.decision is not None
    assert (advice.decision.fate, advice.decision.reason, advice.decision.by) == (ADAPT.fate, ADAPT.reason, GP)
    untouched = pathway.advice("r1-b")
    assert untouched is not None
    assert untouched.decision is None
