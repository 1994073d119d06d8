import pytest

from sesame_fhir.api.scopes import Access, Interaction, access, grantable, parse_scope
from sesame_fhir.services.search import TokenClause, TokenValue

SURVEY = "http://terminology.hl7.org/CodeSystem/observation-category|survey"
SURVEY_VALUE = TokenValue("http://terminology.hl7.org/CodeSystem/observation-category", "survey")
SURVEY_ONLY = TokenClause("category", (SURVEY_VALUE,))
LABORATORY_ONLY = TokenClause("category", (TokenValue(None, "laboratory"),))
PHQ_9_ONLY = TokenClause("code", (TokenValue("http://loinc.org", "44261-6"), TokenValue(None, "x")))
EVERY = Access(patient_only=False, filters=None)
OWN = Access(patient_only=True, filters=None)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("patient/Observation.rs", "rs"),
        ("user/Patient.r", "r"),
        ("system/*.cruds", "cruds"),
        ("user/*.read", "rs"),
        ("patient/Task.write", "cud"),
        ("patient/*.*", "cruds"),
        (f"patient/Observation.rs?category={SURVEY}", "rs"),
    ],
)
def test_scopes_of_both_versions_are_read(text: str, letters: str) -> None:
    found = parse_scope(text)
    assert found is not None
    assert found.letters == frozenset(letters)


@pytest.mark.parametrize(
    "text",
    [
        "patient/Observation.sr",
        "patient/Observation.",
        "patient/Observation",
        "patient/observation.rs",
        "patient/Observation.rx",
        "patient/Observation.read?category=survey",
        "patient/Observation.rs?",
        "patient/Observation.rs?category=",
        "patient/Observation.rs?code:not=44261-6",
        "patient/Observation.rs?code:in=http://x.test/ValueSet/v",
        "patient/Observation.rs?date=ge2026-01-01",
        "patient/Observation.rs?subject=Patient/p1",
        "patient/Observation.rs?value-quantity=5",
        "patient/Observation.rs?family=x",
        "patient/Observation.rs?category=a,",
        "patient/Observation.rs?category=|",
        "patient/Observation.rs?category=a|b|c",
        "patient/Observation.rs?category=a%5C,b",
        "patient/Observation.rs?category=a&unknown=b",
        "patient/*.rs?unknown=b",
        "practitioner/Patient.rs",
        "openid",
        "launch/patient",
        " ",
        "patient/Observation.rs\n",
        "user/AuditEvent.rs",
        "patient/AuditEvent.rs",
        "system/AuditEvent.rs?action=R",
    ],
)
def test_what_cannot_be_enforced_exactly_is_no_scope(text: str) -> None:
    assert parse_scope(text) is None


@pytest.mark.parametrize(
    ("scope", "resource_type", "interaction", "expected"),
    [
        ("patient/Observation.rs", "Observation", "r", OWN),
        ("patient/Observation.rs", "Observation", "s", OWN),
        ("patient/Observation.rs", "Observation", "c", None),
        ("patient/Observation.rs", "Condition", "r", None),
        ("user/*.read", "Condition", "s", EVERY),
        ("user/*.read", "Condition", "u", None),
        ("user/*.write", "Condition", "u", EVERY),
        ("user/*.write", "Condition", "r", None),
        ("user/*.*", "Task", "d", EVERY),
        ("system/Patient.r", "Patient", "r", EVERY),
        ("patient/Patient.r user/Patient.r", "Patient", "r", EVERY),
        (
            f"patient/Observation.rs?category={SURVEY}",
            "Observation",
            "r",
            Access(patient_only=True, filters=((SURVEY_ONLY,),)),
        ),
        (
            f"user/Observation.rs?category={SURVEY}",
            "Observation",
            "s",
            Access(patient_only=False, filters=((SURVEY_ONLY,),)),
        ),
        (
            f"patient/Observation.rs?category={SURVEY} patient/Observation.rs?category=laboratory",
            "Observation",
            "r",
            Access(patient_only=True, filters=((SURVEY_ONLY,), (LABORATORY_ONLY,))),
        ),
        (f"patient/Observation.rs?category={SURVEY} patient/*.rs", "Observation", "r", OWN),
        (
            f"user/Observation.r?category={SURVEY}&code=http://loinc.org|44261-6,x",
            "Observation",
            "r",
            Access(patient_only=False, filters=((SURVEY_ONLY, PHQ_9_ONLY),)),
        ),
        (f"patient/*.rs?category={SURVEY}", "Observation", "r", Access(patient_only=True, filters=((SURVEY_ONLY,),))),
        (f"patient/*.rs?category={SURVEY}", "Flag", "r", None),
        ("openid fhirUser launch", "Patient", "r", None),
        ("system/AuditEvent.rs", "AuditEvent", "s", EVERY),
        ("system/AuditEvent.s", "AuditEvent", "r", None),
        ("system/*.cruds", "AuditEvent", "r", None),
        ("user/*.cruds patient/*.rs", "AuditEvent", "s", None),
        ("", "Patient", "r", None),
    ],
)
def test_what_a_token_may_do(scope: str, resource_type: str, interaction: Interaction, expected: Access | None) -> None:
    assert access(scope, resource_type, interaction) == expected


BOTH = frozenset({"patient", "user"})


@pytest.mark.parametrize(
    ("requested", "allowed", "granted"),
    [
        ("openid fhirUser", ["openid", "fhirUser"], "openid fhirUser"),
        ("openid offline_access", ["openid"], "openid"),
        ("patient/Observation.rs", ["patient/*.cruds"], "patient/Observation.rs"),
        ("patient/Observation.cruds", ["patient/*.rs"], "patient/Observation.rs"),
        ("patient/Observation.cruds", ["patient/Observation.c", "patient/*.rs"], "patient/Observation.crs"),
        ("patient/*.rs", ["patient/Observation.rs", "patient/Patient.r"], "patient/Observation.rs patient/Patient.r"),
        ("patient/*.read", ["patient/*.cruds"], "patient/*.read"),
        ("patient/*.write", ["patient/*.cu"], "patient/*.cu"),
        ("user/Patient.rs", ["patient/*.cruds"], ""),
        ("system/Patient.rs", ["system/*.rs"], ""),
        (
            "patient/Observation.rs",
            [f"patient/Observation.rs?category={SURVEY}"],
            f"patient/Observation.rs?category={SURVEY}",
        ),
        (
            "patient/Observation.rs?code=x",
            [f"patient/Observation.rs?category={SURVEY}"],
            f"patient/Observation.rs?code=x&category={SURVEY}",
        ),
        (
            f"patient/Observation.rs?category={SURVEY}&code=x",
            [f"patient/Observation.rs?category={SURVEY}"],
            f"patient/Observation.rs?category={SURVEY}&code=x",
        ),
        (f"patient/Observation.rs?category={SURVEY}", ["patient/*.rs"], f"patient/Observation.rs?category={SURVEY}"),
        ("patient/Observation.rs?category=laboratory", [f"patient/Observation.rs?category={SURVEY}"], ""),
        ("nonsense patient/Observation.xyz", ["patient/*.cruds"], ""),
        ("openid openid", ["openid"], "openid"),
        ("", ["openid"], ""),
    ],
)
def test_the_registration_is_the_maximum(requested: str, allowed: list[str], granted: str) -> None:
    assert grantable(requested, allowed, BOTH) == granted


@pytest.mark.parametrize(
    ("requested", "allowed", "granted"),
    [
        ("system/AuditEvent.rs", ["system/AuditEvent.rs"], "system/AuditEvent.rs"),
        ("system/AuditEvent.rs", ["system/*.cruds"], ""),
        ("system/AuditEvent.rs", ["system/*.rs?type=rest"], ""),
        ("system/*.rs", ["system/AuditEvent.r"], "system/AuditEvent.r"),
        ("system/*.rs", ["system/*.rs", "system/AuditEvent.r"], "system/*.rs"),
    ],
)
def test_the_audit_log_is_granted_by_its_name_only(requested: str, allowed: list[str], granted: str) -> None:
    assert grantable(requested, allowed, frozenset({"system"})) == granted
    assert grantable(requested, allowed, BOTH) == ""


def test_patient_scopes_need_a_patient_and_system_scopes_a_service() -> None:
    registered = ["patient/*.rs", "user/*.rs", "system/*.rs"]
    asked = "patient/Task.r user/Task.r system/Task.r"
    assert grantable(asked, registered, frozenset({"user"})) == "user/Task.r"
    assert grantable(asked, registered, frozenset({"system"})) == "system/Task.r"
