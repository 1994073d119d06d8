"""The summary of a pathway as a PDF/A document, for a record that takes documents and for a person who reads."""

from mappings.datatypes import instant
from mappings.summary import TITLE, Summary
from sesame_fhir.exports.documents import document_html, document_pdf


def summary_pdf(summary: Summary) -> bytes:
    """Render the document. Raises DocumentUnavailable where this machine cannot (see ``exports.documents``)."""
    return document_pdf(summary_html(summary))


def summary_html(summary: Summary) -> str:
    """Write the page that is rendered."""
    alerts = tuple((line.title, line.safety) for line in summary.screenings if line.safety is not None)
    bands = any(line.band is not None for line in summary.screenings)
    created = instant(summary.written_at)
    return document_html("summary", title=TITLE, summary=summary, alerts=alerts, bands=bands, created=created)
