"""The exit letter to the GP as a PDF/A document."""

from datetime import datetime, time

from mappings.datatypes import instant
from mappings.exit_letter import TITLE, ExitLetter
from mappings.french import PARIS
from sesame_fhir.exports.documents import document_html, document_pdf


def exit_letter_pdf(letter: ExitLetter) -> bytes:
    """Render the letter. Raises DocumentUnavailable where this machine cannot (see ``exports.documents``)."""
    return document_pdf(exit_letter_html(letter))


def exit_letter_html(letter: ExitLetter) -> str:
    """Write the page that is rendered."""
    created = instant(datetime.combine(letter.left_on, time(12), tzinfo=PARIS))
    return document_html("exit_letter", title=TITLE, letter=letter, created=created)
