"""What is shown on the team's side when something stands in the way before, or beside, a signed-in page: one table."""

from flask import Response, make_response, render_template

from sesame_fhir.services.journal import LogEvent, log
from smart_app.errors import AppError, ErrorText

_NOTHING = "Rien n'a été enregistré."
_AGAIN = "Revenez à la page précédente, rechargez-la, puis recommencez."

TEAM_ERRORS: dict[str, ErrorText] = {
    "foreign-origin": ErrorText(403, "Ce formulaire n'est plus valable", f"Par sécurité, il est refusé. {_AGAIN}"),
    "request-invalid": ErrorText(400, "Cette demande n'a pas été comprise", f"{_NOTHING} {_AGAIN}"),
}
"""Code -> status, title, advice."""


class TeamError(AppError):
    """Stops a view of the team's pages; ``code`` is a key of ``TEAM_ERRORS``."""


def error_answer(code: str) -> Response:
    """The page of one code, for somebody who may not be signed in."""
    text = TEAM_ERRORS[code]
    log(LogEvent.REFUSED, code=code, status=text.status)
    page = render_template("team/error.html", code=code, title=text.title, advice=text.advice)
    return make_response(page, text.status)
