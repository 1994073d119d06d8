"""Documents about a patient as files: PDF, or plain text where this machine makes no PDF."""

from collections.abc import Callable

from flask import Response

from sesame_fhir.services.errors import DocumentUnavailable


def document(name: str, pdf: Callable[[], bytes], text: Callable[[], str]) -> Response:
    """The document as a file to keep; ``name`` says what it is, and nothing about whom."""
    try:
        answer, kind = Response(pdf(), mimetype="application/pdf"), "pdf"
    except DocumentUnavailable:
        answer, kind = Response(text(), mimetype="text/plain"), "txt"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
