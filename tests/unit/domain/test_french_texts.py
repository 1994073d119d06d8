"""The French wording is quoted, never written: compared word for word with the project's reference page where it is."""

from pathlib import Path

import pytest

from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument
from sesame_fhir.domain.instruments.phq import COPYRIGHT, INSTRUCTION

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "domain.md"


@pytest.fixture(scope="module")
def reference() -> str:
    if not REFERENCE.exists():
        pytest.skip("the reference page of the domain is not beside this checkout")
    return " ".join(REFERENCE.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda i: i.id)
def test_every_question_and_code_is_that_of_the_reference(instrument: Instrument, reference: str) -> None:
    for item in instrument.items:
        assert item.text in reference
        assert item.loinc in reference
    assert {instrument.panel_loinc, instrument.total_loinc} - {None} <= set(reference.replace(",", " ").split())


def test_instruction_answers_and_copyright_are_those_of_the_reference(reference: str) -> None:
    assert INSTRUCTION in reference
    assert COPYRIGHT in reference
    phq9 = next(i for i in INSTRUMENTS.values() if i.id == "phq-9")
    for answer in phq9.items[0].answers:
        assert f"{answer.weight} {answer.text} ({answer.code})" in reference
    for answer in phq9.items[-1].answers:
        assert f"{answer.code} {answer.text}" in reference
