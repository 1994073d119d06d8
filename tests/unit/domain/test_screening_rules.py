"""Questionnaires, item 9 and totals: the examples of docs/rules/screening.md, and what they leave in the state."""

import pytest

from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.reasons import Refused
from tests.specification.model import Example, Table, moment, on
from tests.specification.running import answered, cases, examples, expected, refused
from tests.specification.screening import ACKNOWLEDGED, AT_RISK, ISI, ITEM_9_AWAY, PAGE, RISK_SEEN, SAME_ITEM_9
from tests.specification.situations import CARE, SCREENED, phq9
from tests.support.story import GP, NURSE, event


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_may_be_done(example: Example) -> None:
    assert refused(example) == example.refused


@pytest.mark.parametrize(("table", "number"), cases(PAGE))
def test_what_waits(table: Table, number: int) -> None:
    assert answered(table, number) == expected(table, number)


def test_a_correction_replaces_the_answers_and_keeps_the_day_of_the_measure() -> None:
    after = RISK_SEEN.then(on("2026-03-05", ITEM_9_AWAY), on("2026-03-06", ITEM_9_AWAY)).pathway
    corrected = after.screening(AT_RISK.screening_id)
    assert corrected is not None
    assert (corrected.amended, corrected.total, corrected.author) == (True, 3, NURSE)
    assert (corrected.authored, corrected.taken_at) == (moment("2026-03-06"), moment("2026-03-02"))


def test_a_correction_of_nothing_does_not_fold() -> None:
    pathway = SCREENED.pathway
    with pytest.raises(Refused):
        evolve(pathway, event(pathway.version + 1, ITEM_9_AWAY))


def test_an_acknowledgement_names_who_when_and_what_was_done() -> None:
    after = RISK_SEEN.then(on("2026-03-03", ACKNOWLEDGED, GP), on("2026-03-04", SAME_ITEM_9)).pathway
    known = after.screening(AT_RISK.screening_id)
    assert known is not None
    assert (known.acknowledged_by, known.acknowledged_at) == (GP, moment("2026-03-03"))
    assert known.acknowledged_action is ACKNOWLEDGED.action


def test_the_last_questionnaire_is_the_last_answered_not_the_last_recorded() -> None:
    after = SCREENED.then(
        on("2026-03-10", phq9(12, n=3)), on("2026-03-05", phq9(15, n=4), recorded="2026-03-11")
    ).pathway
    last = after.last_screening(InstrumentId.PHQ_9)
    assert last is not None
    assert last.total == 12


def test_a_total_on_paper_keeps_its_own_date_and_who_read_it() -> None:
    (total,) = CARE.then(on("2026-03-12", ISI)).pathway.totals
    assert (total.total, total.on, total.by, total.at) == (14, ISI.on, NURSE, moment("2026-03-12"))
