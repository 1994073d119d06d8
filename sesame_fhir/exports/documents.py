"""Documents as PDF/A from templates: one environment, one engine, the same input gives the same bytes.

PDF/A-1b because the national exchanges of documents (CDA N1 bodies, portability of GP software) ask for PDF/A-1.
Nothing is fetched while rendering, neither from the network nor from files; a document that is sent again is recognised
as the same.
"""

import hashlib
from functools import cache
from importlib import import_module
from types import ModuleType

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mappings import french
from sesame_fhir.services.errors import DocumentUnavailable


def document_html(template: str, **values: object) -> str:
    """Write the page of a template (``templates/<name>.html``): everything escaped, no link, no image."""
    return _template(template).render(**values)


def document_pdf(html: str) -> bytes:
    """Render a page; fonts are embedded (any sans serif of the system, see the templates).

    Raises:
        DocumentUnavailable: this machine has no Pango; docs/how-to/install.md says how to get it.
    """
    identifier = hashlib.sha256(html.encode("utf-8")).hexdigest()[:32].encode("ascii")
    pdf: bytes = _engine().render(html, identifier)
    return pdf


def can_render() -> bool:
    """True when this machine can make documents."""
    try:
        _engine()
    except DocumentUnavailable:
        return False
    return True


@cache
def _engine() -> ModuleType:
    """WeasyPrint takes half a second to import and needs Pango on the machine: only a document asks for it."""
    try:
        return import_module("sesame_fhir.exports.pdf_engine")
    except OSError as missing:
        raise DocumentUnavailable from missing


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("sesame_fhir.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=french.day, moment=french.moment, euros=french.euros)
    return environment.get_template(f"{name}.html")
