"""The summary of a pathway as a PDF/A document, for a record that takes documents and for a person who reads.

PDF/A-1b because the national exchanges of documents (CDA N1 bodies, portability of GP software) ask for PDF/A-1.
Nothing is fetched while rendering, neither from the network nor from files, and the same summary gives the same
bytes: a document that is sent again is recognised as the same.
"""

import hashlib
from functools import cache
from importlib import import_module
from types import ModuleType

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mappings import french
from mappings.datatypes import instant
from mappings.summary import TITLE, Summary
from sesame_fhir.services.errors import DocumentUnavailable


def summary_pdf(summary: Summary) -> bytes:
    """Render the document; fonts are embedded (any sans serif of the system, see the template).

    Raises:
        DocumentUnavailable: this machine has no Pango; docs/how-to/install.md says how to get it.
    """
    html = summary_html(summary)
    identifier = hashlib.sha256(html.encode("utf-8")).hexdigest()[:32].encode("ascii")
    pdf: bytes = _engine().render(html, identifier)
    return pdf


def summary_html(summary: Summary) -> str:
    """Write the page that is rendered: everything escaped, no link, no image."""
    alerts = tuple((line.title, line.safety) for line in summary.screenings if line.safety is not None)
    bands = any(line.band is not None for line in summary.screenings)
    created = instant(summary.written_at)
    return _template().render(title=TITLE, summary=summary, alerts=alerts, bands=bands, created=created)


@cache
def _engine() -> ModuleType:
    """WeasyPrint takes half a second to import and needs Pango on the machine: only a document asks for it."""
    try:
        return import_module("sesame_fhir.exports.pdf_engine")
    except OSError as missing:
        raise DocumentUnavailable from missing


def can_render() -> bool:
    """True when this machine can make documents."""
    try:
        _engine()
    except DocumentUnavailable:
        return False
    return True


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
