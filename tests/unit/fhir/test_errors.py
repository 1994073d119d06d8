import pytest

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.fhir import errors
from sesame_fhir.fhir.canonical import REASON_SYSTEM
from sesame_fhir.fhir.errors import ERRORS, ErrorRule, FhirError, explain
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity, error, operation_outcome
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services import errors as services

SECRET = "INS 255069999999934"


@pytest.mark.parametrize(
    ("exception", "status", "code"),
    [
        (errors.UnreadableBody(), 400, IssueType.STRUCTURE),
        (errors.BodyTooLarge(), 413, IssueType.TOO_LONG),
        (errors.InvalidResource(), 400, IssueType.INVALID),
        (errors.UnprocessableResource(), 422, IssueType.BUSINESS_RULE),
        (errors.InvalidSearch(), 400, IssueType.INVALID),
        (errors.UnknownCode(), 404, IssueType.NOT_FOUND),
        (errors.ResourceGone(), 410, IssueType.DELETED),
        (errors.NotAuthenticated(), 401, IssueType.LOGIN),
        (errors.NotAllowed(), 403, IssueType.FORBIDDEN),
        (errors.NotSupported(), 501, IssueType.NOT_SUPPORTED),
        (errors.MethodNotAllowed(), 405, IssueType.NOT_SUPPORTED),
        (errors.NotAcceptable(), 406, IssueType.NOT_SUPPORTED),
        (errors.UnsupportedMedia(), 415, IssueType.NOT_SUPPORTED),
        (errors.PreconditionFailed(), 412, IssueType.CONFLICT),
        (errors.Throttled(), 429, IssueType.THROTTLED),
        (services.NotFound(SECRET), 404, IssueType.NOT_FOUND),
        (services.Conflict(PathwayId(SECRET)), 409, IssueType.CONFLICT),
        (services.AlreadyExists(SECRET), 409, IssueType.DUPLICATE),
        (services.VersionConflict(3), 412, IssueType.CONFLICT),
        (services.VaultError(SECRET), 500, IssueType.EXCEPTION),
        (ValueError(SECRET), 500, IssueType.EXCEPTION),
        (KeyboardInterrupt(SECRET), 500, IssueType.EXCEPTION),
    ],
)
def test_table(exception: BaseException, status: int, code: IssueType) -> None:
    found, issues = explain(exception, "c-1")
    assert (found, issues[0].code) == (status, code)
    assert SECRET not in str(issues)
    assert ("c-1" in issues[0].diagnostics) is (status == 500)


def test_a_new_subclass_keeps_the_answer_of_its_base() -> None:
    class LaunchNotFound(services.NotFound):
        pass

    assert explain(LaunchNotFound(), "c")[0] == 404


def test_issues_of_the_exception_are_the_answer() -> None:
    issues = (error(IssueType.VALUE, "a", "Patient.gender"), error(IssueType.VALUE, "b"))
    assert explain(errors.InvalidResource(*issues), "c") == (400, issues)


def test_a_refusal_gives_one_issue_per_reason() -> None:
    refused = Refused(Reason(ReasonCode.MINOR, "17"), Reason(ReasonCode.PATIENT_REFUSED))
    status, issues = explain(refused, "c")
    assert status == 422
    assert [issue.details_code for issue in issues] == ["minor", "patient-refused"]
    assert issues[0].diagnostics == "Patient mineur. (17)"


def test_every_reason_has_its_french_text() -> None:
    assert set(REASON_TEXTS) == set(ReasonCode)


def test_every_fhir_error_is_in_the_table() -> None:
    def subclasses(kind: type[FhirError]) -> set[type[FhirError]]:
        return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))

    assert subclasses(FhirError) - set(ERRORS) == set()


@pytest.mark.parametrize("rule", ERRORS.values())
def test_every_rule_makes_a_valid_outcome(rule: ErrorRule) -> None:
    assert validate(operation_outcome([Issue(rule.severity, rule.code, rule.diagnostics)])) == []


def test_outcome_shape() -> None:
    built = operation_outcome([error(IssueType.BUSINESS_RULE, "Texte", "Observation.value", details_code="minor")])
    assert built == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "business-rule",
                "details": {"coding": [{"system": REASON_SYSTEM, "code": "minor"}]},
                "diagnostics": "Texte",
                "expression": ["Observation.value"],
            }
        ],
    }


def test_a_published_invariant_is_named_in_the_details() -> None:
    issue = Issue(Severity.ERROR, IssueType.INVARIANT, "Texte", rule="obs-6")
    assert operation_outcome([issue])["issue"][0]["details"] == {"text": "obs-6"}


def test_outcome_without_issue_says_that_all_is_well() -> None:
    built = operation_outcome([])
    assert built["issue"][0]["severity"] == "information"
    assert validate(built) == []


@pytest.mark.parametrize("code", list(IssueType))
@pytest.mark.parametrize("severity", list(Severity))
def test_every_code_is_a_real_fhir_code(code: IssueType, severity: Severity) -> None:
    assert validate(operation_outcome([Issue(severity, code, "x")])) == []
