"""Which documents of a pathway a record gets as PDF: the letter and the plan to take home; notes stay text."""

import pytest

from mappings.papers import assessment_id, relapse_plan_id
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.exports.record_papers import paper_pdf
from tests.support.story import PATHWAY
from tests.unit.mappings.care_cases import HELD
from tests.unit.mappings.cases import pathway


@pytest.mark.parametrize(
    ("name", "document_id", "is_pdf"),
    [
        ("left", f"{PATHWAY}-exit", True),
        ("left", relapse_plan_id(PATHWAY), True),
        ("left", assessment_id(PATHWAY), False),
        ("left", HELD.contact_id, False),
        ("referred", f"{PATHWAY}-exit", False),
        ("referred", relapse_plan_id(PATHWAY), False),
    ],
)
def test_the_letter_and_the_plan_are_pdfs(name: str, document_id: str, *, is_pdf: bool) -> None:
    pdf = paper_pdf(pathway(name), document_id, PathwayPolicy())
    assert (pdf is not None and pdf.startswith(b"%PDF")) is is_pdf
