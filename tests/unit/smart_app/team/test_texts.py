"""Every code that the shell can show has a text; every error page says what to do."""

import pytest

from sesame_fhir.domain.actors import STAFF
from sesame_fhir.services.accounts import AccountProblem
from sesame_fhir.services.break_glass import GlassReason
from sesame_fhir.services.enrolment import EnrolmentProblem
from smart_app.launch.discovery import DISCOVERY_CODES
from smart_app.team.errors import TEAM_ERRORS
from smart_app.team.texts import ACCOUNT_PROBLEMS, ENROLMENT_PROBLEMS, GLASS_REASONS, ROLES


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (ROLES, STAFF),
        (GLASS_REASONS, set(GlassReason)),
        (ENROLMENT_PROBLEMS, set(EnrolmentProblem)),
        (ACCOUNT_PROBLEMS, set(AccountProblem)),
    ],
    ids=["roles", "reasons to break the glass", "enrolment", "accounts"],
)
def test_a_table_is_complete(table: dict[object, str], codes: set[object]) -> None:
    assert set(table) == codes
    assert all(table.values())


def test_every_error_says_what_to_do() -> None:
    assert set(DISCOVERY_CODES.values()) <= set(TEAM_ERRORS)
    for code, text in TEAM_ERRORS.items():
        assert 400 <= text.status < 600, code
        assert text.title, code
        assert text.advice.endswith("."), code
