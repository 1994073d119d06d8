"""The page that the patient takes home: PDF/A, one page whatever is on it, large letters, nothing fetched."""

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from mappings.relapse_leaflet import Leaflet, leaflet_of, leaflet_text
from sesame_fhir.domain.events import Helper
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.exports.relapse_plan_pdf import relapse_plan_html, relapse_plan_pdf

WRITTEN = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)
HOSTILE = '<img src="http://127.0.0.1:9/x.png"><script>1</script>'


def leaflet(lines: int, width: int = 20, helpers: int = 2) -> Leaflet:
    texts = tuple(f"{n} {'mot ' * (width // 4)}".strip() for n in range(lines))
    parts = tuple((heading, texts) for heading in ("Ce qui m'aide", "Les signes", "En premier"))
    people = tuple(Helper(f"Personne {n}", "01 99 00 12 34") for n in range(helpers))
    return Leaflet("Jeanne FICTIVE", WRITTEN, "Noé Fictif", 1, parts, people)


def text_of(found: Leaflet) -> str:
    reader = PdfReader(io.BytesIO(relapse_plan_pdf(found)))
    assert len(reader.pages) == 1
    return re.sub(r"\s+", " ", reader.pages[0].extract_text())


@pytest.mark.parametrize(("lines", "width", "helpers"), [(1, 20, 1), (1, 590, 4), (2, 296, 2), (5, 110, 2), (8, 70, 4)])
def test_one_page_up_to_what_the_form_allows(lines: int, width: int, helpers: int) -> None:
    text = text_of(leaflet(lines, width, helpers))
    assert "3114" in text
    assert "SAMU" in text
    assert f"{lines - 1} mot" in text


def test_the_letters_are_as_large_as_the_page_allows() -> None:
    sizes = [re.search(r"font: (\d+)pt", relapse_plan_html(leaflet(n))) for n in (1, 4, 8)]
    found = [int(size[1]) for size in sizes if size]
    assert found == sorted(found, reverse=True)
    assert found[0] == 20
    assert found[-1] >= 12


def test_pdf_a_with_its_language_and_the_same_bytes_each_time() -> None:
    document = relapse_plan_pdf(leaflet(2))
    assert document == relapse_plan_pdf(leaflet(2))
    catalog: Any = PdfReader(io.BytesIO(document)).trailer["/Root"]
    assert 'part="1"' in catalog["/Metadata"].get_object().get_data().decode()
    assert catalog["/Lang"] == "fr"


def test_what_people_typed_is_text() -> None:
    html = relapse_plan_html(Leaflet("J", WRITTEN, "N", 1, ((HOSTILE, (HOSTILE,)),), (Helper(HOSTILE),)))
    assert "<img" not in html
    assert "<script" not in html


def test_the_text_says_the_same() -> None:
    text = leaflet_text(leaflet(2))
    for wanted in ("Jeanne FICTIVE", "22 novembre 2026", "- 1 mot", "Personne 1 : 01 99 00 12 34", "3114", ": 15"):
        assert wanted in text


def test_without_a_plan_there_is_no_page() -> None:
    with pytest.raises(ValueError, match="no relapse-prevention plan"):
        leaflet_of(Pathway(PathwayId("p")))
