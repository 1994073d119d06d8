# ruff: noqa: N818  (these are answers of the protocol, named as it names them)
"""The one table from what went wrong to what a FHIR client is told: HTTP status, issue code, severity, French text.

An exception is looked up along its class hierarchy, so a new subclass keeps the answer of its base. What the table
does not know becomes a neutral 500 with a correlation id: an exception's own text never leaves the server.
Status codes: https://hl7.org/fhir/R4/http.html (400 for what is not valid FHIR, 422 for what breaks our rules).
"""

from dataclasses import dataclass

from sesame_fhir.domain.reasons import Reason, Refused
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from sesame_fhir.services import errors as services


class FhirError(Exception):
    """A request that is refused; ``issues`` say why, the table's own text is used when there are none."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__(", ".join(issue.code for issue in issues))
        self.issues = issues


class UnreadableBody(FhirError):
    """The body is not acceptable JSON."""


class BodyTooLarge(UnreadableBody):
    """The body exceeds the size limit."""


class InvalidResource(FhirError):
    """The resource is not valid FHIR R4."""


class UnprocessableResource(FhirError):
    """Valid FHIR that breaks one of our profiles or business rules."""


class InvalidSearch(FhirError):
    """Search parameters that cannot be understood."""


class UnknownCode(FhirError):
    """A code, code system, value set or profile that is not known here."""


class ResourceGone(FhirError):
    """The resource was deleted."""


class NotAuthenticated(FhirError):
    """No valid access token."""


class NotAllowed(FhirError):
    """The token, role or site does not permit this."""


class NotSupported(FhirError):
    """An interaction, type or operation that this server does not offer."""


class NotAcceptable(FhirError):
    """The client accepts no format that we serve."""


class UnsupportedMedia(FhirError):
    """The body's media type is not FHIR JSON."""


class PreconditionFailed(FhirError):
    """If-Match or a conditional interaction does not hold."""


class MethodNotAllowed(FhirError):
    """The address exists, not with this HTTP method."""


class BelongsToPathway(FhirError):
    """The resource is derived from a pathway's events: it changes there, never by a direct write."""


class Throttled(FhirError):
    """Too many requests."""


class TooCostly(FhirError):
    """More at once than this server does in one request."""


class EntriesRefused(FhirError):
    """Entries of a transaction that stand against all of it; ``status`` is that of the first one."""

    def __init__(self, status: int, *issues: Issue) -> None:
        super().__init__(*issues)
        self.status = status


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """What a client is told."""

    status: int
    code: IssueType
    severity: Severity
    diagnostics: str


def _error(status: int, code: IssueType, diagnostics: str) -> ErrorRule:
    return ErrorRule(status, code, Severity.ERROR, diagnostics)


ERRORS: dict[type[Exception], ErrorRule] = {
    FhirError: _error(400, IssueType.INVALID, "Demande refusée : la corriger avant de la renvoyer."),
    UnreadableBody: ErrorRule(400, IssueType.STRUCTURE, Severity.FATAL, "Le corps n'est pas du JSON acceptable."),
    BodyTooLarge: ErrorRule(413, IssueType.TOO_LONG, Severity.FATAL, "Corps trop grand : l'envoyer en plusieurs fois."),
    InvalidResource: _error(400, IssueType.INVALID, "La ressource n'est pas conforme à FHIR R4."),
    UnprocessableResource: _error(422, IssueType.BUSINESS_RULE, "La ressource ne respecte pas nos règles."),
    InvalidSearch: _error(400, IssueType.INVALID, "Recherche incomprise : vérifier les paramètres."),
    UnknownCode: _error(404, IssueType.NOT_FOUND, "Code, système de codes ou jeu de valeurs inconnu ici."),
    ResourceGone: _error(410, IssueType.DELETED, "Ressource supprimée."),
    NotAuthenticated: _error(401, IssueType.LOGIN, "Jeton d'accès absent, expiré ou inconnu : se reconnecter."),
    NotAllowed: _error(403, IssueType.FORBIDDEN, "Accès non autorisé avec ces droits."),
    NotSupported: _error(501, IssueType.NOT_SUPPORTED, "Non pris en charge : voir le CapabilityStatement (/metadata)."),
    NotAcceptable: _error(
        406, IssueType.NOT_SUPPORTED, "Formats servis : application/fhir+json et application/fhir+xml."
    ),
    UnsupportedMedia: _error(
        415, IssueType.NOT_SUPPORTED, "Envoyer application/fhir+json ou application/fhir+xml, en UTF-8."
    ),
    PreconditionFailed: _error(412, IssueType.CONFLICT, "La condition de la demande n'est pas remplie."),
    MethodNotAllowed: _error(405, IssueType.NOT_SUPPORTED, "Méthode HTTP non prise en charge à cette adresse."),
    BelongsToPathway: _error(
        409, IssueType.BUSINESS_RULE, "Cette ressource découle du parcours : la modifier depuis le parcours."
    ),
    TooCostly: _error(413, IssueType.TOO_COSTLY, "Trop à la fois : l'envoyer en plusieurs demandes."),
    EntriesRefused: _error(400, IssueType.INVALID, "Une entrée s'oppose à la transaction : rien n'a été écrit."),
    Throttled: _error(429, IssueType.THROTTLED, "Trop de demandes : réessayer plus tard."),
    Refused: _error(422, IssueType.BUSINESS_RULE, "Une règle du parcours s'y oppose."),
    services.NotFound: _error(404, IssueType.NOT_FOUND, "Ressource inconnue."),
    services.Conflict: _error(
        409, IssueType.CONFLICT, "Modifié entre-temps par quelqu'un d'autre : relire, puis refaire."
    ),
    services.InvalidCursor: _error(400, IssueType.INVALID, "Page inconnue : refaire la recherche."),
    services.AlreadyExists: _error(409, IssueType.DUPLICATE, "Une ressource porte déjà cet identifiant."),
    services.ConditionMet: _error(412, IssueType.CONFLICT, "Quelqu'un vient d'écrire ce que la condition exclut."),
    services.VersionConflict: _error(
        412, IssueType.CONFLICT, "La version a changé : relire la ressource, puis refaire."
    ),
}


def rule_for(exception: BaseException) -> ErrorRule | None:
    """The nearest rule along the exception's class hierarchy; None for what the table does not know."""
    found = (ERRORS[kind] for kind in type(exception).__mro__ if kind in ERRORS)
    return next(found, None)


def explain(exception: BaseException, correlation_id: str) -> tuple[int, tuple[Issue, ...]]:
    """HTTP status and issues to answer with. ``correlation_id`` is shown only for an internal error (500)."""
    rule = rule_for(exception)
    if rule is None:
        text = f"Erreur interne. Signaler la référence {correlation_id}."
        return 500, (Issue(Severity.FATAL, IssueType.EXCEPTION, text),)
    if isinstance(exception, Refused):
        return rule.status, tuple(_reason_issue(rule, reason) for reason in exception.reasons)
    if isinstance(exception, FhirError) and exception.issues:
        status = exception.status if isinstance(exception, EntriesRefused) else rule.status
        return status, exception.issues
    return rule.status, (Issue(rule.severity, rule.code, rule.diagnostics),)


def _reason_issue(rule: ErrorRule, reason: Reason) -> Issue:
    text = REASON_TEXTS.get(reason.code, rule.diagnostics)
    detail = f" ({reason.detail})" if reason.detail else ""
    return Issue(rule.severity, rule.code, f"{text}{detail}", details_code=reason.code.value)
