"""What is shown on the team's side when something stands in the way before, or beside, a signed-in page: one table."""

from flask import Response, make_response, render_template

from sesame_fhir.services.journal import LogEvent, log
from smart_app.errors import AppError, ErrorText

_NOTHING = "Rien n'a été enregistré."
_AGAIN = "Revenez à la page précédente, rechargez-la, puis recommencez."
_SIGN_IN = "Recommencez la connexion."
_OTHER_WAY = "Patientez une minute et recommencez, ou connectez-vous autrement."
_NOT_PROVED = "Par sécurité, SÉSAME ne vous connecte pas."

TEAM_ERRORS: dict[str, ErrorText] = {
    "foreign-origin": ErrorText(403, "Ce formulaire n'est plus valable", f"Par sécurité, il est refusé. {_AGAIN}"),
    "request-invalid": ErrorText(400, "Cette demande n'a pas été comprise", f"{_NOTHING} {_AGAIN}"),
    "link-over": ErrorText(
        410,
        "Ce lien d'inscription ne fonctionne plus",
        "Il a déjà servi, ou il a expiré. Demandez un nouveau lien à l'administrateur de SÉSAME.",
    ),
    "provider-unknown": ErrorText(404, "Ce mode de connexion n'existe pas ici", _SIGN_IN),
    "discovery-timeout": ErrorText(504, "Le service de connexion tarde à répondre", _OTHER_WAY),
    "discovery-unreachable": ErrorText(502, "Le service de connexion est injoignable", _OTHER_WAY),
    "discovery-invalid": ErrorText(502, "Le service de connexion ne répond pas comme prévu", _OTHER_WAY),
    "state-missing": ErrorText(400, "Cette page ne s'ouvre pas directement", _SIGN_IN),
    "state-unknown": ErrorText(400, "Cette connexion a déjà servi ou a expiré", _SIGN_IN),
    "cookie-missing": ErrorText(
        403,
        "Cette connexion a commencé dans un autre navigateur",
        f"{_NOT_PROVED} {_SIGN_IN} Si cela se reproduit, autorisez les cookies pour ce site.",
    ),
    "access-denied": ErrorText(403, "La connexion a été refusée", f"Le service de connexion a dit non. {_SIGN_IN}"),
    "authorization-refused": ErrorText(502, "Le service de connexion a refusé la demande", _OTHER_WAY),
    "issuer-mismatch": ErrorText(403, "La réponse ne vient pas du service attendu", f"{_NOT_PROVED} {_SIGN_IN}"),
    "token-refused": ErrorText(502, "Le service de connexion a refusé la demande", _OTHER_WAY),
    "token-unavailable": ErrorText(502, "Le service de connexion n'a pas pu terminer", _OTHER_WAY),
    "token-invalid": ErrorText(502, "La réponse du service de connexion est inutilisable", _OTHER_WAY),
    "identity-missing": ErrorText(502, "Le service de connexion n'a pas dit qui vous êtes", _OTHER_WAY),
    "identity-invalid": ErrorText(403, "Votre identité n'a pas pu être vérifiée", f"{_NOT_PROVED} {_SIGN_IN}"),
    "account-unknown": ErrorText(
        403,
        "Aucun compte SÉSAME ne correspond à votre identité",
        "Votre identité est vérifiée, mais elle n'est liée à aucun compte. Transmettez à l'administrateur de SÉSAME "
        "l'identité affichée ci-dessous, pour qu'il la lie au vôtre.",
    ),
}
"""Code -> status, title, advice."""


class TeamError(AppError):
    """Stops a view of the team's pages; ``code`` is a key of ``TEAM_ERRORS``. ``shown`` is for this person only."""

    def __init__(self, code: str, shown: str | None = None) -> None:
        super().__init__(code)
        self.shown = shown


def error_answer(code: str, shown: str | None = None) -> Response:
    """The page of one code, for somebody who may not be signed in; ``shown`` is for this person to pass on."""
    text = TEAM_ERRORS[code]
    log(LogEvent.REFUSED, code=code, status=text.status)
    page = render_template("team/error.html", code=code, title=text.title, advice=text.advice, shown=shown)
    return make_response(page, text.status)
