"""The PDF summary: PDF/A, readable, complete, the same every time, and nothing is fetched while it is made."""

import io
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from pypdf import PdfReader

from mappings.summary import Summary, summary_of
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.exports import documents
from sesame_fhir.exports.summary_pdf import summary_html, summary_pdf
from sesame_fhir.services.errors import DocumentUnavailable
from tests.support.story import GP
from tests.unit.mappings.cases import pathway

WRITTEN = datetime(2026, 3, 2, 20, 5, tzinfo=UTC)
HOSTILE = '<img src="http://127.0.0.1:9/x.png"><link rel=stylesheet href="file:///etc/passwd"><script>1</script>'


def _summary(name: str = "overridden", *, interpretation: bool = True) -> Summary:
    return summary_of(pathway(name), GP, WRITTEN, policy=PathwayPolicy(interpretation=interpretation))


def _reader(summary: Summary) -> PdfReader:
    return PdfReader(io.BytesIO(summary_pdf(summary)))


@cache
def _said(name: str) -> str:
    """Text of one situation, rendered once: a rendering takes a third of a second."""
    return _text(_reader(_summary(name)))


def _text(reader: PdfReader) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def test_document_carries_the_marks_of_pdf_a_1b() -> None:
    reader = _reader(_summary())
    catalog: Any = reader.trailer["/Root"]
    xmp = catalog["/Metadata"].get_object().get_data().decode("utf-8")
    assert 'part="1"' in xmp
    assert 'conformance="B"' in xmp
    assert catalog["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert catalog["/Lang"] == "fr"
    assert catalog["/MarkInfo"]["/Marked"]
    assert reader.pdf_header == "%PDF-1.4"
    assert not reader.is_encrypted
    assert "/ID" in reader.trailer


def test_every_font_is_embedded() -> None:
    resources: list[Any] = [page["/Resources"] for page in _reader(_summary()).pages]
    fonts = {name: font.get_object() for found in resources for name, font in found["/Font"].items()}
    assert fonts
    for font in fonts.values():
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("overridden", "FICTIVE Jeanne"),
        ("overridden", "naissance : 7 décembre 1984 (41 ans)"),
        ("overridden", "INS-NIR-TEST : 284127645108993"),
        ("overridden", "Établi le 2 mars 2026 à 21 h 05 par Dr Camille Fictif (médecin généraliste)"),
        ("overridden", "Dépistage positif"),
        ("overridden", "5 / 6"),
        ("overridden", "Plus de la moitié du temps"),
        ("overridden", "Insomnie sévère malgré un score bas."),
        ("overridden", "Préfère être appelée le soir."),
        ("overridden", "score sous le seuil"),
        ("overridden", "3114"),
        ("at-risk", "Risque suicidaire à évaluer : en attente de prise en compte par un clinicien"),
        ("acknowledged", "Plan de sécurité établi"),
        ("amended", "(corrigé)"),
        ("unreachable", "Sans suite (Patient injoignable)"),
    ],
)
def test_document_says(name: str, wanted: str) -> None:
    assert wanted in _said(name)


def test_every_page_names_the_patient() -> None:
    reader = _reader(_summary("at-risk"))
    assert len(reader.pages) == 2
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        assert "FICTIVE Jeanne, naissance : 7 décembre 1984" in text
        assert f"Page {number} / 2" in text


def test_interpretation_off_shows_numbers_only() -> None:
    text = _text(_reader(_summary("at-risk", interpretation=False)))
    assert "5 / 6" in text
    assert "Dépistage positif" not in text
    assert "Lecture" not in text
    assert "Alerte" not in text


def test_a_patient_known_by_name_only_has_a_document() -> None:
    assert "FICTIVE Jeanne" in _text(_reader(_summary("no-ins")))


def test_same_summary_same_bytes_and_another_one_differs() -> None:
    assert summary_pdf(_summary()) == summary_pdf(_summary())
    assert summary_pdf(_summary("referred")) != summary_pdf(_summary())


def test_what_people_typed_is_text_and_nothing_is_fetched(caplog: pytest.LogCaptureFixture) -> None:
    summary = _summary()
    assert summary.referral is not None
    hostile = replace(summary, referral=replace(summary.referral, note=HOSTILE))
    html = summary_html(hostile)
    assert "<img" not in html
    assert "<script" not in html
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        text = _text(_reader(hostile))
    assert "passwd" in text
    assert not caplog.records


def test_metadata_holds_no_patient() -> None:
    information = _reader(_summary()).metadata
    assert information is not None
    assert "FICTIVE" not in str(dict(information))
    assert information.creation_date == WRITTEN


def test_a_machine_without_pango_says_so_instead_of_failing_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_pango(_name: str) -> ModuleType:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(documents, "import_module", without_pango)
    documents._engine.cache_clear()
    assert documents.can_render() is False
    with pytest.raises(DocumentUnavailable):
        summary_pdf(_summary())
    documents._engine.cache_clear()
