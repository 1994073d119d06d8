"""What the user is told when something stands in the way: one table, one page, no stack trace, nothing sensitive.

A view raises ``AppError`` with a code of the table; ``error_page`` renders it. The texts say what to do next.
"""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from sesame_fhir.services.journal import LogEvent, correlation_id, log
from smart_app.deps import current_deps


@dataclass(frozen=True, slots=True)
class ErrorText:
    """``status`` is the HTTP status; ``title`` and ``advice`` are French and hold no variable part."""

    status: int
    title: str
    advice: str


_RELAUNCH = "Revenez au dossier du patient dans votre logiciel et ouvrez de nouveau SÉSAME."
_SUPPORT = "Si cela se reproduit, transmettez le code affiché ci-dessous au support de votre logiciel."
_RETRY = f"Patientez une minute. {_RELAUNCH} {_SUPPORT}"
_RECORDED_STAYS = "Ce qui était enregistré est conservé."

APP_ERRORS: dict[str, ErrorText] = {
    "launch-malformed": ErrorText(400, "L'ouverture de SÉSAME est incomplète", f"{_RELAUNCH} {_SUPPORT}"),
    "issuer-unknown": ErrorText(
        403,
        "Ce logiciel n'est pas connu de SÉSAME",
        "L'administrateur doit d'abord l'enregistrer (commande « sesame ehr add »). Aucune donnée n'a été échangée.",
    ),
    "discovery-timeout": ErrorText(504, "Votre logiciel tarde à répondre", _RETRY),
    "discovery-unreachable": ErrorText(502, "Votre logiciel est injoignable", _RETRY),
    "discovery-invalid": ErrorText(
        502, "Votre logiciel ne décrit pas correctement sa connexion", f"{_RELAUNCH} {_SUPPORT}"
    ),
    "state-missing": ErrorText(400, "Cette page ne s'ouvre pas directement", _RELAUNCH),
    "state-unknown": ErrorText(
        400, "Cette ouverture a déjà servi ou a expiré", f"Une ouverture ne sert qu'une fois. {_RELAUNCH}"
    ),
    "cookie-missing": ErrorText(
        403,
        "Votre navigateur n'a pas gardé la trace de cette ouverture",
        "Les cookies sont sans doute bloqués dans ce cadre. Ouvrez SÉSAME dans un nouvel onglet, ou revenez au "
        "dossier du patient et recommencez.",
    ),
    "cookie-wrong": ErrorText(
        403, "Cette ouverture appartient à un autre navigateur", f"Par sécurité, elle est fermée. {_RELAUNCH}"
    ),
    "access-denied": ErrorText(
        403, "L'accès a été refusé", f"Votre logiciel, ou vous-même, n'avez pas donné l'autorisation. {_RELAUNCH}"
    ),
    "authorization-refused": ErrorText(502, "Votre logiciel a refusé l'ouverture de SÉSAME", f"{_RELAUNCH} {_SUPPORT}"),
    "issuer-mismatch": ErrorText(
        403, "La réponse ne vient pas du logiciel attendu", f"Par sécurité, elle est ignorée. {_RELAUNCH}"
    ),
    "token-refused": ErrorText(502, "Votre logiciel a refusé la connexion", f"{_RELAUNCH} {_SUPPORT}"),
    "token-unavailable": ErrorText(502, "Votre logiciel n'a pas pu terminer la connexion", _RETRY),
    "token-invalid": ErrorText(502, "La réponse de connexion est inutilisable", f"{_RELAUNCH} {_SUPPORT}"),
    "identity-invalid": ErrorText(
        403, "Votre identité n'a pas pu être vérifiée", f"Par sécurité, SÉSAME ne s'ouvre pas. {_RELAUNCH} {_SUPPORT}"
    ),
    "identity-missing": ErrorText(
        403,
        "Votre logiciel n'a pas indiqué qui vous êtes",
        f"SÉSAME doit savoir qui agit. {_RELAUNCH} {_SUPPORT}",
    ),
    "not-a-professional": ErrorText(
        403, "SÉSAME est réservé aux professionnels", "Demandez à votre médecin d'ouvrir SÉSAME depuis votre dossier."
    ),
    "no-patient": ErrorText(
        400,
        "Aucun patient n'est sélectionné",
        "Ouvrez d'abord le dossier d'un patient dans votre logiciel, puis SÉSAME.",
    ),
    "patient-unreadable": ErrorText(
        502, "L'identité du patient n'a pas pu être lue", f"SÉSAME a besoin de la lire dans le dossier. {_RETRY}"
    ),
    "launch-expired": ErrorText(401, "Cette session SÉSAME est terminée", f"{_RECORDED_STAYS} {_RELAUNCH}"),
    "launch-expired-kept": ErrorText(
        401,
        "Cette session SÉSAME est terminée",
        f"Vos réponses sont gardées : vous les retrouverez à la prochaine ouverture. {_RELAUNCH}",
    ),
    "token-expired": ErrorText(401, "L'autorisation de votre logiciel a expiré", f"{_RECORDED_STAYS} {_RELAUNCH}"),
    "other-patient": ErrorText(
        409,
        "Ce formulaire a été ouvert pour un autre patient",
        "Rien n'a été enregistré. Fermez cet onglet et ouvrez SÉSAME depuis le dossier du bon patient.",
    ),
    "page-unknown": ErrorText(404, "Cette page n'existe pas", _RELAUNCH),
    "request-invalid": ErrorText(400, "Cette demande n'a pas été comprise", f"Rien n'a été enregistré. {_RELAUNCH}"),
    "address-not-for-this": ErrorText(
        405, "Cette adresse ne s'ouvre pas ainsi", f"Elle ne sert qu'à envoyer un formulaire. {_RELAUNCH}"
    ),
    "too-large": ErrorText(
        413, "Cet envoi est trop volumineux", "Rien n'a été enregistré. Revenez en arrière et raccourcissez le texte."
    ),
    "internal": ErrorText(500, "SÉSAME a rencontré un problème", f"{_RECORDED_STAYS} {_RELAUNCH} {_SUPPORT}"),
    "foreign-origin": ErrorText(
        403, "Cette demande ne vient pas de SÉSAME", f"Par sécurité, rien n'a été enregistré. {_RELAUNCH}"
    ),
}


_BY_STATUS: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "page-unknown",
    HTTPStatus.METHOD_NOT_ALLOWED: "address-not-for-this",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
}


class AppError(Exception):
    """Stops a view; ``code`` is a key of ``APP_ERRORS``.

    ``reopen_url`` is offered as « ouvrir dans un nouvel onglet »; it holds no secret.
    """

    def __init__(self, code: str, *, reopen_url: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.reopen_url = reopen_url


class LaunchExpired(AppError):  # noqa: N818  named as the fact it reports
    """The launch or its authority is over; the user must open the app again from the record."""

    def __init__(self, code: str = "token-expired") -> None:
        super().__init__(code)


def error_page(code: str, *, reopen_url: str | None = None, reference: str | None = None) -> Response:
    """Render the page of one code, with its HTTP status; ``reference`` finds an internal fault in the log."""
    text = APP_ERRORS[code]
    shown = f"{code} {reference}" if reference else code
    page = render_template("error.html", code=shown, title=text.title, advice=text.advice, reopen_url=reopen_url)
    return make_response(page, text.status)


def handle_app_errors(app: Flask) -> None:
    """Answer every error of the application with a page, whatever the address."""
    app.register_error_handler(AppError, _answer)
    app.register_error_handler(HTTPException, _answer_http)


def _answer(error: AppError) -> Response:
    log(LogEvent.REFUSED, code=error.code, status=APP_ERRORS[error.code].status)
    return error_page(error.code, reopen_url=error.reopen_url)


def _answer_http(error: HTTPException) -> Response | HTTPException:
    # A redirection of the routing is an HTTPException that must stay what it is.
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A fault of ours: the server's application has logged its type and place under this reference.
        return error_page("internal", reference=correlation_id(current_deps().ids.new))
    page = error_page(_BY_STATUS.get(error.code, "request-invalid"))
    if isinstance(error, MethodNotAllowed):
        page.allow.update(error.valid_methods or ())
    return page
