"""Every code that the caseload and the patient's page can show has a French text."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.progress.rules import RULES
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import CaseloadSort
from smart_app.pages.texts import EVENTS
from smart_app.team.caseload import texts as caseload_texts
from smart_app.team.caseload.asked import PHASES, Phase, When
from smart_app.team.dates import WEEKDAYS
from smart_app.team.patient import texts
from smart_app.team.patient.charts import MarkKind
from smart_app.team.patient.timeline import _told_to
from smart_app.team.patient.told import _TELL
from tests.specification.claim_situations import ACCEPTED_BY_PAYER, BILLED, COVERED, KEPT_AS_IT_IS, PAID, TAKEN_BACK
from tests.support.story import NURSE, event

TABLES: list[tuple[Mapping[Any, str], type[StrEnum]]] = [
    (caseload_texts.STATES, State),
    (caseload_texts.PHASES, Phase),
    (caseload_texts.WHENS, When),
    (caseload_texts.SORTS, CaseloadSort),
    (texts.ORIENTATIONS, ev.Orientation),
    (texts.MARKS, MarkKind),
]


@pytest.mark.parametrize(("table", "codes"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_table_is_complete(table: Mapping[Any, str], codes: type[StrEnum]) -> None:
    assert set(table) == set(codes)
    assert all(table.values())


def test_every_phase_asks_the_store_something_and_every_rule_has_words() -> None:
    assert set(PHASES) == set(Phase)
    assert set(RULES) == set(Rule)
    assert len(WEEKDAYS) == 7
    assert {end.value for end in ev.ReferralEnd} == set(caseload_texts.ENDS)


def test_what_is_told_is_about_kinds_of_events_that_exist_and_have_a_title() -> None:
    kinds = {kind.__name__ for kind in _TELL}
    assert kinds <= set(ev.PAYLOADS)
    assert set(ev.PAYLOADS) == set(EVENTS)


def test_of_a_claims_life_a_clinician_is_told_that_the_sequence_was_billed() -> None:
    life: tuple[ev.Payload, ...] = (COVERED, BILLED, ACCEPTED_BY_PAYER, PAID, TAKEN_BACK, KEPT_AS_IT_IS)
    told = [data for number, data in enumerate(life) if _told_to(event(number, data), NURSE)]
    assert told == [BILLED]
