"""The one place where an OperationOutcome is made.

Every problem that leaves this system, from a malformed body to an internal fault, is an ``Issue`` and passes here,
so that clients meet one shape and only real FHIR codes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sesame_fhir.fhir.canonical import REASON_SYSTEM
from sesame_fhir.fhir.json_types import Json


class Severity(StrEnum):
    """http://hl7.org/fhir/issue-severity."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class IssueType(StrEnum):
    """http://hl7.org/fhir/issue-type, the codes of R4."""

    INVALID = "invalid"
    STRUCTURE = "structure"
    REQUIRED = "required"
    VALUE = "value"
    INVARIANT = "invariant"
    SECURITY = "security"
    LOGIN = "login"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    SUPPRESSED = "suppressed"
    PROCESSING = "processing"
    NOT_SUPPORTED = "not-supported"
    DUPLICATE = "duplicate"
    MULTIPLE_MATCHES = "multiple-matches"
    NOT_FOUND = "not-found"
    DELETED = "deleted"
    TOO_LONG = "too-long"
    CODE_INVALID = "code-invalid"
    EXTENSION = "extension"
    TOO_COSTLY = "too-costly"
    BUSINESS_RULE = "business-rule"
    CONFLICT = "conflict"
    TRANSIENT = "transient"
    LOCK_ERROR = "lock-error"
    NO_STORE = "no-store"
    EXCEPTION = "exception"
    TIMEOUT = "timeout"
    INCOMPLETE = "incomplete"
    THROTTLED = "throttled"
    INFORMATIONAL = "informational"


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem. ``diagnostics`` is French, short, says what to do, and never repeats a patient's data.

    ``expression`` holds FHIRPaths of the elements concerned. For programs: ``details_code`` is our stable reason code,
    ``rule`` the key of a published invariant (``obs-6``).
    """

    severity: Severity
    code: IssueType
    diagnostics: str
    expression: tuple[str, ...] = ()
    details_code: str | None = None
    rule: str | None = None

    @property
    def blocking(self) -> bool:
        """True when the request cannot be accepted because of it."""
        return self.severity in (Severity.FATAL, Severity.ERROR)


def error(code: IssueType, diagnostics: str, *expression: str, details_code: str | None = None) -> Issue:
    """An issue of severity error, the common case."""
    return Issue(Severity.ERROR, code, diagnostics, expression, details_code)


def operation_outcome(issues: Iterable[Issue]) -> Json:
    """Build the R4 OperationOutcome; with no issue at all it says so (the element is mandatory)."""
    found = list(issues) or [Issue(Severity.INFORMATION, IssueType.INFORMATIONAL, "Aucun problème trouvé.")]
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in found]}


def _issue(issue: Issue) -> Json:
    built: Json = {"severity": issue.severity.value, "code": issue.code.value}
    if issue.details_code is not None:
        built["details"] = {"coding": [{"system": REASON_SYSTEM, "code": issue.details_code}]}
    elif issue.rule is not None:
        built["details"] = {"text": issue.rule}
    built["diagnostics"] = issue.diagnostics
    if issue.expression:
        built["expression"] = list(issue.expression)
    return built
