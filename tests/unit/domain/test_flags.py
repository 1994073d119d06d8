"""Flags: the cases of docs/rules/flags.md and outcomes.md, their words, and that the rules are separable."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.domain.progress.flags import STATES, attention_on, flags, next_contact_due
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.progress.rules import RULES, definition, explain, values
from sesame_fhir.domain.progress.trajectory import baseline, trajectory
from sesame_fhir.domain.transitions import CLOSED, INTERRUPTED
from sesame_fhir.services.caseload import RowFlag
from tests.specification import flags as rhythm
from tests.specification import outcomes
from tests.specification.model import Situation, Table, on
from tests.specification.running import answered, cases, expected
from tests.specification.screening import ISI
from tests.specification.situations import ASSESSMENT, CARE, EXITED, NAMED, REFERRED, RELAPSE, measured
from tests.specification.situations import INTERRUPTED as SUSPENDED
from tests.specification.speaking import phq9s

TABLES = [part for page in (rhythm.PAGE, outcomes.PAGE) for part in page.parts if isinstance(part, Table)]


@pytest.mark.parametrize(("table", "number"), [*cases(rhythm.PAGE), *cases(outcomes.PAGE)])
def test_cases(table: Table, number: int) -> None:
    assert answered(table, number) == expected(table, number)


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_a_table_where_it_speaks_and_one_where_it_does_not(rule: Rule) -> None:
    table = next(table for table in TABLES if table.title == RULES[rule].name)
    spoken = [row[table.given] != "—" for row in table.rows]
    assert any(spoken)
    assert not all(spoken)


def _raised(rows: Iterable[Any]) -> list[Flag]:
    return [flag for row in rows for flag in flags(row[0].pathway, DEFAULT_POLICY) if isinstance(row[0], Situation)]


ALL = _raised(row for table in TABLES if table.title in {text.name for text in RULES.values()} for row in table.rows)


@pytest.mark.parametrize("rule", Rule)
def test_every_flag_explains_itself_with_its_values(rule: Rule) -> None:
    assert set(RULES) == set(STATES) == set(Rule)
    found = [flag for flag in ALL if flag.rule is rule]
    assert found
    for flag in found:
        assert "{" not in explain(rule, flag.detail)
        assert set(values(rule, flag.detail)) in ({*RULES[rule].fields}, set())
        assert flag.attention is RULES[rule].attention
    assert "{" not in definition(rule, DEFAULT_POLICY)
    assert RULES[rule].source


def test_days_in_a_sentence_are_french() -> None:
    assert explain(Rule.CONTACT_OVERDUE, "2026-03-25") == "Contact attendu le 25/03/2026, rien de noté depuis."
    assert values(Rule.WORSENING, "8>14") == {"best": "8", "last": "14"}


def test_switched_off_no_rule_speaks_for_anybody() -> None:
    off = replace(DEFAULT_POLICY, interpretation=False)
    assert [flags(situation.pathway, off) for situation in NAMED] == [()] * len(NAMED)
    assert next_contact_due(CARE.pathway, off) == date(2026, 3, 25)  # a day of the calendar, not a judgement


def test_suspended_and_closed_pathways_raise_item_9_and_a_withdrawal_only() -> None:
    quiet = {rule for rule, states in STATES.items() if states & (CLOSED | INTERRUPTED)}
    assert quiet == {Rule.SUICIDE_RISK, Rule.CONSENT_WITHDRAWN}


def test_a_flag_stands_from_its_day_on_as_the_caseload_keeps_it() -> None:
    flag = Flag(Rule.RESPONSE, date(2026, 3, 2), date(2026, 3, 4))
    row = RowFlag(flag.rule.value, flag.since, flag.until)
    days = [date(2026, 3, n) for n in (1, 2, 4, 5)]
    assert [flag.raised(day) for day in days] == [row.raised(day) for day in days] == [False, True, True, False]
    assert replace(flag, until=None).raised(date(2036, 1, 1))


def test_attention_is_asked_for_from_the_first_flag_that_needs_somebody() -> None:
    good = Flag(Rule.RESPONSE, date(2026, 3, 1), attention=False)
    later, first = Flag(Rule.MEASURE_DUE, date(2026, 4, 15)), Flag(Rule.CONTACT_OVERDUE, date(2026, 3, 29))
    assert attention_on((good, later, first)) == date(2026, 3, 29)
    assert attention_on((good,)) is None
    assert attention_on(()) is None


@pytest.mark.parametrize(
    ("situation", "due"),
    [
        (REFERRED, None),
        (ASSESSMENT, date(2026, 3, 20)),
        (CARE, date(2026, 3, 25)),
        (RELAPSE, date(2026, 4, 10)),
        (SUSPENDED, None),
        (EXITED, None),
    ],
    ids=lambda value: value.words if isinstance(value, Situation) else str(value),
)
def test_the_next_contact_is_due_by_the_rhythm_of_the_phase(situation: Situation, due: date | None) -> None:
    assert next_contact_due(situation.pathway, DEFAULT_POLICY) == due


def test_the_course_of_an_instrument_counts_days_and_totals_read_on_paper() -> None:
    paper = trajectory(CARE.then(on("2026-03-12", ISI)).pathway, ISI.instrument)
    assert paper is not None
    assert [(point.on, point.total) for point in paper.points] == [(ISI.on, 14)]
    assert paper.days_since_last(date(2026, 3, 19)) == 10
    assert baseline(CARE.pathway, InstrumentId.PHQ_9) == 18
    assert baseline(CARE.pathway, InstrumentId.GAD_7) is None


@given(st.lists(st.integers(0, 27), max_size=6), st.integers(5, 27))
def test_a_patient_never_responds_and_needs_a_review_for_no_improvement_at_once(totals: list[int], first: int) -> None:
    pathway = _measured(first, totals)
    spoken = {flag.rule for flag in flags(pathway, DEFAULT_POLICY)}
    improved = {Rule.RESPONSE, Rule.REMISSION} & spoken
    assert bool(improved) is not (Rule.NO_IMPROVEMENT in spoken)
    if Rule.READY_FOR_RELAPSE_PREVENTION in spoken:
        assert improved
    if Rule.WORSENING in spoken:
        assert totals[-1] - min(first, *totals) >= DEFAULT_POLICY.worsening_points


def _measured(first: int, totals: list[int]) -> Pathway:
    days = (date(2026, 3, 24) + timedelta(days=14 * n) for n in range(len(totals)))
    start = ASSESSMENT.then(measured("2026-03-10 09:00", first), CARE.steps[-1])
    return phq9s(*((day.isoformat(), total) for day, total in zip(days, totals, strict=True)), given=start).pathway
