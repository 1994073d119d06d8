"""The examples are the pages that clinicians read, and they leave out no event, no reason and no word."""

import re
from enum import Enum
from pathlib import Path

import pytest

from sesame_fhir.domain import guards
from sesame_fhir.domain.events import PAYLOADS
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import State
from tests.specification import labels, words
from tests.specification.markdown import files
from tests.specification.model import Chapter, Example
from tests.specification.pages import PAGES
from tests.specification.situations import NAMED

FOLDER = Path(__file__).parents[3] / "docs" / "rules"
EXAMPLES: list[Example] = [
    example for page in PAGES for part in page.parts if isinstance(part, Chapter) for example in part.examples
]


@pytest.mark.parametrize("name", sorted(files()))
def test_a_page_of_rules_is_the_one_made_from_the_examples(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == files()[name], "run `make docs`"


def test_no_other_page_is_in_the_folder() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(files())


def test_every_reason_of_the_guards_is_given_in_an_example() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(guards.__file__).parent.glob("*.py"))
    used = {ReasonCode[name] for name in re.findall(r"ReasonCode\.([A-Z_]+)", sources)}
    assert used <= {code for example in EXAMPLES for code in example.refused}


def test_every_event_is_asked_for_in_an_example_where_it_may_happen() -> None:
    allowed = {type(example.asked).__name__ for example in EXAMPLES if not example.refused}
    told = {type(step.data).__name__ for situation in NAMED for step in situation.steps}
    assert set(PAYLOADS) - allowed - told == set()


def test_there_is_a_situation_for_every_state_that_a_patient_can_stay_in() -> None:
    reached = {situation.pathway.state for situation in NAMED}
    assert set(State) - reached == {State.NEW, State.RELAPSE_PREVENTION_INTERRUPTED, State.MERGED}


TABLES = [table for name, table in vars(labels).items() if name.isupper()]


@pytest.mark.parametrize("table", [*TABLES, words.ROLES], ids=lambda table: type(next(iter(table))).__name__)
def test_every_code_has_its_words(table: dict[Enum, str]) -> None:
    assert set(table) == set(type(next(iter(table))))
