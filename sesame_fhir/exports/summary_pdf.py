"""The summary of a pathway as a PDF/A document, for a record that takes documents and for a person who reads.

PDF/A-1b because the national exchanges of documents (CDA N1 bodies, portability of GP software) ask for PDF/A-1.
Nothing is fetched while rendering, neither from the network nor from files, and the same summary gives the same
bytes: a document that is sent again is recognised as the same.
"""

import hashlib
from functools import cache
from importlib import resources
from io import BytesIO

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from weasyprint import HTML
from weasyprint.css import ColorProfile
from weasyprint.urls import URLFetcher

from mappings import french
from mappings.datatypes import instant
from mappings.summary import TITLE, Summary

VARIANT = "pdf/a-1b"
_COLOURS = "document-srgb"


def summary_pdf(summary: Summary) -> bytes:
    """Render the document; fonts are embedded (any sans serif of the system, see the template)."""
    html = summary_html(summary)
    identifier = hashlib.sha256(html.encode("utf-8")).hexdigest()[:32].encode("ascii")
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


def summary_html(summary: Summary) -> str:
    """Write the page that is rendered: everything escaped, no link, no image."""
    alerts = tuple((line.title, line.safety) for line in summary.screenings if line.safety is not None)
    bands = any(line.band is not None for line in summary.screenings)
    created = instant(summary.written_at)
    return _template().render(title=TITLE, summary=summary, alerts=alerts, bands=bands, created=created)


def _srgb() -> ColorProfile:
    """The profile that WeasyPrint would take by itself, but without the file it leaves open (warnings are errors)."""
    profile = (resources.files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()
    return ColorProfile(BytesIO(profile), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sesame_fhir.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=french.day, moment=french.moment)
    return environment.get_template("summary.html")
