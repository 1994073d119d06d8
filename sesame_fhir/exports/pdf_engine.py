"""WeasyPrint, behind one function. Importing this module fails with OSError where Pango is not installed."""

from importlib import resources
from io import BytesIO

from weasyprint import HTML
from weasyprint.css import ColorProfile
from weasyprint.urls import URLFetcher

VARIANT = "pdf/a-1b"
_COLOURS = "document-srgb"


def render(html: str, identifier: bytes) -> bytes:
    """Render a page as PDF/A; ``identifier`` makes the bytes repeatable."""
    # No protocol is allowed: whatever a text of a patient or a clinician holds, nothing is opened.
    document = HTML(string=html, base_url=None, url_fetcher=URLFetcher(allowed_protocols=()))
    pdf: bytes = document.write_pdf(
        pdf_variant=VARIANT,
        pdf_tags=True,
        pdf_identifier=identifier,
        output_intent=_COLOURS,
        color_profiles={_COLOURS: _srgb()},
    )
    return pdf


def _srgb() -> ColorProfile:
    """The profile that WeasyPrint would take by itself, but without the file it leaves open (warnings are errors)."""
    profile = (resources.files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    return ColorProfile(BytesIO(profile), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))
