"""Sequences: the examples of docs/rules/sequences.md, and what they leave in the state."""

import pytest

from tests.specification.model import Example, Table, on
from tests.specification.running import answered, cases, examples, expected, refused
from tests.specification.sequences import AGAIN, BILLED, PAGE, SECOND, STOP, YEAR
from tests.specification.situations import SEQUENCE, SEQUENCE_DONE, finished
from tests.support.story import NURSE, SYSTEM


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_may_be_done(example: Example) -> None:
    assert refused(example) == example.refused


@pytest.mark.parametrize(("table", "number"), cases(PAGE))
def test_what_becomes_of_a_sequence(table: Table, number: int) -> None:
    assert answered(table, number) == expected(table, number)


def test_a_decision_holds_until_the_next_sequence_begins() -> None:
    decided = SEQUENCE.then(on("2026-05-10", STOP), on("2026-05-20", AGAIN))
    renewal = decided.pathway.renewal
    assert renewal is not None
    assert (renewal.rank, renewal.renew, renewal.by) == (2, True, NURSE)
    ended = decided.then(on("2026-06-10", finished(1, "2026-06-09"), SYSTEM))
    assert ended.pathway.renewal == renewal
    assert ended.then(on("2026-06-10", SECOND, SYSTEM)).pathway.renewal is None


def test_a_claim_marks_its_own_sequence_only() -> None:
    pathway = YEAR.then(on("2027-03-11", BILLED, SYSTEM)).pathway
    assert [s.claim_id for s in pathway.sequences] == ["facture-1", None, None, None]


def test_a_finished_sequence_is_not_open() -> None:
    assert SEQUENCE.pathway.open_sequence is not None
    assert SEQUENCE_DONE.pathway.open_sequence is None
