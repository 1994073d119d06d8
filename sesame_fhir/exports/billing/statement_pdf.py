"""What a hosting centre is told of a month, as PDF/A: claims by their number, shares, what was paid, what is due.

No patient is named: a centre's accountant reads it.
"""

from datetime import datetime, time
from decimal import Decimal

from mappings.datatypes import instant
from mappings.french import PARIS
from sesame_fhir.exports.billing import words
from sesame_fhir.exports.documents import document_html, document_pdf
from sesame_fhir.services.billing.shares import Statement


def statement_pdf(statement: Statement, site_name: str) -> bytes:
    """Render the document. Raises DocumentUnavailable where this machine cannot (see ``exports.documents``)."""
    return document_pdf(statement_html(statement, site_name))


def statement_html(statement: Statement, site_name: str) -> str:
    """Write the page that is rendered; it is dated with the last day of its month, so that it is the same each time."""
    created = instant(datetime.combine(statement.end, time(12), tzinfo=PARIS))
    return document_html(
        "billing_statement",
        title=f"Relevé du centre {site_name}, {statement.month}",
        running=f"{statement.site} – {statement.month}",
        created=created,
        statement=statement,
        site_name=site_name,
        statuses=words.STATUSES,
        example=any(account.example for account in statement.accounts),
        nothing=Decimal(0),
    )
